"""Stocks: length of stay, occupancy and backlog, functions of the same sample paths."""
