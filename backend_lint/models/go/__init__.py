"""Model rows of go libraries; data only."""
