"""Model rows of javascript libraries; data only."""
