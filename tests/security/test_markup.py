"""A text from a data file is shown as it is: it is markup of no page, document or drawing."""

from __future__ import annotations

import html.parser
import io
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

import forecasting.explorer
from forecasting.briefing.blocks import (
    Column,
    Columns,
    Document,
    Figure,
    Heading,
    Messages,
    Paragraph,
    Run,
    Table,
    Tile,
    Tiles,
    rich,
)
from forecasting.briefing.charts import Size
from forecasting.briefing.drawing import chart_style
from forecasting.briefing.exporter import render_pdf
from forecasting.briefing.note.word import render_docx
from forecasting.briefing.sheet import Sheet
from forecasting.languages import Language

PIECES = [
    "#", "$", "$$", "@", "\\", "\\(", "\\)", "\\[", "*", "**", "_", "`", "```", "*/", "/*", "//",
    "[", "]", "{", "}", "{{", "}}", "</p>", "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "]]>", "-->", "<!--", "&lt;", "&amp;", "'", '"', "#let x = 1", '#image("a")', "= title", "~",
    "^", "%", "\\begin{x}", "\\input{/etc/passwd}", "$x^2$", "[a](http://x.y)", "![a](b)",
    "<a@b.c>",
    "#eval(1)", "${x}", "{0}", "%s", "|", "a", "B", "7", " ",
]  # fmt: skip
HOSTILE = "".join(PIECES)
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><path d="M0 0h9v9z"/></svg>'


def head(text: str) -> Document:
    return Document(
        "en", f"t {text}", text, "Kind", "today", text, "2024-12-31", text, text, [text]
    )


def blocks_of(text: str) -> list:
    """Every kind of block, with the text in every place that takes one."""
    return [
        Messages(f"m {text}", [text, rich("**{a}** {a}", a=text)]),
        Tiles([Tile(text, "1", text)]),
        Heading(f"h {text}"),
        Paragraph(text),
        Paragraph((Run(text), Run(text, bold=True)), small=True, sticky=True),
        Figure("f", f"c {text}", f"alt {text}", SVG, text),
        Table(text, [Column(f"k {text}", width=1.0), Column("n")], [[text, "1"]], [0], text),
        Columns([Paragraph(text)], [Paragraph(text)]),
    ]


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


@settings(deadline=None, max_examples=12, suppress_health_check=list(HealthCheck))
@given(TEXTS)
def test_in_a_pdf_the_words_are_those_of_the_text(text):
    check_pdf(text)


def test_in_a_pdf_all_of_it_at_once():
    check_pdf(HOSTILE)


def check_pdf(text: str) -> None:
    pdf = PdfReader(io.BytesIO(render_pdf(head(text), blocks_of(text))))
    shown = bare("".join(page.extract_text() for page in pdf.pages))
    assert shown.count(bare(text)) >= 17
    assert pdf.metadata.title == f"t {text}"
    assert pdf.metadata.subject == text
    assert not any("/Annots" in page for page in pdf.pages)
    assert "/JavaScript" not in pdf.trailer["/Root"].get("/Names", {})
    assert "/OpenAction" not in pdf.trailer["/Root"]


class Shown(html.parser.HTMLParser):
    """Elements, attributes and words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.alt: list[str] = []
        self.runs: list[str] = [""]
        self.comments = 0

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.alt += [value for name, value in attrs if name == "aria-label"]
        self.runs.append("")

    def handle_endtag(self, tag):
        self.runs.append("")

    def handle_data(self, data):
        self.runs[-1] += data

    def handle_comment(self, data):
        self.comments += 1


@pytest.mark.parametrize("text", [HOSTILE, *PIECES[:-1]])
def test_in_a_notebook_the_elements_are_ours_and_the_words_those_of_the_text(text):
    for block in [head(text), *blocks_of(text)]:
        bundle = block._repr_mimebundle_()
        assert not bundle.keys() & {"text/markdown", "text/latex", "application/javascript"}
        page, plain = Shown(), Shown()
        page.feed(bundle["text/html"])
        plain.feed(type(block).to_html([b for b in [head("x"), *blocks_of("x")]
                                        if type(b) is type(block)][-1]))  # fmt: skip
        assert page.tags <= plain.tags | {"span", "b"}
        assert page.attributes <= plain.attributes | {"style"}
        assert not page.comments
        assert bare(text) in bare("".join(page.runs))
        assert all(text in alt for alt in page.alt)


@given(TEXTS)
def test_in_a_notebook_nothing_is_left_for_mathjax(text):
    """MathJax looks for its signs within an element; no element holds two, or one and a word."""
    page = Shown()
    page.feed(Paragraph(text).to_html())
    for run in page.runs:
        assert run in ("$", "\\") or ("$" not in run and "\\" not in run)


@settings(deadline=None, max_examples=12)
@given(TEXTS)
def test_in_word_the_words_are_those_of_the_text(text):
    content = [
        b for b in blocks_of(text) if b.block in ("messages", "heading", "paragraph", "table")
    ]
    word = docx.Document(io.BytesIO(render_docx(head(text), content)))
    paragraphs = [each.text for each in word.paragraphs]
    assert {f"t {text}", f"m {text}", f"h {text}", text, text + text} <= set(paragraphs)
    assert [cell.text for cell in word.tables[0].rows[1].cells] == [text, "1"]
    xml = word.element.xml
    assert "w:hyperlink" not in xml
    assert "w:instrText" not in xml
    assert "w:fldSimple" not in xml  # the page numbers stand in the foot


@settings(deadline=None, max_examples=8)
@given(TEXTS)
def test_in_a_drawing_a_text_is_a_shape(text):
    with chart_style():
        sheet = Sheet(Language("en"), Size(120.0, 30.0))
        sheet.write(5.0, 5.0, text)
        svg = sheet.svg()
    root = ET.fromstring(svg)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "g", "defs", "style", "path", "use", "clipPath", "rect", "metadata"}
    assert not [a for e in root.iter() for a in e.attrib if a.lower().startswith("on")]


def test_the_explorer_puts_words_on_the_page_as_text_only():
    """``innerHTML`` is set in one place, and every word in it went through `escapeText`."""
    folder = Path(forecasting.explorer.__file__).parent / "static"
    scripts = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.js")}
    sinks = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(|setHTML|srcdoc"
    )
    found = [(name, line.strip()) for name, text in scripts.items()
             for line in text.splitlines() if re.search(sinks, line)]  # fmt: skip
    assert [name for name, _ in found] == ["chart.js"]
    assert found[0][1].startswith("svg.innerHTML = drawFrame(")
    chart = scripts["chart.js"]
    elements = re.findall(r"`<text [^`]*`", chart)
    assert len(elements) == 2
    assert all(re.search(r">\$\{escapeText\([\w.]+\)\}</text>", each) for each in elements)
    escaped = re.search(r"replace\(/\[([^\]]+)\]/g", chart)
    assert escaped is not None
    assert set(escaped[1]) == set('&<>"')


def test_the_page_of_the_explorer_escapes_what_it_is_given():
    folder = Path(forecasting.explorer.__file__).parent / "jupyter"
    (template,) = folder.rglob("*.j2")
    assert "{{ resources.waiting | e }}" in template.read_text(encoding="utf-8")
