"""Versions of hose assemblies: release, new version, revision, rollback, copies."""
