"""Regular expressions as data: what a pattern means and how long a match can take."""
