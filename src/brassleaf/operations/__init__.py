"""What an operator does with a server: found a shop, manage its people, back up, restore, check. Knows no terminal."""
