"""From blocks to a Word document that a ministry can edit: real styles, tables, page numbers."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from forecasting.briefing.blocks import (
    GREY,
    NAVY,
    Block,
    Document,
    Heading,
    Messages,
    PageBreak,
    Paragraph,
    Table,
    Text,
)
from forecasting.errors import InputError

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.table import Table as WordTable

_FONT = "Calibri"
_LOCALES = {"en": "en-GB", "fi": "fi-FI", "sl": "sl-SI", "sv": "sv-SE"}
_SHADE = "EDF3F8"
_WIDTH_CM, _MARGIN_CM = 17.0, 2.0
_STYLES = {
    "Normal": (10, None),
    "Title": (20, NAVY),
    "Subtitle": (11, GREY),
    "Heading 1": (14, NAVY),
    "Heading 2": (11, NAVY),
    "Caption": (9, NAVY),
}
_NOTE, _SPACE_PT = "Table Note", 4
_SPACE_ABOVE_PT = {"Heading 1": 16, "Heading 2": 10, "Caption": 4}
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def render_docx(document: Document, blocks: Sequence[Block]) -> bytes:
    """Set a document as DOCX; the same content gives the same bytes.

    Headings have Word's own styles (level 2 is ``Heading 1``), tables repeat their header row on
    each page, the language of the text is set, and the foot of each page has the page number.

    Parameters
    ----------
    document : Document
    blocks : sequence of Block
        Headings, paragraphs, tables, messages and page breaks.

    Returns
    -------
    bytes

    Raises
    ------
    InputError
        For a block that only the PDF can hold, such as a figure.
    """
    import docx

    word = docx.Document()
    _set_up(word, document)
    word.add_paragraph(document.kind, style="Subtitle")
    word.add_paragraph(document.title, style="Title")
    word.add_paragraph(document.subtitle, style="Subtitle")
    for block in blocks:
        _add(word, block)
    buffer = io.BytesIO()
    word.save(buffer)
    return _without_dates(buffer.getvalue())


def _add(word: WordDocument, block: Block) -> None:
    match block:
        case Heading():
            word.add_heading(block.text, level=block.level - 1)
        case Paragraph():
            _write(word.add_paragraph(), block.text)
        case Messages():
            word.add_heading(block.title, level=1)
            for item in block.items:
                _write(word.add_paragraph(style="List Bullet"), item)
        case Table():
            _add_table(word, block)
        case PageBreak():
            word.add_page_break()  # type: ignore[no-untyped-call]
        case _:
            raise InputError(
                f"block '{block.block}'",
                where="DOCX",
                expected="heading, paragraph, table, messages or page_break",
            )


def _write(paragraph: Any, text: Text, *, bold: bool = False) -> None:
    """Add a text to a paragraph, run by run."""
    if isinstance(text, str):
        paragraph.add_run(text).bold = bold or None
        return
    for run in text:
        paragraph.add_run(run.text).bold = bold or run.bold or None


def _add_table(word: WordDocument, block: Table) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm

    if block.caption:
        caption = word.add_paragraph(style="Caption")
        caption.paragraph_format.keep_with_next = True
        _write(caption, block.caption)
    table = word.add_table(rows=1 + len(block.rows), cols=len(block.columns), style="Table Grid")
    table.autofit = False
    weights = [column.width or 1.0 for column in block.columns]
    labels = [column.label for column in block.columns]
    for column, weight in zip(table.columns, weights, strict=True):
        column.width = Cm(_WIDTH_CM * weight / sum(weights))
    for number, (row, texts) in enumerate(zip(table.rows, [labels, *block.rows], strict=True)):
        cells = row.cells
        bold = number == 0 or number - 1 in block.emphasis
        for cell, text, column, weight in zip(cells, texts, block.columns, weights, strict=True):
            cell.width = Cm(_WIDTH_CM * weight / sum(weights))
            paragraph = cell.paragraphs[0]
            paragraph.alignment = getattr(WD_ALIGN_PARAGRAPH, column.align.upper())
            paragraph.paragraph_format.space_after = 0
            _write(paragraph, text, bold=bold)
    _mark_rows(table)
    note = word.add_paragraph(style=_NOTE)
    _write(note, block.note)


def _mark_rows(table: WordTable) -> None:
    """Repeat the first row on each page, shade it, and keep every row on one page."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for number, row in enumerate(table.rows):
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if number == 0:
            properties.append(OxmlElement("w:tblHeader"))
            for cell in row.cells:
                shade = OxmlElement("w:shd")
                shade.set(qn("w:val"), "clear")
                shade.set(qn("w:fill"), _SHADE)
                cell._tc.get_or_add_tcPr().append(shade)


def _set_up(word: WordDocument, document: Document) -> None:
    """Set page, styles, language, properties and foot."""
    from docx.shared import Cm

    section = word.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(_MARGIN_CM)
    section.top_margin = section.bottom_margin = Cm(_MARGIN_CM)
    _set_styles(word, _LOCALES.get(document.language, document.language))
    _set_properties(word, document)
    _set_footer(section.footer.paragraphs[0], document.footer)


def _set_styles(word: WordDocument, locale: str) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    for name, (size, colour) in _STYLES.items():
        font = word.styles[name].font
        font.name, font.size = _FONT, Pt(size)
        fonts = word.styles[name].element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        if colour:
            font.color.rgb = RGBColor.from_string(colour.lstrip("#"))
    note = word.styles.add_style(_NOTE, WD_STYLE_TYPE.PARAGRAPH)
    note.base_style = word.styles["Normal"]
    note.font.size, note.font.color.rgb = Pt(8), RGBColor.from_string(GREY.lstrip("#"))
    word.styles["Normal"].paragraph_format.space_after = Pt(_SPACE_PT)
    for name, points in _SPACE_ABOVE_PT.items():
        word.styles[name].paragraph_format.space_before = Pt(points)
        word.styles[name].paragraph_format.space_after = Pt(_SPACE_PT)
    for language in word.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), locale)


def _set_properties(word: WordDocument, document: Document) -> None:
    day = dt.date.fromisoformat(document.data_date)
    moment = dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC)
    properties = word.core_properties
    properties.title, properties.subject = document.title, document.description
    properties.author = properties.last_modified_by = document.author
    properties.keywords = ", ".join(document.keywords)
    properties.language = _LOCALES.get(document.language, document.language)
    properties.comments = document.footer
    properties.created = properties.modified = moment


def _set_footer(paragraph: Any, text: str) -> None:
    """Write the foot of each page: what the document is, then page and number of pages."""
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.shared import Cm, Pt

    paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(_WIDTH_CM), WD_TAB_ALIGNMENT.RIGHT)
    paragraph.style.font.size = Pt(8)
    paragraph.style.font.name = _FONT
    paragraph.add_run(f"{text}\t")
    _add_field(paragraph, "PAGE")
    paragraph.add_run(" / ")
    _add_field(paragraph, "NUMPAGES")


def _add_field(paragraph: Any, name: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _without_dates(archive: bytes) -> bytes:
    """Replace the times at which the parts of the archive were written."""
    copy = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(copy, "w") as new:
        for name in old.namelist():
            part = zipfile.ZipInfo(name, _ZIP_DATE)
            new.writestr(part, old.read(name), zipfile.ZIP_DEFLATED)
    return copy.getvalue()
