"""The methodology note: every indicator, the catalogue's numbers, one content for PDF and DOCX."""

from __future__ import annotations

import io
import re

import docx
import numpy as np
import pandas as pd
import pytest
from docx.oxml.ns import qn
from pypdf import PdfReader

from forecasting.briefing.blocks import Figure, Heading, Messages, Paragraph, Table, plain
from forecasting.briefing.note import compose_note, write_note
from forecasting.briefing.note.word import render_docx
from forecasting.errors import InputError
from forecasting.languages import Language
from forecasting.programmes.catalogue import list_programmes, load_programme
from forecasting.programmes.proposals import Proposal, propose_targets
from forecasting.programmes.published import points_of, published_or_mark
from forecasting.programmes.quantities import quantity
from forecasting.programmes.quantity_text import format_quantity
from forecasting.programmes.target_request import TargetRequest, propose_all


@pytest.fixture(scope="module")
def amif():
    return load_programme("si-amif-2021-2027")


@pytest.fixture(scope="module", params=["en", "sl"])
def note(request, amif):
    return compose_note(amif, language=request.param)


@pytest.fixture(scope="module")
def opened(note, tmp_path_factory):
    path = write_note(note, tmp_path_factory.mktemp("note") / "note.docx")
    return docx.Document(str(path))


def sections(note):
    """Blocks of each section of level 3, by the first word of its heading."""
    found, current = {}, []
    for block in note.blocks:
        if isinstance(block, Heading):
            current = found.setdefault(block.text.split()[0], []) if block.level == 3 else []
        else:
            current.append(block)
    return found


def words_of(block):
    if isinstance(block, Table):
        cells = [plain(cell) for row in block.rows for cell in row]
        return [plain(block.caption), *(c.label for c in block.columns), *cells, plain(block.note)]
    if isinstance(block, Messages):
        return [block.title, *map(plain, block.items)]
    return [plain(block.text)] if isinstance(block, Paragraph | Heading) else []


def all_words(note):
    return [text for block in note.blocks for text in words_of(block)]


@pytest.mark.parametrize("language", ["en", "sl"])
@pytest.mark.parametrize("name", list_programmes())
def test_every_indicator_has_its_section_with_the_published_values(name, language):
    programme, words = load_programme(name), Language(language)
    found = sections(compose_note(programme, language=language))
    assert set(found) == {indicator.code for indicator in programme.indicators}
    for indicator in programme.indicators:
        table = next(block for block in found[indicator.code] if isinstance(block, Table))
        rows = table.rows[-len(points_of(indicator)) :]
        for point, row in zip(points_of(indicator), rows, strict=True):
            value = published_or_mark(programme, indicator.code, point)
            expected = (
                words.gettext(value)
                if isinstance(value, str)
                else format_quantity(quantity(value, indicator.unit), words)
            )
            assert row[1] == expected, (indicator.code, point)


def test_each_section_says_what_article_17_asks_for(note):
    leads = {
        "en": ["Selection.", "Data.", "Quality assurance.", "Factors and handling."],
        "sl": [
            "Izbor.", "Podatki.", "Zagotavljanje kakovosti.", "Dejavniki in njihovo upoštevanje.",
        ],
    }[note.document.language]  # fmt: skip
    for code, blocks in sections(note).items():
        bold = [
            run.text
            for block in blocks
            if isinstance(block, Paragraph) and not isinstance(block.text, str)
            for run in block.text
            if run.bold
        ]
        assert bold == leads, code


def test_the_calculation_stands_with_its_numbers(amif):
    text = "\n".join(all_words(compose_note(amif, language="en")))
    assert "3 years × 3,548 applications per year = 10,644 applications" in text
    assert "5 years × 3,548 applications per year = 17,740 applications" in text
    assert "80 persons × 75% + 90 persons × 90% = 141 persons" in text
    slovenian = "\n".join(all_words(compose_note(amif, language="sl")))
    assert "5 let × 3.548 prošenj na leto = 17.740 prošenj" in slovenian


def test_a_value_that_its_calculation_does_not_give_is_named(amif):
    note = compose_note(amif, language="en")
    assert "20 of 21" in plain(note.blocks[0].items[1])
    assert "R.2.8 target" in plain(note.blocks[0].items[1])
    texts = [text for block in sections(note)["R.2.8"] for text in words_of(block)]
    assert "200" in texts
    assert any("target differs from its calculation" in text for text in texts)


def test_no_english_stands_on_a_slovenian_page():
    english = re.compile(r"\b(the|of|and|is|are|not|with|which|from|persons|years|given)\b")
    for name in list_programmes():
        texts = all_words(compose_note(load_programme(name), language="sl"))
        assert [text for text in texts if english.search(text)] == [], name


