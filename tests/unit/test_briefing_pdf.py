"""The PDF: accessible, archivable, the same bytes everywhere, and free of surprises in text."""

from __future__ import annotations

import io
import re
from importlib.resources import files
from itertools import combinations
from typing import TYPE_CHECKING

import nbformat
import pikepdf
import pytest
from pypdf import PdfReader

from forecasting.briefing.blocks import (
    Block,
    Column,
    Columns,
    Document,
    Figure,
    Heading,
    Messages,
    PageBreak,
    Paragraph,
    Table,
    Tile,
    Tiles,
    rich,
)
from forecasting.briefing.exporter import BriefingExporter, collect_blocks, render_pdf
from forecasting.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 482 {h}"><path d="M0 0L482 {h}"/></svg>'
DOCUMENT = Document(
    language="sl",
    title="Cilj za leto 2029 bo presežen že prej, kot je bilo načrtovano",
    subtitle="Število oseb, ki prejmejo pomoč",
    kind="Napoved in cilji",
    date="27. november 2024",
    footer="Podatki do septembra 2024 · zagon a41f",
    data_date="2024-09-30",
    author="Urad za napovedi",
    description="Kazalnik O.1.1",
    keywords=["azil", "AMIF"],
)
TABLE = Table(
    rich("**Tabela 1.** Vrednosti"),
    [Column("Kazalnik", width=1.0), Column("P80", "right")],
    [["mejnik 2024", "10.644"], ["cilj 2029", "−17.740"]],
    emphasis=[1],
    note="Opomba pod tabelo.",
)


def figure(height: int = 200) -> Figure:
    return Figure("fan", rich("**Slika 1.** Pot"), "Črta pada.", SVG.format(h=height), "Vir.")


BLOCKS: list[Block] = [
    Messages("Ključna sporočila", [rich("**Čšž** {x}.", x="1.234,5"), "Drugo sporočilo."]),
    Tiles([Tile("zadnji podatek", "565", "−12 na avgust"), Tile("mediana", "54.017")]),
    figure(),
    Heading("Obeti"),
    Heading("Podrobnosti", 3),
    Paragraph("Odstavek."),
    TABLE,
    Columns([Heading("Metoda"), Paragraph("Levo.")], [Heading("Stik"), Paragraph("Desno.")]),
    PageBreak(),
    Paragraph("Zadnja stran."),
]


@pytest.fixture(scope="module")
def content() -> bytes:
    return render_pdf(DOCUMENT, BLOCKS)


@pytest.fixture
def pdf(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(content))


def elements(node: pikepdf.Object) -> list[pikepdf.Dictionary]:
    """Structure elements in reading order."""
    if isinstance(node, pikepdf.Array):
        return [element for child in node for element in elements(child)]
    if not isinstance(node, pikepdf.Dictionary):
        return []
    inner = elements(node.K) if "/K" in node else []
    return [node, *inner] if "/S" in node else inner


def tags(pdf: pikepdf.Pdf) -> list[str]:
    return [str(element.S)[1:] for element in elements(pdf.Root.StructTreeRoot.K)]


def page_texts(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def notebook(*shown: object, error: str | None = None) -> nbformat.NotebookNode:
    book = nbformat.v4.new_notebook()
    for block in shown:
        data = block._repr_mimebundle_()
        output = nbformat.v4.new_output("display_data", data)
        stream = nbformat.v4.new_output("stream", text="noise")
        book.cells.append(nbformat.v4.new_code_cell("show", outputs=[stream, output]))
    if error:
        output = nbformat.v4.new_output("error", ename="ValueError", evalue=error)
        book.cells.append(nbformat.v4.new_code_cell("raise", outputs=[output]))
    return book


def test_the_file_declares_language_title_tags_and_standards(pdf: pikepdf.Pdf) -> None:
    assert str(pdf.Root.Lang) == "sl"
    assert pdf.Root.MarkInfo.Marked
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    with pdf.open_metadata() as meta:
        assert meta["dc:title"] == DOCUMENT.title
        assert meta["dc:creator"] == [DOCUMENT.author]
        assert meta["dc:description"] == DOCUMENT.description
        assert meta["pdf:Keywords"] == "azil, AMIF"
        assert meta["xmp:CreateDate"].startswith(DOCUMENT.data_date)
        assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "A")
        assert meta["pdfuaid:part"] == "1"


