"""What operations do to bins, one file for each kind of value."""
