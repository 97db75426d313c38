"""A shop to try the hub on: catalogue, storefront and simulated shoppers."""
