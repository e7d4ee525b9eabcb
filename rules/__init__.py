"""The rules: one module and one page each, found by existence."""
