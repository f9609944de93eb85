"""Versions of hose kits: release, new version, revision, rollback."""
