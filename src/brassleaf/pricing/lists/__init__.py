"""Price lists: prices and quantity breaks by item, and defaults for what has no price of its own."""
