"""Who calls and what they may do: keys, passwords, tokens, roles, and the rooms that endpoints are declared in."""
