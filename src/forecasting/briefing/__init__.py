"""The briefing: blocks of a page, charts, and the exporter that turns a notebook into a PDF."""
