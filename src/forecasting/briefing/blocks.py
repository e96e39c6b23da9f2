"""Building blocks of a briefing page: plain data, independent of the subject.

A block holds finished words and numbers only. It displays itself in a notebook (as HTML for the
reader, as JSON for the exporter), so an executed notebook carries everything the PDF needs.
"""

from __future__ import annotations

import datetime as dt
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from html import escape
from string import Formatter
from typing import TYPE_CHECKING, Annotated, Any, Literal

from forecasting.errors import InputError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

MIME_TYPE = "application/vnd.forecasting.block+json"
"""Type under which a block is stored in a notebook's outputs."""

NAVY, ORANGE, GREY = "#12304F", "#AD4E17", "#595959"


@dataclass(frozen=True)
class Run:
    """A stretch of text in one weight."""

    text: str
    bold: bool = False


Text = str | tuple[Run, ...]
"""Plain text, or the runs that `rich` returns. Neither is ever read as markup."""


def rich(template: str, **values: str) -> tuple[Run, ...]:
    """Split a translated sentence into runs, ``**bold**`` in the template being the only markup.

    Parameters
    ----------
    template : str
        Sentence with named fields, for example ``"**{share}** of {total}"``. A brace is doubled.
    **values : str
        Text for the fields. Asterisks or braces in a value stay what they are.

    Returns
    -------
    tuple of Run
        Neighbouring runs differ in weight; no run is empty.

    Raises
    ------
    InputError
        A field has no value, a field is not a plain name, or ``**`` is opened and not closed.
    """
    pieces: list[Run] = []
    bold = False
    for literal, name, spec, conversion in _parse(template):
        for index, part in enumerate(literal.split("**")):
            bold = bold != (index > 0)
            pieces.append(Run(part, bold))
        if name is not None:
            if name not in values or spec or conversion:
                raise InputError(
                    f"field {{{name}}} cannot be filled",
                    where=f"text {template!r}",
                    expected=f"one of {sorted(values)}, without a format",
                )
            pieces.append(Run(values[name], bold))
    if bold:
        raise InputError("'**' is opened and not closed", where=f"text {template!r}")
    return _joined(pieces)


def _parse(template: str) -> list[tuple[str, str | None, str | None, str | None]]:
    try:
        return list(Formatter().parse(template))
    except ValueError as error:
        raise InputError(str(error), where=f"text {template!r}", expected="{name}") from error


def _joined(pieces: Sequence[Run]) -> tuple[Run, ...]:
    runs: list[Run] = []
    for piece in pieces:
        if runs and runs[-1].bold == piece.bold:
            runs[-1] = Run(runs[-1].text + piece.text, piece.bold)
        elif piece.text:
            runs.append(piece)
    return tuple(runs)


def plain(text: Text) -> str:
    """Return the words of a text without their weight."""
    return text if isinstance(text, str) else "".join(run.text for run in text)


_MATH = str.maketrans({"$": "<span>$</span>", "\\": "<span>\\</span>"})
"""Jupyter hands HTML to MathJax, which looks for its signs within an element, never across two."""


def _html(text: Text) -> str:
    if isinstance(text, str):
        return escape(text).translate(_MATH)
    return "".join(f"<b>{_html(r.text)}</b>" if r.bold else _html(r.text) for r in text)


def _tag(name: str, content: str, style: str = "", **attributes: str) -> str:
    given = attributes | ({"style": style} if style else {})
    written = "".join(f' {key.replace("_", "-")}="{escape(given[key])}"' for key in given)
    return f"<{name}{written}>{content}</{name}>"


class Displayed(ABC):
    """What a notebook shows: every block, and the document's own head."""

    def to_json(self) -> dict[str, Any]:
        """Return the block as JSON data: dicts, lists, strings, numbers, None."""
        return asdict(self)  # type: ignore[call-overload, no-any-return]

    @abstractmethod
    def to_html(self) -> str:
        """Return the block as HTML, every text escaped."""

    def _repr_mimebundle_(self, **_options: object) -> dict[str, Any]:
        return {MIME_TYPE: self.to_json(), "text/html": self.to_html(), "text/plain": repr(self)}


