"""A static reviewer for back-end repositories in Python, JavaScript, TypeScript, Go and SQL."""

__version__ = "0.1.0"
