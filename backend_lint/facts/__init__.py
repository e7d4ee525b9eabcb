"""What one file tells the project: its functions in flow form, serialisable and symbolic."""
