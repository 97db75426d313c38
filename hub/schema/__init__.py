"""What arrives and what it looks like: the dictionary of events and traits."""
