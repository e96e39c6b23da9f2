"""The report on scenarios: what it says follows from the projections, in every language."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from forecasting import ScenariosReport, load_scenario, select_scenarios
from forecasting.briefing.blocks import Figure, Messages, Table, plain
from forecasting.briefing.exporter import render_pdf
from forecasting.briefing.scenarios.lever_words import LeverWords
from forecasting.briefing.scenarios.material import ScenariosMaterial
from forecasting.briefing.scenarios.moved import Fan, Moved, moved_quantities
from forecasting.briefing.scenarios.multiples_chart import (
    Multiple,
    MultiplesChart,
    columns_for,
    multiples_chart,
    wrapped,
)
from forecasting.briefing.scenarios.words import ScenarioWords
from forecasting.errors import InputError
from forecasting.languages import Language, language_codes
from forecasting.paths import make_paths
from forecasting.programmes.targets import probability_met, target_at
from forecasting.projections.attribution import AttributedFigure, Attribution
from forecasting.projections.comparison import held_together
from forecasting.projections.projection import (
    CentreProjection,
    Projection,
    SavingsTotals,
    TargetProjection,
)
from forecasting.scenarios import LEVERS, Lever

MONTHS = pd.period_range("2025-01", "2026-12", freq="M")
N = 40
CENTRE = "si-centre-for-foreigners"
SCENARIOS = (
    "arrivals-halve",
    "contingency-plan",
    "stay-doubles",
    "low-growth",
    "activation-25",
    "activation-35",
    "surge-and-delay",
)


def paths_of(values, unit, kind="flow"):
    return make_paths(np.broadcast_to(values, (N, len(MONTHS))), MONTHS, unit=unit, kind=kind)


def projected(name, *, arrivals=1.0, present=1.0, recipients=1.0, gross=1.0):
    """A chain on forty paths, each part times a factor."""
    spread = np.linspace(0.5, 1.5, N)[:, np.newaxis]
    persons = present * 60 * spread
    draws = arrivals * 200 * spread[:, 0]
    over = np.maximum(persons - 70, 0)
    indicator = SimpleNamespace(code="O.1.1", unit="persons", rounding=10)
    return Projection(
        load_scenario(name),
        arrivals=paths_of(arrivals * 100 * spread, "persons"),
        targets=(
            TargetProjection(
                indicator,
                "target",
                MONTHS[-1],
                draws,
                150,
                probability_met(draws, 150),
                {p: int(target_at(draws, p, rounding=10)) for p in (0.5, 0.8, 0.9)},
            ),
        ),
        centres=(
            CentreProjection(
                CENTRE,
                {"en": "Centre for Foreigners"},
                paths_of(persons, "persons", "stock"),
                np.full(len(MONTHS), 70.0),
                paths_of(over, "persons", "stock"),
                paths_of(30 * over, "person-nights"),
            ),
        ),
        backlog=SimpleNamespace(
            backlog=paths_of(arrivals * 900 * spread, "cases", "stock"),
            wait_of_last_arrival=paths_of(arrivals * 6 * spread, "months", "stock"),
        ),
        recipients=paths_of(recipients * 45_000 * spread, "families", "stock"),
        expenditure=paths_of(recipients * 2e7 * spread, "EUR"),
        savings=SavingsTotals(gross * 9e6 * spread[:, 0], gross * 1e6 * spread[:, 0], 4e7, spread),
    )


@pytest.fixture(scope="module")
def comparison():
    moved = {
        "arrivals-halve": {"arrivals": 0.5},
        "contingency-plan": {"arrivals": 1.2},
        "stay-doubles": {"present": 2.0},
        "low-growth": {"recipients": 1.1},
        "activation-25": {},
        "activation-35": {"gross": 1.4},
        "surge-and-delay": {"arrivals": 1.2, "present": 2.0},
    }
    found = [projected("reference"), *[projected(name, **moved[name]) for name in SCENARIOS]]
    return held_together(SimpleNamespace(n_paths=N), found)


@pytest.fixture(scope="module")
def attribution():
    nights = AttributedFigure(
        "nights_without_place", CENTRE, "person-nights", 1000.0, 9000.0, (500.0, 7500.0, 0.0)
    )
    same = AttributedFigure("recipients", "", "families", 45_000.0, 45_000.0, (0.0, 0.0, 0.0))
    players = ("contingency-plan", "stay-doubles", "places-delayed")
    return Attribution(
        load_scenario("surge-and-delay"), "scenarios", players, "shapley", (nights, same)
    )


def sections(report):
    return [
        *report.answer(),
        *report.assumed(),
        *report.multiples(),
        *report.figures(),
        *report.targets(),
        *report.attributed(),
        *report.wording(),
    ]


def words_of(blocks):
    found = []
    for block in blocks:
        if isinstance(block, Messages):
            found += [block.title, *map(plain, block.items)]
        elif isinstance(block, Table):
            found += [plain(block.caption), plain(block.note)]
            found += [column.label for column in block.columns]
            found += [plain(cell) for row in block.rows for cell in row]
        elif isinstance(block, Figure):
            found += [plain(block.caption), plain(block.note), block.alt]
        else:
            found.append(plain(block.text))
    return " ".join(found)


def of_type(blocks, kind):
    return [block for block in blocks if isinstance(block, kind)]


FOREIGN = {
    "en": r"\b(scenarijev|skenaario|banorna|poti)\b",
    "sl": r"\b(the|under|paths|banorna|poluista)\b",
    "sv": r"\b(the|under the|paths|poti|poluista)\b",
    "fi": r"\b(the|under|paths|poti|banorna)\b",
}


@pytest.mark.parametrize("language", language_codes())
def test_the_report_is_written_in_one_language_and_can_be_printed(
    language, comparison, attribution
):
    report = ScenariosReport(comparison, attribution, language)
    blocks = sections(report)
    assert len(of_type(blocks, Figure)) == 5
    assert all(plain(b.caption) for b in blocks if isinstance(b, Figure | Table))
    assert not re.findall(FOREIGN[language], words_of(blocks))
    assert render_pdf(report.head(), blocks).startswith(b"%PDF")


def test_scenario_results_are_projections_and_have_no_probability_of_their_own(
    comparison, attribution
):
    report = ScenariosReport(comparison, attribution)
    said = f"{report.head().subtitle} {words_of(sections(report))}"
    assert "no forecasts" in report.head().subtitle
    assert set(re.findall(r"\w+ forecast\w*", said)) <= {"no forecasts", "not forecasts"}
    assert "It has no probability of its own" in said
    assert "on so many of the 40 joint sample paths, under the assumptions of the scenario" in said


def test_every_chart_and_table_of_invented_figures_says_so(comparison):
    blocks = sections(ScenariosReport(comparison))
    (chart,) = [b for b in of_type(blocks, Figure) if "recipients" in b.id]
    assert chart.alt.startswith("SYNTHETIC FIGURES")
    assert "Synthetic demonstration series, not observed." in plain(chart.note)
    assert any("(synthetic figures)" in plain(b.caption) for b in of_type(blocks, Table))
    assert "Synthetic figures." in words_of(blocks)


def test_the_assumptions_of_a_centre_stand_under_its_chart(comparison):
    blocks = ScenariosReport(comparison, language="sl").multiples()
    (chart,) = [b for b in of_type(blocks, Figure) if CENTRE in b.id]
    note = ScenariosMaterial(comparison).notes(CENTRE)["sl"]
    assert note
    assert note in plain(chart.note)
    assert note in chart.alt


def test_a_panel_stands_for_each_scenario_that_moves_something(comparison):
    moved = {(m.quantity, m.entity): m for m in moved_quantities(comparison)}
    assert list(moved["applications", ""].fans) == ["arrivals-halve", "contingency-plan"]
    assert moved["applications", ""].alike == {"surge-and-delay": "contingency-plan"}
    assert list(moved["present", CENTRE].fans) == ["stay-doubles"]
    assert list(moved["recipients", ""].fans) == ["low-growth"]
    years = moved["applications", ""].base
    assert [str(year) for year in years.periods] == ["2025", "2026"]
    month, change = moved["waiting", ""].largest_change("arrivals-halve")
    assert month in MONTHS
    assert change == pytest.approx(-0.5 * moved["waiting", ""].base.median[0])


def test_the_figures_of_a_panel_are_those_of_the_table(comparison):
    blocks = sections(ScenariosReport(comparison))
    (chart,) = [b for b in of_type(blocks, Figure) if b.id == "scenarios-applications"]
    halved = {d.key: d for d in comparison.differences["arrivals-halve"]}["applications_total", ""]
    words = ScenarioWords(Language("en"))
    written = f"{words.about(halved.value)} ({words.judged(halved)})"
    assert f"Arrivals fall by half: {written}" in chart.alt
    (table,) = [b for b in of_type(blocks, Table) if b.caption == "Applications and waiting"]
    assert written in [plain(cell) for row in table.rows for cell in row]


def test_a_change_is_called_better_or_worse_in_words(comparison):
    report = ScenariosReport(comparison)
    tables = {plain(b.caption): b for b in report.figures() if isinstance(b, Table)}
    centre = next(b for caption, b in tables.items() if "Centre for Foreigners" in caption)
    doubled = next(row for row in centre.rows if row[0] == "Stay doubles")
    assert all(plain(cell).endswith(", worse)") for cell in doubled[2:])
    assert "worse" not in plain(doubled[1]), "persons present are neither"
    saved = tables["Social assistance (synthetic figures) and savings"]
    row = next(row for row in saved.rows if row[0] == "Activation at 35 %")
    assert plain(row[-1]) == "1.4 (+0.4, better)"
    assert plain(row[1]) == plain(row[2]) == "the same"
    assert "No figure differs from the reference under: Activation at 25 %." in words_of(
        report.figures()
    )


def test_the_targets_are_the_robust_ones_of_the_comparison(comparison):
    (target,) = comparison.robust
    published, held = ScenariosReport(comparison).targets()[1:3]
    words = ScenarioWords(Language("en"))
    shares = {plain(row[0]): plain(row[1]) for row in published.rows}
    assert shares["Reference"] == words.share(target.held[0].met["reference"])
    assert shares["Arrivals fall by half"] == words.share(target.held[0].met["arrivals-halve"])
    assert "Stay doubles" not in shares
    (row,) = held.rows
    assert row[0] == "O.1.1"
    assert [row[1], row[3], row[5]] == [
        words.plain(v) for v in (target.proposed, target.robust, target.price)
    ]
    said = words_of(ScenariosReport(comparison).answer())
    assert f"O.1.1 {words.plain(target.robust)} ({words.plain(target.price)} less than" in said
    assert "What binds: Arrivals fall by half" in said


def test_the_bars_of_an_attribution_are_named_and_add_up(comparison, attribution):
    figure, table = ScenariosReport(comparison, attribution).attributed()[1:]
    assert "from the reference with 1,000 to the scenario with 9,000" in figure.alt
    assert "Stay doubles +7,500" in figure.alt
    assert "(Shapley value)" in plain(figure.note)
    (row,) = table.rows
    assert [plain(cell) for cell in row[1:]] == ["1,000", "+500", "+7,500", "0", "9,000"]
    assert ScenariosReport(comparison).attributed() == ()


def test_an_attribution_in_order_says_so(comparison, attribution):
    ordered = replace(attribution, method="order")
    figure = ScenariosReport(comparison, ordered).attributed()[1]
    assert "in the order of application" in plain(figure.note)


def test_a_combination_names_what_it_joins_and_a_bare_assumption_has_no_source(comparison):
    rows = [row for b in ScenariosReport(comparison).assumed()[1:] for row in b.rows]
    joined = next(row for row in rows if row[0] == "Surge, longer stays and late places")
    assert plain(joined[1]).startswith("all of: Contingency plan activated; Stay doubles; New")
    halved = next(row for row in rows if row[0] == "Arrivals fall by half")
    assert halved[1:] == ["arrivals × 0.5, throughout", "–", "assumed"]
    doubled = next(row for row in rows if row[0] == "Stay doubles")
    assert doubled[1] == "length of stay × 2, from Jan 2026"


def test_a_comparison_of_the_reference_alone_is_refused():
    alone = held_together(SimpleNamespace(n_paths=N), [projected("reference")])
    with pytest.raises(InputError, match="without scenarios"):
        ScenariosReport(alone)


VALUES = {
    "arrivals.replay": {"series": "asylum-applicants/FI", "from": "2015-01", "to": "2016-12"},
    "model.flow": "theta-log+ets",
    "arrivals.multiply": {"triangular": [1, 2, 3]},
}


@pytest.mark.parametrize("language", language_codes())
@pytest.mark.parametrize("name", LEVERS)
def test_every_lever_is_said_in_words_with_its_value(name, language):
    value = VALUES.get(name, 0.25 if LEVERS[name].high <= 1 else 2)
    lever = Lever(
        lever=name, value=value, unit=LEVERS[name].unit, start="2026-01", end="2027-12",
        source={"en": "assumption"}, scenario="one", on="thing", label="l",
    )  # fmt: skip
    words = LeverWords(Language(language), {"thing": "Thing"})
    said = words.lever(lever)
    assert "Thing" in said
    assert re.search(r"\d|Theta", said)
    assert "2026" in words.months_of(lever)


def test_a_change_that_cannot_be_seen_is_not_judged(comparison):
    found = comparison.differences["arrivals-halve"][0]
    slight = replace(found, code="wait_months", unit="months", reference=11.9, value=11.901)
    words = ScenarioWords(Language("en"))
    assert words.judged(slight) == "hardly any change"
    assert words.change("over_capacity", "1", 0.224) == "+22 pp"
    assert words.change("over_capacity", "1", -0.006) == "\N{MINUS SIGN}0.6 pp"
    assert words.change("nights_without_place", "person-nights", -7.2e6) == (
        "\N{MINUS SIGN}7.2\N{NO-BREAK SPACE}million"
    )
    assert words.change("wait_months", "months", 0.04) == "0.0"


def fan(top, n=6):
    line = np.linspace(1.0, top, n)
    periods = pd.period_range("2025-01", periods=n, freq="M")
    return Fan(periods, line, 0.5 * line, 1.5 * line, 1.2 * top)


def test_one_scenario_far_above_the_others_does_not_flatten_them():
    moved = Moved("present", "", fan(10), {"low": fan(5), "high": fan(12), "far": fan(100)}, {})
    assert moved.top == pytest.approx(1.15 * 12)
    places = replace(fan(12), places=np.full(6, 60.0))
    assert Moved("present", "", fan(10), {"one": places}, {}).top == pytest.approx(1.04 * 60)


def test_panels_stand_in_even_rows_and_are_drawn_alike_each_time():
    assert [columns_for(n) for n in (1, 2, 4, 5, 6, 7, 9)] == [1, 2, 4, 3, 3, 4, 3]
    panels = [Multiple(f"Scenario {n}", "much more", fan(20), "to 20") for n in range(5)]
    chart = MultiplesChart(fan(10), panels, ("reference", "scenario", ""), "persons", 15.0, "MARK")
    drawn = multiples_chart(chart, Language("en"))
    assert drawn == multiples_chart(chart, Language("en"))
    with pytest.raises(InputError, match="no panels"):
        multiples_chart(replace(chart, panels=[]), Language("en"))
    broken = replace(fan(10), median=np.full(6, np.nan))
    with pytest.raises(InputError, match="do not fit"):
        multiples_chart(replace(chart, base=broken), Language("en"))


def test_a_text_is_broken_between_words_only():
    assert wrapped("", 50.0) == []
    assert wrapped("one two three", 1.0) == ["one", "two", "three"]
    assert wrapped("one two three", 1000.0) == ["one two three"]
    assert wrapped("25\N{NO-BREAK SPACE}% of", 1.0) == ["25\N{NO-BREAK SPACE}%", "of"]


def test_all_selects_what_ships_for_the_reference_and_combinations_come_last():
    found = select_scenarios("all")
    names = [each.id for each in found.scenarios]
    assert found.reference.id == "reference"
    assert set(SCENARIOS) <= set(names)
    assert not {"reference", "reference-fi"} & set(names)
    assert names[-1] == "surge-and-delay"


def test_scenarios_are_selected_by_name_with_their_reference(tmp_path):
    found = select_scenarios("stay-doubles, reference,arrivals-halve")
    assert [each.id for each in found.scenarios] == ["stay-doubles", "arrivals-halve"]
    assert found.reference.id == "reference"
    own = tmp_path / "mine.yaml"
    own.write_text(
        "title: {en: Mine}\nextends: [stay-doubles]\nlevers:\n"
        "  - {lever: arrivals.multiply, value: 2, unit: '1'}\n"
    )
    assert select_scenarios(str(own)).reference.id == "reference"
    for request, message in (
        (" , ", "scenarios ' , '"),
        ("stay-doubles,reference-fi", "scenarios of 2 references: reference, reference-fi"),
        ("stay-halves", "scenario 'stay-halves'"),
    ):
        with pytest.raises(InputError, match=re.escape(message)):
            select_scenarios(request)


def test_the_first_chart_says_how_to_read_all_of_them(comparison):
    charts = of_type(ScenariosReport(comparison).multiples(), Figure)
    said = ["bands hold 80% of the paths" in plain(chart.note) for chart in charts]
    assert said == [True, False, False, False]
