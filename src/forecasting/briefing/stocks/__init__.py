"""The reports on stocks: the occupancy of a centre, and a processing backlog."""
