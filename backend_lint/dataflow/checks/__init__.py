"""What makes a value safe: tests that control passed, and what schemas declare."""
