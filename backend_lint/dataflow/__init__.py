"""Where values come from, across functions and files."""