@dataclass(frozen=True)
class Document(Displayed):
    """The head of a briefing and what the PDF says about itself.

    Parameters
    ----------
    language : str
        Two-letter language code of the whole text.
    title, subtitle : str
        The finding, in one sentence, and the line under it.
    kind : str
        What sort of document this is; the small line above the title.
    date : str
        Date of the document, written for the reader.
    footer : str
        Left part of the line at the foot of each page: data date, model version, run id.
    data_date : str
        Date of the data, ISO (``"2024-12-31"``); the only date that enters the file itself.
    author, description : str
        Kept in the file's properties.
    keywords : sequence of str
        Kept in the file's properties.

    Raises
    ------
    InputError
        Language or date is not written as expected, or the title is empty.
    """

    language: str
    title: str
    subtitle: str
    kind: str
    date: str
    footer: str
    data_date: str
    author: str
    description: str = ""
    keywords: Sequence[str] = ()
    block: Literal["document"] = "document"

    def __post_init__(self) -> None:
        if not re.fullmatch("[a-z]{2}", self.language):
            raise InputError(
                f"language {self.language!r}", where="document", expected="two lower-case letters"
            )
        if not self.title.strip():
            raise InputError("the title is empty", where="document")
        try:
            dt.date.fromisoformat(self.data_date)
        except ValueError as error:
            raise InputError(
                f"data_date {self.data_date!r}", where="document", expected="YYYY-MM-DD"
            ) from error

    def to_html(self) -> str:
        """Return the head of the page as HTML."""
        return (
            _tag("p", _html(f"{self.kind} · {self.date}"), f"color:{ORANGE};margin:0")
            + _tag("h1", _html(self.title), f"color:{NAVY};margin:0", lang=self.language)
            + _tag("p", _html(self.subtitle), f"color:{GREY};margin:0")
        )


@dataclass(frozen=True)
class Messages(Displayed):
    """Box with a title and a bulleted list."""

    title: str
    items: Sequence[Text]
    block: Literal["messages"] = "messages"

    def to_html(self) -> str:
        """Return a section with a list."""
        items = "".join(_tag("li", _html(item)) for item in self.items)
        inner = _tag("h2", _html(self.title), f"color:{ORANGE}") + _tag("ul", items)
        return _tag("section", inner, f"border-left:4px solid {ORANGE};padding:0 1em")


@dataclass(frozen=True)
class Tile:
    """One figure that stands for itself: what it is, its value, what to hold it against."""

    label: Text
    value: str
    note: Text = ""


@dataclass(frozen=True)
class Tiles(Displayed):
    """A row of tiles of equal width."""

    items: Sequence[Tile]
    block: Literal["tiles"] = "tiles"

    def to_html(self) -> str:
        """Return the tiles as boxes side by side."""
        boxes = "".join(
            _tag(
                "div",
                f"{_html(t.label)}<br>{_tag('b', _html(t.value), 'font-size:1.6em')}"
                f"<br>{_html(t.note)}",
                "flex:1;background:#EDF3F8;padding:.6em",
            )
            for t in self.items
        )
        return _tag("div", boxes, "display:flex;gap:.6em")


@dataclass(frozen=True)
class Heading(Displayed):
    """A heading under the document's title: level 2 for a section, 3 for a part of one."""

    text: str
    level: Literal[2, 3] = 2
    block: Literal["heading"] = "heading"

    def __post_init__(self) -> None:
        if self.level not in (2, 3):
            raise InputError(
                f"heading level {self.level}",
                where=f"heading {self.text!r}",
                expected="2 or 3 (1 is the document's title)",
            )

    def to_html(self) -> str:
        """Return a heading of the same level."""
        return _tag(f"h{self.level}", _html(self.text), f"color:{NAVY}")


@dataclass(frozen=True)
class Paragraph(Displayed):
    """Running text; small for what is looked up, sticky to stay with what follows it."""

    text: Text
    small: bool = False
    sticky: bool = False
    block: Literal["paragraph"] = "paragraph"

    def to_html(self) -> str:
        """Return a paragraph."""
        return _tag("p", _html(self.text), "font-size:.9em" if self.small else "")


