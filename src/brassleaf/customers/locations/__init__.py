"""Customer locations: the addresses of a customer."""
