"""Measures the linter against the budgets it has to keep: `python -m benchmarks`."""
