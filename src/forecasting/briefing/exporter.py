"""From blocks to a tagged PDF, and from an executed notebook to its blocks."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbconvert.exporters import Exporter
from traitlets import default

from forecasting.briefing.blocks import MIME_TYPE, Block, Columns, Document, Heading, read_block
from forecasting.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nbformat import NotebookNode

FACES = ("Regular", "Semibold", "Bold")


class BriefingExporter(Exporter):
    """Turns an executed notebook into the PDF its blocks describe.

    Only outputs that are blocks count, in the order of the notebook; code, text cells and other
    outputs are left out. ``jupyter nbconvert --to briefing executed.ipynb`` uses this class.
    """

    export_from_notebook = "Briefing"
    output_mimetype = "application/pdf"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".pdf"

    def from_notebook_node(  # type: ignore[override]  # the result is a file, not a notebook
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[bytes, dict[str, Any]]:
        """Return the PDF of a notebook and nbconvert's resources.

        Parameters
        ----------
        nb : nbformat.NotebookNode
            Executed notebook.
        resources : dict, optional
            Kept by nbconvert between its steps.
        **options
            Handed on to nbconvert.

        Raises
        ------
        InputError
            A cell ended in an error, a block cannot be read, or there is no document head or
            more than one.
        """
        copy, resources = super().from_notebook_node(nb, resources, **options)
        document, blocks = collect_blocks(copy)
        return render_pdf(document, blocks), resources


def collect_blocks(notebook: NotebookNode) -> tuple[Document, list[Block]]:
    """Return the document's head and the blocks that a notebook's outputs hold.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Executed notebook.

    Returns
    -------
    Document, list of Block

    Raises
    ------
    InputError
        A cell ended in an error, a block cannot be read, or there is no document head or more
        than one.
    """
    found = [
        read_block(output["data"][MIME_TYPE], where=f"cell {number}")
        for number, output in _outputs(notebook)
        if MIME_TYPE in output.get("data", {})
    ]
    heads = [item for item in found if isinstance(item, Document)]
    if len(heads) != 1:
        raise InputError(
            f"{len(heads)} document heads in the outputs",
            where="notebook",
            expected="one: a cell that displays the Document",
            action="execute the notebook before it is exported" if not heads else None,
        )
    return heads[0], [item for item in found if not isinstance(item, Document)]


def _outputs(notebook: NotebookNode) -> Iterator[tuple[int, NotebookNode]]:
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                raise InputError(
                    f"the cell ended in an error: {output.ename}: {output.evalue}",
                    where=f"cell {number}",
                    expected="a notebook executed to its end",
                )
            yield number, output


def render_pdf(document: Document, blocks: Sequence[Block]) -> bytes:
    """Set a document as tagged PDF (PDF/A-2a and PDF/UA-1).

    The same document and blocks give the same bytes, anywhere and at any time: fonts are those of
    the installed package and the file's date is the date of the data.

    Parameters
    ----------
    document : Document
    blocks : sequence of Block

    Returns
    -------
    bytes

    Raises
    ------
    InputError
        A heading skips a level, a character is in none of the fonts, or a drawing is damaged.
    """
    import typst

    _check_levels(blocks)
    content = {"document": document.to_json(), "blocks": [block.to_json() for block in blocks]}
    with tempfile.TemporaryDirectory(prefix="briefing-") as folder:
        try:
            pdf = typst.compile(
                files("forecasting.briefing").joinpath("template.typ").read_bytes(),
                root=folder,
                font_paths=_fonts(Path(folder)),
                sys_inputs={"briefing": json.dumps(content)},
                pdf_standards=["a-2a", "ua-1"],
                timestamp=_timestamp(document.data_date),
            )
        except typst.TypstError as error:
            raise InputError(
                error.message,
                where=f"briefing {document.title!r}",
                expected="characters that Source Sans Pro has, and drawings in SVG",
            ) from error
    return bytes(pdf)


def _fonts(folder: Path) -> Any:
    """Copy the faces in use, TrueType only, and return them as all the fonts there are."""
    import font_source_sans_pro
    import typst

    for face in FACES:
        shutil.copy(Path(font_source_sans_pro.font_directory) / f"SourceSansPro-{face}.ttf", folder)
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]
    )


def _timestamp(data_date: str) -> int:
    day = dt.date.fromisoformat(data_date)
    return int(dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC).timestamp())


def _check_levels(blocks: Iterable[Block]) -> None:
    last = 1
    for heading in _headings(blocks):
        if heading.level > last + 1:
            raise InputError(
                f"heading {heading.text!r} has level {heading.level} after level {last}",
                where="blocks",
                expected=f"level {last + 1} at most",
            )
        last = heading.level


def _headings(blocks: Iterable[Block]) -> Iterator[Heading]:
    """Return headings in reading order; a box of messages opens a section of its own."""
    for block in blocks:
        if isinstance(block, Heading):
            yield block
        elif block.block == "messages":
            yield Heading(block.title)
        elif isinstance(block, Columns):
            yield from _headings([*block.left, *block.right])
