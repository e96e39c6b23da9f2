"""The caseload with its costs, and the report on it: what it says follows from the paths."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting import CaseloadOptions, CaseloadReport, run_caseload
from forecasting.briefing.blocks import Figure, Paragraph, Table, Tiles, plain
from forecasting.briefing.caseload.caseload_chart import (
    Amounts,
    CaseloadChart,
    Fan,
    caseload_chart,
)
from forecasting.briefing.caseload.words import CaseloadWords
from forecasting.briefing.charts import Band
from forecasting.briefing.exporter import render_pdf
from forecasting.distributions import Distribution
from forecasting.errors import InputError
from forecasting.languages import Language
from forecasting.paths import annual, quantile
from forecasting.series import read_series
from forecasting.stocks import caseload_past
from forecasting.stocks.caseload_choice import DriverReport
from forecasting.stocks.caseload_models import LEVEL, SMOOTH
from forecasting.stocks.caseload_plan import OUTLOOK, UNEMPLOYMENT, sum_years
from forecasting.stocks.minimum_income import basic_amounts

ENGLISH = CaseloadWords(Language("en"))
SECTIONS = ("answer", "choice", "expenditure", "entitled", "assumptions")
FACTOR = 1.05


@pytest.fixture(scope="module", autouse=True)
def _few_past_origins():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(caseload_past, "YEARS", 2)
        yield


@pytest.fixture(scope="module")
def demonstration():
    return run_caseload(CaseloadOptions(paths=100))


@pytest.fixture(scope="module")
def own_files(tmp_path_factory):
    """A table of one's own, as the ministry would give it, and the unemployed beside it."""
    folder = tmp_path_factory.mktemp("own")
    counts, unemployed = (
        read_series(f"si-recipients-synthetic/{key}").values["2021-07":]
        for key in ("recipients", UNEMPLOYMENT)
    )
    paid = counts * basic_amounts(pd.PeriodIndex(counts.index)).values * FACTOR
    table = pd.DataFrame({"recipients": counts, "expenditure (EUR)": paid.round(2)})
    table.rename_axis("month").to_csv(folder / "table.csv")
    rows = [f"unemployed,{month},{value:.0f}" for month, value in unemployed.items()]
    text = "\n".join(["series_id,period,value", *rows])
    (folder / "unemployed.csv").write_text(text, encoding="utf-8")
    return {
        "recipients": str(folder / "table.csv"),
        "unemployment": str(folder / "unemployed.csv"),
    }


@pytest.fixture(scope="module")
def own(own_files):
    return run_caseload(CaseloadOptions(**own_files, horizon=30, indexation="0.03", paths=50))


def blocks_of(report):
    return [block for name in SECTIONS for block in getattr(report, name)()]


def of_kind(blocks, kind):
    return [block for block in blocks if isinstance(block, kind)]


def said(blocks):
    messages = [plain(item) for item in blocks[0].items]
    return " ".join([*messages, *(plain(block.text) for block in of_kind(blocks, Paragraph))])


def all_words(blocks):
    texts = [str(v) for block in blocks for name, v in block.to_json().items() if name != "id"]
    return " ".join(text for text in texts if "<svg" not in text)


FOREIGN = {
    "en": r"\b(prejemnik|upravičen|znesek|napoved)\w*",
    "sl": r"\b(the|and|of|months|with|recipients|unemployed|amount|source|forecast)\b",
}


@pytest.mark.parametrize("language", ["en", "sl"])
def test_the_report_is_written_in_one_language_and_can_be_printed(language, demonstration):
    report = CaseloadReport(demonstration, language)
    blocks, head = blocks_of(report), report.head()
    assert len(of_kind(blocks, Figure)) == 3
    assert len(of_kind(blocks, Table)) == 6
    words = all_words([*blocks, replace(head, keywords=())])
    assert re.findall(FOREIGN[language], words) == []
    assert render_pdf(head, blocks).startswith(b"%PDF")


@pytest.mark.parametrize(("language", "word"), [("en", "Synthetic"), ("sl", "Sintetična")])
def test_figures_that_were_not_observed_are_called_synthetic_everywhere(
    language, word, demonstration, own
):
    report = CaseloadReport(demonstration, language)
    assert report.head().title.startswith(word)
    assert word in report.head().description
    for figure in of_kind(blocks_of(report), Figure):
        assert word in plain(figure.note), figure.id
        assert word in figure.alt, figure.id
    assert word not in all_words([CaseloadReport(own, language).head(), *blocks_of(
        CaseloadReport(own, language)
    )])  # fmt: skip


