"""The history of calls that programs made with API keys."""
