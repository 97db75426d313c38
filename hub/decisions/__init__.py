"""What a page shows: pure functions of configuration, facts, page and moment."""
