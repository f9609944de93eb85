"""The audit trail as it is read: who changed what, when, from what to what. `store.trail` is what writes it."""
