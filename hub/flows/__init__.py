"""The sentences of the hub: each file orders the steps of one thing that happens."""
