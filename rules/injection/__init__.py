"""Untrusted data that becomes code of another language."""
