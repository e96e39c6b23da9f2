"""The report on proposed targets."""
