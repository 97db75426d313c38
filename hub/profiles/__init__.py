"""What is known of a node, kept as it comes in, and how nodes add up to a person."""
