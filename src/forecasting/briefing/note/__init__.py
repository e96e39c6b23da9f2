"""The methodology note of a programme: one content object, written as PDF or DOCX."""

from forecasting.briefing.note.content import Note, compose_note
from forecasting.briefing.note.files import write_note

__all__ = ["Note", "compose_note", "write_note"]
