"""The report on targets: what it says follows from the numbers, in either language."""

from __future__ import annotations

import datetime as dt
from math import inf

import pytest
from openpyxl import load_workbook

from forecasting import (
    TargetRequest,
    TargetsReport,
    forecast_driver,
    load_programme,
    load_scenario,
    propose_all,
    scenario_forecast,
)
from forecasting.briefing.blocks import Figure, Messages, Table, plain
from forecasting.briefing.exporter import render_pdf
from forecasting.briefing.targets.range_chart import RangeChart, RangeRow, range_chart
from forecasting.briefing.targets.words import TargetWords
from forecasting.errors import InputError
from forecasting.languages import Language, language_codes
from forecasting.programmes.achieved import write_achieved_template
from forecasting.programmes.catalogue import list_programmes
from forecasting.programmes.driven_by import RANGE, load_delivery
from forecasting.programmes.quantities import quantity
from forecasting.programmes.quantity_text import format_quantity

AMIF = "si-amif-2021-2027"


@pytest.fixture(scope="module")
def runs():
    found = {}
    for name in list_programmes():
        programme, request = load_programme(name), TargetRequest(n_paths=300)
        result = forecast_driver(programme, request)
        found[name] = programme, propose_all(programme, request, result=result), result
    return found


def report_of(runs, name=AMIF, language="en"):
    programme, proposals, result = runs[name]
    return TargetsReport(programme, proposals, result, language=language)


def sections(report):
    return [
        *report.answer(),
        *report.proposed(),
        *report.chances(),
        *report.drivers(),
        *report.assumptions(),
    ]


def table_of(blocks, caption):
    return next(b for b in blocks if isinstance(b, Table) and caption in plain(b.caption))


@pytest.mark.parametrize("language", ["en", "sl"])
@pytest.mark.parametrize("name", list_programmes())
def test_it_becomes_a_pdf_for_every_programme(runs, name, language):
    report = report_of(runs, name, language)
    assert render_pdf(report.head(), sections(report)).startswith(b"%PDF")


def test_the_table_has_the_numbers_of_the_proposals(runs):
    report, (_, proposals, _) = report_of(runs), runs[AMIF]
    rows = table_of(report.proposed(), "Proposed milestones").rows
    driven = [p for p in proposals if p.draws is not None]
    assert [row[0] for row in rows] == [p.indicator.code for p in driven]
    language = Language("en")
    for row, proposal in zip(rows, driven, strict=True):
        published = quantity(proposal.published, proposal.indicator.unit)
        assert row[3] == format_quantity(published, language)
        assert row[5:] == [language.number(proposal.proposals[p]) for p in (0.5, 0.8, 0.9)]


def test_the_title_counts_the_likely_targets(runs):
    _, proposals, _ = runs[AMIF]
    judged = [
        p
        for p in proposals
        if p.point == "target" and p.published and p.draws is not None
        and p.driver != "commitment"
    ]  # fmt: skip
    likely = [p for p in judged if p.probability >= 0.8]
    title = report_of(runs).head().title
    assert title.endswith(f"80% or more: {len(likely)} of {len(judged)}")


def test_every_indicator_is_proposed_for_or_left_out_with_a_reason(runs):
    for name in list_programmes():
        blocks, (_, proposals, _) = sections(report_of(runs, name)), runs[name]
        codes = {p.indicator.code for p in proposals}
        shown, left = set(), set()
        for block in blocks:
            if isinstance(block, Table) and "Proposed milestones" in plain(block.caption):
                shown = {row[0] for row in block.rows}
            if isinstance(block, Table) and "without a proposal" in plain(block.caption):
                left = {code for row in block.rows for code in row[2].split(", ")}
        assert shown | left == codes
        assert not shown & left


def test_a_programme_without_numbers_says_so(runs):
    report = report_of(runs, "fi-amif-2021-2027")
    (box,) = [b for b in report.answer() if isinstance(b, Messages)]
    assert "Nothing can be proposed" in plain(box.items[0])
    assert report.proposed() == report.chances() == report.drivers() == ()


def test_the_chart_says_every_probability_in_words(runs):
    figures = [b for b in report_of(runs).chances() if isinstance(b, Figure)]
    rows = table_of(report_of(runs).drivers(), "What drives").rows
    said = " ".join(figure.alt for figure in figures)
    assert all(f"{row[0]} " in said for row in rows)
    assert "O.4.2 if kept" in said


def test_many_indicators_make_charts_of_one_height_with_one_note(runs):
    figures = [b for b in report_of(runs).chances() if isinstance(b, Figure)]
    assert [figure.id for figure in figures] == ["chances-1", "chances-2", "chances-3"]
    assert [bool(figure.note) for figure in figures] == [False, False, True]
    few = report_of(runs, "si-social-activation").chances()
    assert [b.id for b in few if isinstance(b, Figure)] == ["chances"]


def test_a_probability_without_proposals_is_refused(runs):
    programme, proposals, result = runs[AMIF]
    with pytest.raises(InputError, match=r"0\.7.*expected: 0\.5, 0\.8, 0\.9"):
        TargetsReport(programme, proposals, result, probability=0.7)


@pytest.mark.parametrize("language", ["en", "sl"])
def test_every_term_has_a_word(language):
    words, programme = TargetWords(Language(language)), load_programme(AMIF)
    entries = load_delivery().entries
    for name in [*(entry.id for entry in entries), RANGE, "applicants"]:
        assert words.assumption(name, programme) != name
    for entry in entries:
        assert words.spread(entry)
        assert words.quality(entry.quality)
    for reason in ("not monitored", "no number", "zero", "no baseline", "no base"):
        assert words.unproposed(reason)


