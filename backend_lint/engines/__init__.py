"""Engines other than our own, behind one protocol."""
