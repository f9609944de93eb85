"""Ferrules: what is crimped around hose and fitting."""
