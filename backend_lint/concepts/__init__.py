"""What calls and values mean for a back end, whatever the library."""
