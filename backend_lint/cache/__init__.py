"""What earlier runs found out: the records of files and the findings of project rules."""
