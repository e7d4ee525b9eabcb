"""What libraries do, as data: `models/<language>/<library>.toml`."""
