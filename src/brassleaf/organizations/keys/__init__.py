"""The API keys of an organization."""