@dataclass(frozen=True)
class Figure(Displayed):
    """A chart with its caption above and its note below.

    Parameters
    ----------
    id : str
        Name for messages about this figure.
    caption : str or tuple of Run
        With the word for "Figure" and its number, in the document's language.
    alt : str
        What the chart shows, for readers who do not see it.
    svg : str
        The drawing, an ``<svg>`` element. It is scaled to the width of its place.
    note : str or tuple of Run, optional
        Bands, source, unit.

    Raises
    ------
    InputError
        The alternative text is empty, or the drawing is no SVG.
    """

    id: str
    caption: Text
    alt: str
    svg: str = field(repr=False)
    note: Text = ""
    block: Literal["figure"] = "figure"

    def __post_init__(self) -> None:
        where = f"figure {self.id!r}"
        if not self.alt.strip():
            raise InputError(
                "no alternative text", where=where, expected="a sentence that says what it shows"
            )
        if "<svg" not in self.svg:
            raise InputError("the drawing is not an SVG", where=where, expected="<svg ...>")

    def to_html(self) -> str:
        """Return the drawing in line, labelled by its alternative text."""
        drawing = self.svg[self.svg.index("<svg") :]
        image = _tag("div", drawing, role="img", aria_label=self.alt)
        caption = _tag("figcaption", _html(self.caption))
        return _tag("figure", caption + image + _tag("small", _html(self.note)))


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    label : str
        Heading of the column.
    align : {"left", "center", "right"}
        Numbers stand right.
    width : float, optional
        Share of the free width in relation to the other columns' shares; without it, the column
        is as wide as its widest cell and never wraps.
    """

    label: str
    align: Literal["left", "center", "right"] = "left"
    width: float | None = None


@dataclass(frozen=True)
class Table(Displayed):
    """A table with one row of headings.

    Parameters
    ----------
    caption : str or tuple of Run
        With the word for "Table" and its number; may be empty under a heading.
    columns : sequence of Column
    rows : sequence of sequence of (str or tuple of Run)
        Cells, already written in the document's language.
    emphasis : sequence of int
        Rows (counted from 0) set in bold on a shade.
    note : str or tuple of Run, optional

    Raises
    ------
    InputError
        A row has more or fewer cells than there are columns, or an emphasised row is missing.
    """

    caption: Text
    columns: Sequence[Column]
    rows: Sequence[Sequence[Text]]
    emphasis: Sequence[int] = ()
    note: Text = ""
    block: Literal["table"] = "table"

    def __post_init__(self) -> None:
        where = f"table {plain(self.caption)!r}"
        for number, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise InputError(
                    f"row {number} has {len(row)} cells",
                    where=where,
                    expected=f"{len(self.columns)} cells",
                )
        for number in self.emphasis:
            if not 0 <= number < len(self.rows):
                raise InputError(
                    f"emphasised row {number}", where=where, expected=f"0 to {len(self.rows) - 1}"
                )

    def to_html(self) -> str:
        """Return a table with a caption and column headings."""
        align = [f"text-align:{column.align}" for column in self.columns]
        head = "".join(
            _tag("th", _html(column.label), style, scope="col")
            for column, style in zip(self.columns, align, strict=True)
        )
        body = "".join(
            _tag(
                "tr",
                "".join(_tag("td", _html(c), a) for c, a in zip(row, align, strict=True)),
                "font-weight:bold;background:#EDF3F8" if number in self.emphasis else "",
            )
            for number, row in enumerate(self.rows)
        )
        parts = _tag("thead", _tag("tr", head)) + _tag("tbody", body)
        table = _tag("table", _tag("caption", _html(self.caption)) + parts, "width:100%")
        return table + _tag("small", _html(self.note))


@dataclass(frozen=True)
class Columns(Displayed):
    """Two groups of blocks side by side."""

    left: Sequence[Block]
    right: Sequence[Block]
    block: Literal["columns"] = "columns"

    def to_html(self) -> str:
        """Return two boxes of equal width."""
        halves = "".join(
            _tag("div", "".join(block.to_html() for block in half), "flex:1")
            for half in (self.left, self.right)
        )
        return _tag("div", halves, "display:flex;gap:2em")


@dataclass(frozen=True)
class PageBreak(Displayed):
    """What follows begins on a new page."""

    block: Literal["page_break"] = "page_break"

    def to_html(self) -> str:
        """Return a line across the page."""
        return "<hr>"


Block = Messages | Tiles | Heading | Paragraph | Figure | Table | Columns | PageBreak


@cache
def _reader() -> TypeAdapter[Document | Block]:
    from pydantic import Discriminator, TypeAdapter

    return TypeAdapter(Annotated[Document | Block, Discriminator("block")])


def read_block(content: Mapping[str, Any], *, where: str = "block") -> Document | Block:
    """Build the block that `Displayed.to_json` wrote.

    Parameters
    ----------
    content : mapping
        JSON data of a block or of the document's head.
    where : str
        Where it was found, for the message.

    Raises
    ------
    InputError
        A key is missing, or a value is of the wrong type or refused by the block.
    """
    from pydantic import ValidationError

    try:
        return _reader().validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(
            f"{place}: {first['msg']}" if place else first["msg"],
            where=where,
            expected="a block as the building blocks of this version write it",
        ) from error
