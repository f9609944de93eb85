"""Mail to people: through an SMTP server, or into a folder where an operator finds it."""
