"""Blocks: rich text, JSON, HTML, and what they refuse."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.formatters import DisplayFormatter

from forecasting.briefing.blocks import (
    MIME_TYPE,
    Column,
    Columns,
    Document,
    Figure,
    Heading,
    Messages,
    PageBreak,
    Paragraph,
    Run,
    Table,
    Tile,
    Tiles,
    plain,
    read_block,
    rich,
)
from forecasting.errors import InputError

DOCUMENT = {
    "language": "sl",
    "title": "Cilj je dosežen",
    "subtitle": "Osebe",
    "kind": "Napoved",
    "date": "27. november 2024",
    "footer": "Podatki do septembra 2024",
    "data_date": "2024-09-30",
    "author": "Urad",
}

BLOCKS = [
    Document(**DOCUMENT, keywords=["azil"]),
    Messages("Ključna sporočila", [rich("**Da.** Res."), "navadno"]),
    Tiles([Tile("mediana", "54.017", rich("**−12**"))]),
    Heading("Obeti", 3),
    Paragraph(rich("Število **ostaja** enako.")),
    Figure("fan", rich("**Slika 1.** Pot"), "Črta pada.", "<svg></svg>", "Vir: Eurostat."),
    Table("", [Column("a", width=1.5), Column("b", "right")], [["x", rich("**1**")]], [0]),
    Columns([Heading("Levo")], [Columns([Paragraph("a")], [PageBreak()])]),
    PageBreak(),
]


def test_rich_makes_runs_of_the_template_and_nothing_of_the_values() -> None:
    runs = rich("**{share}** of {total} {{x}}", share="**28 %**", total="{share}<b>")
    assert runs == (Run("**28 %**", bold=True), Run(" of {share}<b> {x}"))


def test_bold_may_span_a_field() -> None:
    assert rich("a **b {x} c** d", x="1") == (Run("a "), Run("b 1 c", bold=True), Run(" d"))


@given(st.text())
def test_a_value_arrives_unchanged_whatever_it_holds(value: str) -> None:
    assert plain(rich("<{x}>", x=value)) == f"<{value}>"
    assert [run for run in rich("**{x}**", x=value) if not run.bold] == []


@pytest.mark.parametrize(
    "template", ["{y}", "{x!r}", "{x:>9}", "{x.real}", "{}", "**{x}", "{x", "x}"]
)
def test_rich_refuses_a_template_it_cannot_fill(template: str) -> None:
    with pytest.raises(InputError, match="text"):
        rich(template, x="1")


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.block)
def test_a_block_survives_the_notebook_file(block: Document | Paragraph) -> None:
    again = read_block(json.loads(json.dumps(block.to_json())))
    assert type(again) is type(block)
    assert json.dumps(again.to_json()) == json.dumps(block.to_json())


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.block)
def test_jupyter_stores_block_html_and_text(block: Document | Paragraph) -> None:
    bundle, _ = DisplayFormatter().format(block)
    assert bundle[MIME_TYPE] == block.to_json()
    assert bundle["text/html"].startswith("<")
    assert "<svg" not in bundle["text/plain"]


HOSTILE = '<script>alert("1")</script>&'


@pytest.mark.parametrize(
    "block",
    [
        Document(**(DOCUMENT | {"title": HOSTILE, "subtitle": HOSTILE, "kind": HOSTILE})),
        Messages(HOSTILE, [HOSTILE, rich("**{x}**", x=HOSTILE)]),
        Tiles([Tile(HOSTILE, HOSTILE, HOSTILE)]),
        Heading(HOSTILE),
        Paragraph(HOSTILE),
        Figure("f", HOSTILE, HOSTILE, "<svg></svg>", HOSTILE),
        Table(HOSTILE, [Column(HOSTILE)], [[HOSTILE]], note=HOSTILE),
        Columns([Paragraph(HOSTILE)], []),
    ],
    ids=lambda block: block.block,
)
def test_html_escapes_every_text(block: Paragraph) -> None:
    html = block.to_html()
    assert "<script" not in html
    assert "&lt;script&gt;alert(&quot;1&quot;)" in html


def test_html_labels_the_drawing_for_screen_readers() -> None:
    html = Figure("f", "c", 'Pada "hitro".', '<?xml version="1.0"?>\n<svg><g/></svg>').to_html()
    assert '<div role="img" aria-label="Pada &quot;hitro&quot;."><svg><g/></svg></div>' in html


@pytest.mark.parametrize("alt", ["", "  "])
def test_a_figure_without_alternative_text_is_refused(alt: str) -> None:
    with pytest.raises(InputError, match="figure 'fan': no alternative text"):
        Figure("fan", "Slika 1", alt, "<svg></svg>")


def test_a_stored_figure_without_alternative_text_is_refused() -> None:
    stored = Figure("fan", "Slika 1", "Pada.", "<svg></svg>").to_json() | {"alt": ""}
    nested = Columns([Paragraph("a")], []).to_json() | {"right": [stored]}
    for content in (stored, nested):
        with pytest.raises(InputError, match="no alternative text"):
            read_block(content)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"language": "slv"}, "language 'slv'"),
        ({"title": " "}, "title is empty"),
        ({"data_date": "30. 9. 2024"}, "data_date"),
    ],
)
def test_a_document_head_says_what_is_wrong(change: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Document(**(DOCUMENT | change))


def test_a_table_refuses_a_ragged_row_and_a_missing_emphasis() -> None:
    with pytest.raises(InputError, match="row 1 has 1 cells"):
        Table("T", [Column("a"), Column("b")], [["1", "2"], ["3"]])
    with pytest.raises(InputError, match="emphasised row 2"):
        Table("T", [Column("a")], [["1"], ["2"]], emphasis=[2])


@pytest.mark.parametrize("level", [1, 4])
def test_a_heading_leaves_level_one_to_the_title(level: int) -> None:
    with pytest.raises(InputError, match="2 or 3"):
        Heading("Obeti", level)


def test_a_drawing_that_is_no_svg_is_refused() -> None:
    with pytest.raises(InputError, match="not an SVG"):
        Figure("fan", "c", "a", "iVBORw0KGgo=")


@pytest.mark.parametrize(
    "content",
    [{}, {"block": "video"}, {"block": "paragraph"}, {"block": "tiles", "items": [{"label": 1}]}],
)
def test_unknown_or_incomplete_json_names_its_place(content: dict[str, object]) -> None:
    with pytest.raises(InputError, match="cell 7"):
        read_block(content, where="cell 7")


def test_blocks_and_charts_load_nothing_heavy() -> None:
    code = (
        "import sys, forecasting.briefing.blocks, forecasting.briefing.charts;"
        "print({'matplotlib', 'pydantic', 'typst', 'nbconvert'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
