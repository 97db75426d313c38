"""Which products go together, learned from what people look at."""
