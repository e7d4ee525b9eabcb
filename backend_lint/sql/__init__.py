"""SQL in programs and files: parsed, never guessed. The only importer of sqlglot."""
