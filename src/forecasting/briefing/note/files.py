"""A methodology note as a file: PDF by the exporter of the briefings, DOCX to be edited."""

from __future__ import annotations

from pathlib import Path

from forecasting.briefing.note.content import Note
from forecasting.errors import InputError
from forecasting.tables import write_bytes


def write_note(note: Note, path: str | Path) -> Path:
    """Write a note as PDF or DOCX, by the ending of the file; whole or not at all.

    The same note gives the same bytes.

    Raises
    ------
    InputError
        For another ending.
    OutputError
        If the file cannot be written.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending == ".pdf":
        from forecasting.briefing.exporter import render_pdf

        content = render_pdf(note.document, note.blocks)
    elif ending == ".docx":
        from forecasting.briefing.note.word import render_docx

        content = render_docx(note.document, note.blocks)
    else:
        raise InputError(f"output file '{path.name}'", expected="a name that ends in .pdf or .docx")
    write_bytes(content, path)
    return path
