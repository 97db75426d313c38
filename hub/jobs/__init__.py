"""What happens by the clock. The scheduler only ticks: what is due is decided by rows."""