def test_the_word_synthetic_is_drawn_in_the_chart():
    months = pd.period_range("2024-01", "2024-12", freq="M")
    line = np.full(6, 10.0)
    fan = Fan(pd.Series(line, months[:6]), months[6:], line, [Band(80, line - 1, line + 1)])
    amounts = Amounts(pd.Series(500.0, months), months[8], "EUR a month")
    data = CaseloadChart(fan, amounts, "families", "forecast", "median", ["80%"])
    drawn = caseload_chart(data, Language("en"))
    assert drawn == caseload_chart(data, Language("en"))
    marked = caseload_chart(replace(data, mark="SYNTHETIC FIGURES"), Language("en"))
    assert marked.count("<use") == drawn.count("<use") + len("SYNTHETIC FIGURES")
    with pytest.raises(InputError, match="lines that do not fit the periods"):
        caseload_chart(replace(data, fan=replace(fan, median=line[:5])), Language("en"))


def test_everything_is_on_the_same_paths(demonstration):
    recipients, months = demonstration.recipients.to_numpy(), demonstration.recipients["period"]
    amounts = demonstration.amounts.values[demonstration.series.origin + 1 :].to_numpy()
    factor = demonstration.spent.to_numpy() / (recipients * amounts)
    assert np.ptp(factor, axis=1).max() < 1e-9
    assert 0.8 <= factor.min() < factor.max() <= 1.6
    at_mean = demonstration.spent_at_mean.to_numpy() / (recipients * amounts)
    np.testing.assert_allclose(at_mean, (0.8 + 1.1 + 1.6) / 3)
    size = demonstration.persons.to_numpy() / recipients
    assert np.ptp(size, axis=1).max() < 1e-9
    assert months.equals(demonstration.persons["period"])
    totals = np.stack([year.values for year in sum_years(demonstration.spent)], axis=1)
    np.testing.assert_allclose(totals, annual(demonstration.spent).to_numpy())


def test_the_answer_is_the_paths(demonstration):
    report = CaseloadReport(demonstration)
    end = ENGLISH.about(float(quantile(demonstration.recipients, [0.5])[0, -1]))
    low, high = (
        ENGLISH.about(float(bound)) for bound in quantile(demonstration.persons, [0.1, 0.9])[:, -1]
    )
    spent = float(quantile(annual(demonstration.spent), [0.5])[0, 0])
    tiles = of_kind(report.answer(), Tiles)[0].items
    assert [tile.value for tile in tiles[:3]] == ["45,272", end, ENGLISH.million(spent)]
    assert plain(tiles[3].note) == f"80%: {low} to {high}"
    title = report.head().title.replace("\N{NO-BREAK SPACE}", " ")
    assert f"{end} recipients in December 2026, EUR {spent / 1e6:.1f} million in 2025" in title
    (figure,) = of_kind(report.answer(), Figure)
    assert f"then the median {end}" in figure.alt
    assert "Mar 2026: 507.43" in figure.alt
    assert "the epidemic, March 2020 to June 2021" in figure.alt


def test_years_carry_their_amounts_and_a_part_of_a_year_is_named(demonstration, own):
    years = of_kind(CaseloadReport(demonstration).expenditure(), Table)[0]
    assert [row[0] for row in years.rows] == ["2025", "2026"]
    assert years.rows[0][4] == "484.88 · 494.09"
    parts = of_kind(CaseloadReport(own).expenditure(), Table)[0]
    assert [row[0] for row in parts.rows] == ["2025", "2026", "Jan 2027 to Jun 2027"]


def test_the_pool_and_the_drivers_are_told_from_the_record(demonstration):
    scores, drivers = of_kind(CaseloadReport(demonstration).choice(), Table)
    known = demonstration.caseload.scores.set_index("candidate")
    chosen = demonstration.caseload.forecast.model
    (place,) = scores.emphasis
    assert scores.rows[place][0] == ENGLISH.pool(chosen)
    ratio = known.loc[chosen, "crps"] / known.loc[SMOOTH, "crps"]
    assert scores.rows[place][2] == f"{ratio:.2f}"
    assert {row[0] for row in drivers.rows} == {"registered unemployed", "basic amount"}
    assert len(drivers.rows) == len(demonstration.caseload.drivers)


def changed(projection, model, **caseload):
    """Return the projection as if another pool had been chosen."""
    forecast = replace(projection.caseload.forecast, model=model)
    return replace(projection, caseload=replace(projection.caseload, forecast=forecast, **caseload))


def test_an_outlook_that_moves_something_makes_a_projection(own):
    outlook = replace(own, options=replace(own.options, outlook=OUTLOOK, horizon=24))
    idle = CaseloadReport(changed(outlook, SMOOTH))
    assert "The outlook changes nothing." in said(idle.answer())
    assert "no forecast" not in idle.head().subtitle
    moved = CaseloadReport(changed(outlook, f"{SMOOTH} with {UNEMPLOYMENT}"))
    assert "A projection, no forecast." in said(moved.answer())
    assert "no forecast" in moved.head().subtitle
    (figure,) = of_kind(moved.answer(), Figure)
    assert "Outlook: macroeconomic outlook" in figure.alt


