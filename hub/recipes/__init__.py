"""What a shop installs, per platform: templates filled in with the hub's address and its key."""
