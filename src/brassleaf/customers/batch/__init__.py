"""Many customers in one call, for ERP systems."""
