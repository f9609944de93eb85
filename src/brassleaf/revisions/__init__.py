"""The life cycle that hose assemblies, kits, estimates and work orders share."""
