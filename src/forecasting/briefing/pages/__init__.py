"""The parts of a briefing beside its first page."""
