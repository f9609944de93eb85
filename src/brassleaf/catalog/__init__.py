"""The catalogue: items that every organization may use, each organization's own, and what it says of both."""
