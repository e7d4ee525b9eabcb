"""Work per request and per row."""
