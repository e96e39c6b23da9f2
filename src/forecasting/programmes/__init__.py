"""Programmes: what they promise, what it is derived from, and whether it will be met."""
