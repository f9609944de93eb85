"""What a hose kit is made of: its lines, listed with their items, added, changed and taken off."""