def driven(programme):
    """Proposals as a forecast of 100 equal paths would give them for one indicator."""
    draws = np.full(100, 20000.0)
    persons = {"draws": draws, "persons": draws, "probability": 0.37}
    return [
        Proposal(**{**vars(each), **persons, "proposals": {0.5: 21000, 0.8: 19000, 0.9: 18000}})
        if (each.indicator.code, each.point) == ("O.1.1.1", "target")
        else each
        for each in propose_targets(programme, None)
    ]


def test_a_probability_comes_with_its_tested_reliability(amif):
    origin = pd.Period("2026-03", freq="M")
    note = compose_note(amif, language="en", proposals=driven(amif), origin=origin)
    table = sections(note)["O.1.1.1"][-1]
    assert [column.label for column in table.columns][2:6] == ["Probability", "P50", "P80", "P90"]
    assert table.rows[0][2:6] == ["37%", "21,000", "19,000", "18,000"]
    assert "Tested on the past: P50" in plain(table.note)
    texts = all_words(note)
    assert "Forecast and its tested reliability" in texts
    assert any("Last month of the figures: March 2026." in text for text in texts)
    assert any("4.0: 17,740 → proposal (P80): 19,000" in text for text in texts)
    without = all_words(compose_note(amif, language="en"))
    assert not [text for text in without if "reliability" in text or "P80" in text]


def test_a_probability_that_rests_on_plans_says_that_it_is_not_tested():
    programme = load_programme("si-social-activation")
    proposals = propose_all(programme, TargetRequest(n_paths=200))
    proposed = {each.indicator.code for each in proposals if each.draws is not None}
    note = compose_note(programme, language="en", proposals=proposals)
    tables = {
        code: blocks[-1]
        for code, blocks in sections(note).items()
        if isinstance(blocks[-1], Table) and blocks[-1].caption.startswith("Forecast")
    }
    assert proposed
    assert set(tables) == proposed
    assert all("Not tested on the past" in plain(table.note) for table in tables.values())


def test_the_word_document_has_the_words_of_the_content(note, opened):
    body = [paragraph.text for paragraph in opened.paragraphs]
    cells = [[cell.text for cell in row.cells] for table in opened.tables for row in table.rows]
    tables = [block for block in note.blocks if isinstance(block, Table)]
    expected = [
        row
        for block in tables
        for row in ([c.label for c in block.columns], *[list(map(plain, r)) for r in block.rows])
    ]
    assert cells == expected
    texts = [text for block in note.blocks if not isinstance(block, Table)
             for text in words_of(block)]  # fmt: skip
    assert [text for text in texts if text not in body] == []


def test_the_word_document_has_real_styles_and_repeated_header_rows(note, opened):
    headings = [
        (paragraph.style.name, paragraph.text)
        for paragraph in opened.paragraphs
        if paragraph.style.name.startswith("Heading")
    ]
    titled = [
        (f"Heading {block.level - 1}", block.text)
        if isinstance(block, Heading)
        else ("Heading 1", block.title)
        for block in note.blocks
        if isinstance(block, Heading | Messages)
    ]
    assert headings == titled
    for table in opened.tables:
        marks = [row._tr.find(f".//{qn('w:tblHeader')}") is not None for row in table.rows]
        assert marks == [True] + [False] * (len(table.rows) - 1)


def test_the_word_document_knows_its_language_properties_and_pages(note, opened):
    locale = {"en": "en-GB", "sl": "sl-SI"}[note.document.language]
    assert {e.get(qn("w:val")) for e in opened.styles.element.iter(qn("w:lang"))} == {locale}
    properties = opened.core_properties
    assert (properties.title, properties.language) == (note.document.title, locale)
    assert properties.author == "forecasting"
    assert str(properties.created.date()) == "2025-10-24"
    foot = opened.sections[0].footer.paragraphs[0]
    fields = [field.get(qn("w:instr")) for field in foot._p.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]
    assert foot.text.startswith("si-amif-2021-2027 · ")


def test_the_same_note_gives_the_same_bytes(note):
    first, second = (render_docx(note.document, note.blocks) for _ in range(2))
    assert first == second


def test_the_pdf_has_every_indicator(note, amif, tmp_path):
    path = write_note(note, tmp_path / "note.pdf")
    reader = PdfReader(io.BytesIO(path.read_bytes()))
    text = "\n".join(page.extract_text() for page in reader.pages)
    assert [entry.code for entry in amif.indicators if f"{entry.code} " not in text] == []
    assert reader.metadata.title == note.document.title


def test_what_cannot_be_written_is_refused(note, tmp_path):
    with pytest.raises(InputError, match=r"ends in \.pdf or \.docx"):
        write_note(note, tmp_path / "note.odt")
    drawing = Figure(id="f", caption="c", alt="a", svg="<svg></svg>")
    with pytest.raises(InputError, match=r"DOCX: block 'figure'"):
        render_docx(note.document, [drawing])
