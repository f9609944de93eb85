"""Product groups, suppliers and locations: small lists of an organization's own, which share one shape."""
