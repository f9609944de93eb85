"""Brands: those that items are of, and what the organization says of them."""
