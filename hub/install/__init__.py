"""Installing a hub on a machine: its settings, its unit, its site in the proxy."""