def test_small_ends_keep_a_decimal():
    words = TargetWords(Language("en"))
    assert words.range_of(0.66, 1.07, "items") == "0.7 to 1.1"
    assert words.range_of(113.4, 178.9, "items") == "113 to 179"
    assert words.range_of(8.26, 10.6, "%") == "8% to 11%"
    assert words.difference(-15, "%") == "−15 pp"
    assert TargetWords(Language("sl")).difference(-15, "%") == "−15 o. t."


def row(**changes):
    given = {"name": "O.1", "outer": (0.5, 1.2), "inner": (0.7, 1.0), "proposed": 0.8,
             "texts": ("100",)}  # fmt: skip
    return RangeRow(**given | changes)


def test_a_chart_refuses_what_it_cannot_draw():
    english, keys = Language("en"), ("a", "b", "c", "d")
    for rows in ([], [row(outer=(0.5, inf))], [row(texts=())]):
        with pytest.raises(InputError, match="chart"):
            range_chart(RangeChart(rows, keys, ("x",), "unit"), english)
    assert range_chart(RangeChart([row(outer=(0.5, 9.0))], keys, ("x",), "u"), english)


@pytest.mark.parametrize(("language", "heading"), [("en", "Progress"), ("sl", "Napredek")])
def test_achieved_values_make_a_section_of_progress(runs, tmp_path, language, heading):
    programme, proposals, result = runs["xk-ranilug-2023-2025"]
    words = Language(language)
    path = write_achieved_template(programme, tmp_path / "achieved.xlsx", words=words)
    book = load_workbook(path)
    (row,) = [row for row in book.worksheets[0].iter_rows() if row[0].value == "C1.1"]
    row[3].value, row[4].value = 72.5, dt.date(2024, 12, 31)
    book.save(path)
    report = TargetsReport(programme, proposals, result, language=language, achieved=str(path))
    title, table = report.progress()
    assert title.text == heading
    assert [row[0] for row in table.rows] == ["C1.1"]
    assert table.rows[0][4] == words.percent((72.5 - 40) / (80 - 40))
    assert report_of(runs).progress() == ()


@pytest.fixture(scope="module")
def halved(runs):
    programme, _, result = runs[AMIF]
    scenario = load_scenario("arrivals-halve")
    moved = scenario_forecast(result, scenario)
    proposals = propose_all(programme, TargetRequest(n_paths=300), result=moved)
    return programme, proposals, moved, scenario


def texts_of(report):
    """Every text of the report: head, notes, alternative texts, paragraphs, cells."""
    found = [report.head().title, report.head().kind, report.head().description]
    return " ".join([*found, *[str(block.to_json()) for block in sections(report)]])


@pytest.mark.parametrize("language", language_codes())
def test_under_a_scenario_every_page_says_it_is_a_projection(halved, language):
    programme, proposals, result, scenario = halved
    report = TargetsReport(programme, proposals, result, language=language, scenario=scenario)
    title = scenario.title[language]
    assert title in report.head().title  # which stands at the top of every page
    assert title in report.head().description
    assert render_pdf(report.head(), sections(report)).startswith(b"%PDF")
    figures = [block for block in report.chances() if isinstance(block, Figure)]
    assert all(title in figure.alt for figure in figures)
    assert title in figures[-1].note
    assert title in plain(table_of(report.proposed(), "").note)


def test_under_a_scenario_nothing_is_called_a_forecast(halved):
    programme, proposals, result, scenario = halved
    text = texts_of(TargetsReport(programme, proposals, result, scenario=scenario))
    assert "projection of applications" in text
    assert "from then on they are projected under the scenario" in text
    assert "Not tested on the past." in text
    left = text.replace("no forecast", "").replace("in place of a forecast", "")
    left = left.replace("is known of forecasts", "").replace("Model: the forecast and", "")
    assert "forecast" not in left.replace("author': 'forecasting", "")


def test_a_scenario_that_moves_no_arrivals_is_said_to_change_nothing(runs):
    programme, proposals, result = runs[AMIF]
    scenario = load_scenario("stay-doubles")
    assert scenario_forecast(result, scenario) is result
    report = TargetsReport(programme, proposals, result, scenario=scenario)
    (box,) = [b for b in report.answer() if isinstance(b, Messages)]
    assert "“Stay doubles” changes nothing here." in plain(box.items[0])
    assert report.head().title == report_of(runs).head().title


def test_a_scenario_that_the_proposals_would_not_follow_is_refused(runs, tmp_path):
    programme, proposals, result = runs["si-social-activation"]
    assert result is None
    with pytest.raises(InputError, match="no indicator of this programme follows from a forecast"):
        TargetsReport(programme, proposals, scenario=load_scenario("arrivals-halve"))
    own = tmp_path / "own.yaml"
    own.write_text(
        "title: {en: Own}\nextends: [reference]\nlevers:\n"
        '  - {lever: model.flow, value: ets-log, unit: "1"}\n',
        encoding="utf-8",
    )
    programme, proposals, result = runs[AMIF]
    with pytest.raises(InputError, match=r"lever 'own/model\.flow'; expected: levers on arrivals"):
        TargetsReport(programme, proposals, result, scenario=load_scenario(own))