def test_the_structure_follows_the_reading_order(pdf: pikepdf.Pdf) -> None:
    order = [tag for tag in tags(pdf) if tag in {"H1", "H2", "H3", "L", "Figure", "Table"}]
    assert order == ["H1", "H2", "L", "Figure", "H2", "H3", "Table", "H2", "H2"]


def test_tables_have_headers_and_captions(pdf: pikepdf.Pdf) -> None:
    tree = elements(pdf.Root.StructTreeRoot.K)
    headers = [element for element in tree if element.S == "/TH"]
    assert len(headers) == 2
    assert all(b"/Scope /Column" in header.A.unparse(resolved=True) for header in headers)
    assert tags(pdf).count("TD") == 4
    assert tags(pdf).count("Caption") == 2


def test_every_figure_has_its_alternative_text(pdf: pikepdf.Pdf) -> None:
    tree = elements(pdf.Root.StructTreeRoot.K)
    assert [str(e.Alt) for e in tree if e.S == "/Figure"] == ["Črta pada."]


def test_all_fonts_are_embedded_and_one_family(pdf: pikepdf.Pdf) -> None:
    descriptors = [
        obj
        for obj in pdf.objects
        if isinstance(obj, pikepdf.Dictionary) and obj.get("/Type") == "/FontDescriptor"
    ]
    assert len(descriptors) >= 3
    for descriptor in descriptors:
        assert "/FontFile2" in descriptor
        assert re.fullmatch(r"/[A-Z]{6}\+SourceSansPro-\w+", str(descriptor.FontName))


def test_tiles_are_read_one_after_the_other(content: bytes) -> None:
    text = page_texts(content)[0]
    places = [text.index(w) for w in ("zadnji podatek", "565", "−12 na avgust", "54.017")]
    assert places == sorted(places)


def test_no_text_is_smaller_than_nine_points(content: bytes) -> None:
    sizes = set()

    def visit(text: str, cm: list[float], tm: list[float], _font: object, size: float) -> None:
        if text.strip():
            sizes.add(round(abs(size * tm[3] * cm[3]), 2))

    for page in PdfReader(io.BytesIO(content)).pages:
        page.extract_text(visitor_text=visit)
    assert min(sizes) >= 9
    assert len(sizes) >= 4


def test_each_page_has_its_number_and_later_ones_the_title(content: bytes) -> None:
    first, second = page_texts(content)
    assert "1 / 2" in first
    assert "2 / 2" in second
    assert all(DOCUMENT.footer in page for page in (first, second))
    assert first.count(DOCUMENT.date) == second.count(DOCUMENT.date) == 1
    assert DOCUMENT.title in second


