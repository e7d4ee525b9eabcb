"""Contracts of HTTP APIs."""
