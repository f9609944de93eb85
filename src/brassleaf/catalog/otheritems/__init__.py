"""Other items: whatever else a shop sells."""
