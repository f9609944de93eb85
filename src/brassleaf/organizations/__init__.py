"""The organization: its settings and defaults, and who is signed in."""