def test_a_shock_and_a_short_past_are_said(own):
    shock = {own.series.origin - 2: 0.2}
    text = said([*CaseloadReport(own).answer(), *CaseloadReport(
        changed(own, LEVEL, shocks=shock)).choice()])  # fmt: skip
    assert "In October 2024 recipients changed by +22.1% beyond the season" in text
    short = changed(own, SMOOTH, scores=own.caseload.scores.iloc[:0])
    blocks = CaseloadReport(short).choice()
    assert "The past is too short to choose by" in plain(blocks[1].text)
    assert len(of_kind(blocks, Table)) == 1


def test_a_driver_that_earned_its_place_in_a_pool_not_chosen_is_not_called_used(own):
    earned = DriverReport(UNEMPLOYMENT, True, "", 6, 0.9, "forecast")
    for model, place in (
        (SMOOTH, "earned, but another pool was chosen"),
        (f"{SMOOTH} with {UNEMPLOYMENT}", "used"),
    ):
        blocks = CaseloadReport(changed(own, model, drivers=(earned,))).choice()
        assert of_kind(blocks, Table)[-1].rows[0] == [
            "registered unemployed", "forecast", "6 months", "0.900", place,
        ]  # fmt: skip


def test_what_the_table_shows_of_families_replaces_the_prior(own, demonstration, own_files):
    factor, size = own.family["household_factor"], own.family["persons_per_recipient"]
    assert factor.basis == "figures"
    assert own.spent_at_mean.sum() == pytest.approx(float(own.spent.sum()), rel=1e-3)
    assert size.basis == "prior"
    assert size.value == Distribution(triangular=(1.5, 1.7, 2))
    counted = demonstration.family["persons_per_recipient"]
    shown = of_kind(CaseloadReport(demonstration).assumptions(), Table)[0]
    assert shown.rows[1][-1] == "synthetic"
    assert (counted.basis, demonstration.family["household_factor"].basis) == ("figures", "prior")
    table = of_kind(CaseloadReport(own).assumptions(), Table)[0]
    assert [row[1] for row in table.rows[:2]] == ["1.05", "1.73"]
    assert table.rows[1][-1] == "unknown"


def test_amounts_after_the_last_one_known_are_called_assumed(own):
    last = own.amounts.values.iloc[-1]
    assert last == round(507.43 * 1.03, 2)
    table = of_kind(CaseloadReport(own).assumptions(), Table)[0]
    assert table.rows[2][:3] == ["basic amount after Mar 2026", "+3.0%", "each March"]
    text = said([CaseloadReport(own).answer()[0], *CaseloadReport(own).expenditure()])
    assert "assumed to rise by 3.0% each March" in text


def test_a_count_that_is_not_held_has_its_published_points_and_its_fan(own):
    assert "persons_entitled" not in own.observed
    (figure,) = of_kind(CaseloadReport(own).entitled(), Figure)
    assert "persons entitled: every member: March 2019 91,595" in figure.alt
    assert "recipients: families: July 2017 53,558" in figure.alt


def test_published_counts_stand_beside_the_figures(demonstration):
    table = of_kind(CaseloadReport(demonstration).entitled(), Table)[0]
    assert len(table.rows) == len(demonstration.points) == 13
    assert table.rows[0][:4] == ["Jul 2017", "recipients", "53,499", "53,558"]
    assert not table.emphasis
    wrong = replace(demonstration.points[1], value=2 * demonstration.points[1].value)
    points = (demonstration.points[0], wrong)
    blocks = CaseloadReport(replace(demonstration, points=points)).entitled()
    table = of_kind(blocks, Table)[0]
    assert list(table.emphasis) == [1]
    assert table.rows[1][-2:] == ["+100.2%", "differs"]


def test_the_epidemic_of_before_the_figures_is_left_out(own, demonstration):
    assert own.effects == {}
    ((epidemic, effect),) = demonstration.effects.items()
    assert (str(epidemic.start), str(epidemic.end)) == ("2020-03", "2021-06")
    assert 0.01 < effect < 0.1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"outlook": "boom"}, "outlook 'boom'; expected: 'macro-outlook', or empty"),
        ({"household_factor": "1,1"}, "household_factor: value '1,1' is not a number"),
        ({"household_factor": "nan"}, "household_factor: 'nan'; expected: a number such as 1.1"),
        ({"persons_per_recipient": "0.9"}, "persons per recipient: 0.9; expected: 1 or more"),
        ({"indexation": "much"}, "indexation: value 'much' is not a number"),
        ({"epidemic": "2020"}, "epidemic '2020', as 2020-03 to 2021-06: "),
        ({"outlook": OUTLOOK, "unemployment": ""}, "'macro-outlook' without registered unempl"),
    ],
)
def test_options_that_cannot_be_used_are_refused(options, message, own_files):
    with pytest.raises(InputError, match=message):
        run_caseload(CaseloadOptions(**own_files | {"paths": 10} | options))