def test_two_renders_from_two_directories_are_the_same_bytes(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert render_pdf(DOCUMENT, BLOCKS) == content
    assert list(tmp_path.iterdir()) == []


HOSTILE = '#set text(red) *x* _y_ <b> \\ $x$ @label `c` "q" -- // https://a.si /* [z] {w} ~'


@pytest.mark.parametrize("template", ["{x}", "**{x}**"])
def test_markup_in_text_shows_literally(template: str) -> None:
    value = rich(template, x=HOSTILE)
    blocks: list[Block] = [
        Messages(HOSTILE, [value]),
        Tiles([Tile("a", "b", "c")]),
        Heading(HOSTILE),
        Paragraph(value),
        Table(value, [Column(HOSTILE)], [[value]], note=value),
        Figure("f", value, HOSTILE, SVG.format(h=10), value),
    ]
    content = render_pdf(DOCUMENT, blocks)
    assert "".join(page_texts(content)).replace("\n", " ").count(HOSTILE) == 10
    with pikepdf.open(io.BytesIO(content)) as pdf:
        figures = [e for e in elements(pdf.Root.StructTreeRoot.K) if e.S == "/Figure"]
        assert str(figures[0].Alt) == HOSTILE


@pytest.mark.parametrize("lines", range(36, 52, 2))
@pytest.mark.parametrize(
    "follower",
    [TABLE, figure(150), Columns([Paragraph("Kazalnik " * 60)], [])],
    ids=lambda block: block.block,
)
def test_no_heading_is_left_behind_at_the_foot_of_a_page(follower: Block, lines: int) -> None:
    filler = [Paragraph(f"vrstica {n}") for n in range(lines)]
    pages = page_texts(render_pdf(DOCUMENT, [*filler, Heading("Naslov poglavja"), follower]))
    mark = {"table": "mejnik", "figure": "Slika", "columns": "Kazalnik"}[follower.block]
    (heading,) = [i for i, page in enumerate(pages) if "Naslov poglavja" in page]
    assert mark in pages[heading]


@pytest.mark.parametrize("lines", range(30, 44, 2))
def test_a_table_stays_on_one_page_with_caption_and_note(lines: int) -> None:
    filler = [Paragraph(f"vrstica {n}") for n in range(lines)]
    rows = [[f"k{n}k", "1"] for n in range(8)]
    table = Table("Tabela 1.", [Column("Kazalnik"), Column("n")], rows, note="Opomba pod tabelo.")
    pages = page_texts(render_pdf(DOCUMENT, [*filler, table]))
    parts = ["Tabela 1.", *(row[0] for row in rows), "Opomba pod"]
    assert len({i for part in parts for i, page in enumerate(pages) if part in page}) == 1


def test_a_table_longer_than_a_page_goes_on_with_its_header() -> None:
    table = Table("", [Column("Kazalnik"), Column("n")], [[f"k{n}k", "1"] for n in range(70)])
    pages = page_texts(render_pdf(DOCUMENT, [table]))
    assert len(pages) == 2
    assert all("Kazalnik" in page for page in pages)
    assert all(any(f"k{n}k" in page for page in pages) for n in range(70))


def test_a_character_without_a_glyph_is_an_error_not_a_blank() -> None:
    with pytest.raises(InputError, match="could not be displayed"):
        render_pdf(DOCUMENT, [Paragraph("漢字")])


def test_a_damaged_drawing_is_refused() -> None:
    with pytest.raises(InputError, match="SVG"):
        render_pdf(DOCUMENT, [Figure("f", "c", "a", "<svg><g></svg>")])


def test_a_skipped_heading_level_is_refused() -> None:
    with pytest.raises(InputError, match="'Del' has level 3 after level 1"):
        render_pdf(DOCUMENT, [Columns([Paragraph("a")], [Heading("Del", 3)])])


def test_the_exporter_gives_the_pdf_of_the_blocks(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "briefing.ipynb"
    nbformat.write(notebook(DOCUMENT, *BLOCKS), path)
    exporter = BriefingExporter()
    exported, resources = exporter.from_filename(str(path))
    assert exported == content
    assert resources["output_extension"] == exporter.file_extension == ".pdf"
    assert exporter.output_mimetype == "application/pdf"


def test_a_notebook_with_an_error_is_refused() -> None:
    with pytest.raises(InputError, match=r"cell 2: .*ValueError: no data"):
        BriefingExporter().from_notebook_node(notebook(DOCUMENT, error="no data"))


@pytest.mark.parametrize("count", [0, 2])
def test_a_notebook_needs_exactly_one_document_head(count: int) -> None:
    with pytest.raises(InputError, match=f"{count} document heads"):
        collect_blocks(notebook(*[DOCUMENT] * count, Paragraph("a")))


def test_a_stored_figure_that_lost_its_alternative_text_is_refused() -> None:
    book = notebook(DOCUMENT, figure())
    data = book.cells[1].outputs[1].data
    data["application/vnd.forecasting.block+json"]["alt"] = ""
    with pytest.raises(InputError, match="figure 'fan': no alternative text"):
        BriefingExporter().from_notebook_node(book)


def luminance(color: str) -> float:
    shares = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_text_stands_out_from_every_ground() -> None:
    source = files("forecasting.briefing").joinpath("template.typ").read_text(encoding="utf-8")
    named = dict(re.findall(r'#let (\w+) = rgb\("(#\w{6})"\)', source))
    grounds = ["#FFFFFF", named["shade"], named["cream"]]
    inks = [named[name] for name in ("navy", "orange", "grey")]
    assert all(contrast(ink, ground) >= 4.5 for ink in inks for ground in grounds)


def test_chart_inks_stand_out_from_paper_and_forecast_area() -> None:
    from forecasting.briefing import drawing

    inks = [drawing.NAVY, drawing.ORANGE, drawing.BLUE, drawing.GREY]
    assert all(
        contrast(ink, ground) >= 4.5 for ink in inks for ground in ("#FFFFFF", drawing.SHADE)
    )
    steps = [contrast(a, b) for a, b in combinations([*drawing.BANDS, drawing.SHADE], 2)]
    assert min(steps) > 1.1
