"""The report on what an activation programme saves, and its page of the briefing."""
