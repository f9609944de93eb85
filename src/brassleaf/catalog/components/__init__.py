"""Items of a chosen type, in lists and in Excel: what the contract calls components."""
