"""Orders and products as entities: every sighting is in the log, the best one is the state."""
