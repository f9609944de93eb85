"""Customer items: what is agreed with one customer for one item, its price and the days on which it holds."""
