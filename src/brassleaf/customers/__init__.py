"""Customers: who buys, with their units, currency and default discounts."""
