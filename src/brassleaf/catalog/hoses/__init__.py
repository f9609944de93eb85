"""Hoses: the kind that everything else is crimped to."""
