"""The customers that hose assemblies are sold to."""
