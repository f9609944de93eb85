"""The wire conventions: envelope, list queries, errors, ids, files, limits. Nothing here knows a resource."""
