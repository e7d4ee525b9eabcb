"""Rules about how this linter is used."""
