"""Stored data and the schema."""
