"""Crimp fittings: the ends of an assembly."""
