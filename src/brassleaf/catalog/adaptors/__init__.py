"""Adaptors: from one end to another, without a hose."""
