"""From the wire to log entries: pure functions, no database and no clock."""
