"""Items of every type together."""
