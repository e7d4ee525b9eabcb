"""Model rows of python libraries; data only."""
