"""Pictures that belong to records: one each, kept in the store, so that every server of a shop has them."""
