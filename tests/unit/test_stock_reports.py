"""The reports on stocks: what they say follows from the numbers, in either language."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting import (
    BacklogReport,
    OccupancyReport,
    load_backlog,
    load_occupancy,
    run_backlog,
    run_occupancy,
    vary_occupancy,
)
from forecasting.briefing.blocks import Figure, Heading, Messages, Paragraph, Table, Tiles, plain
from forecasting.briefing.exporter import render_pdf
from forecasting.briefing.stocks import occupancy_texts
from forecasting.briefing.stocks.backlog_material import BacklogMaterial
from forecasting.briefing.stocks.occupancy_material import OccupancyMaterial
from forecasting.briefing.stocks.words import StockWords
from forecasting.errors import InputError
from forecasting.languages import Language
from forecasting.paths import interval, make_paths, quantile
from forecasting.stocks.occupancy_variants import occupancy_sensitivity
from forecasting.stocks.service_level import capacity_for, over_capacity_in_year

ENGLISH = StockWords(Language("en"))
CENTRE, RECEPTION, FINLAND = (
    "si-centre-for-foreigners",
    "si-reception-centres",
    "fi-asylum-backlog",
)


@pytest.fixture(scope="module")
def centre():
    return run_occupancy(load_occupancy(CENTRE, paths=200))


@pytest.fixture(scope="module")
def reception():
    return run_occupancy(load_occupancy(RECEPTION, paths=100))


@pytest.fixture(scope="module")
def finland():
    return run_backlog(load_backlog(FINLAND, paths=100))


def occupancy_sections(report, reception):
    return [
        *report.answer(),
        *report.chances(),
        *report.service(),
        *report.sensitivity(stays=(1.0, 2.0), arrivals=(1.0, 8.0)),
        *report.rules(),
        *report.indicators([reception]),
    ]


def backlog_sections(report):
    return [*report.answer(), *report.waits(), *report.staff(), *report.work(), *report.places()]


def all_words(blocks):
    found = []
    for block in blocks:
        for value in block.to_json().values():
            found += re.findall(r"[^\W\d_]{3,}", str(value)) if "<svg" not in str(value) else []
    return " ".join(found)


def text_of(blocks):
    return " ".join(plain(b.text) for b in blocks if isinstance(b, Paragraph))


def tables_of(blocks):
    return [block for block in blocks if isinstance(block, Table)]


FOREIGN = {"en": r"\b(oseb|mest|verjetnost|mesec)\w*", "sl": r"\b(the|and|of|months|places|with)\b"}


@pytest.mark.parametrize("language", ["en", "sl"])
def test_both_reports_are_written_in_one_language_and_can_be_printed(
    language, centre, reception, finland
):
    occupancy, backlog = (
        OccupancyReport(centre, language, "detention-counts"),
        BacklogReport(finland, language),
    )
    for report, blocks, figures in (
        (occupancy, occupancy_sections(occupancy, reception), 4),
        (backlog, backlog_sections(backlog), 4),
    ):
        assert sum(isinstance(block, Figure) for block in blocks) == figures
        assert all(block.caption for block in blocks if isinstance(block, Figure | Table))
        assert not re.findall(FOREIGN[language], all_words([report.head(), *blocks]))
        assert render_pdf(report.head(), blocks).startswith(b"%PDF")


@pytest.mark.parametrize("language", ["en", "sl"])
def test_the_assumptions_stand_on_every_chart_and_in_its_alternative_text(
    language, centre, reception, finland
):
    for report, blocks in (
        (centre, occupancy_sections(OccupancyReport(centre, language), reception)),
        (finland, backlog_sections(BacklogReport(finland, language))),
    ):
        note = report.plan.config.note[language]
        for figure in (block for block in blocks if isinstance(block, Figure)):
            assert note in plain(figure.note), figure.id
            assert note in figure.alt, figure.id


def test_a_variant_is_named_wherever_the_assumptions_are(centre):
    varied = vary_occupancy(centre.plan, stay_factor=2.0, arrivals_factor=1.5)
    report = OccupancyReport(run_occupancy(varied))
    for figure in (b for b in [*report.answer(), *report.service()] if isinstance(b, Figure)):
        assert "Variant: length of stay × 2, arrivals × 1.5" in plain(figure.note)
        assert "Variant: length of stay × 2, arrivals × 1.5" in figure.alt


def test_the_head_says_what_is_more_probable(centre):
    enough = 1 - over_capacity_in_year(centre.demand, centre.plan.capacity).to_numpy()[-1]
    head = OccupancyReport(centre).head()
    shown = ENGLISH.share(enough)
    assert head.title.endswith(f"enough places throughout 2029 with probability {shown}")
    assert head.data_date == "2024-12-31"
    full = run_occupancy(load_occupancy(CENTRE, paths=200, capacity=12))
    assert "too few places at times in 2029" in OccupancyReport(full).head().title


def test_the_answer_is_the_projection(centre):
    messages, figure = OccupancyReport(centre, counted="detention-counts").answer(0.9)
    said = " ".join(plain(item) for item in messages.items)
    last = centre.demand[:, -12:]
    low, high = np.quantile(last, [0.1, 0.9], method="inverted_cdf")
    assert f"lie between {low:.0f} and {high:.0f}" in said
    for meaning in ("pointwise", "simultaneous", "share_of_nights"):
        places = int(capacity_for(centre.demand, 0.9, meaning=meaning)[-1])
        assert re.search(rf"\b{places}\b", said)
    assert "On 20 October 2015: 165 persons present" in said
    assert "20 October 2015: 165" in figure.alt
    bounds = interval(centre.demand, 80).to_numpy()[:, -1]
    assert f"80%: {bounds[0]:.0f} to {bounds[1]:.0f}" in figure.alt


def test_without_counts_of_days_nothing_is_said_of_them(centre):
    messages, figure = OccupancyReport(centre).answer()
    assert not [item for item in messages.items if "2015" in plain(item)]
    assert "2015" not in figure.alt


def test_the_years_stand_against_their_places(centre):
    (table,) = tables_of(OccupancyReport(centre).chances())
    chances = over_capacity_in_year(centre.demand, centre.plan.capacity).to_numpy()
    assert [row[0] for row in table.rows] == ["2025", "2026", "2027", "2028", "2029"]
    assert [row[1] for row in table.rows] == ["60"] * 4 + ["60–120"]
    assert [row[4] for row in table.rows] == [ENGLISH.share(chance) for chance in chances]


def test_the_three_meanings_are_places_apart(centre):
    blocks = OccupancyReport(centre).service(0.9)
    (table,) = tables_of(blocks)
    for row, meaning in zip(
        table.rows, ("pointwise", "simultaneous", "share_of_nights"), strict=True
    ):
        needed = capacity_for(centre.demand, 0.9, meaning=meaning).to_numpy()
        assert row[1:] == [f"{places:.0f}" for places in needed]
        assert f"{needed[-1]:.0f} places" in text_of(blocks)


def test_the_sensitivity_names_the_first_factor_at_which_places_are_too_few(centre):
    material = OccupancyMaterial(centre, "detention-counts")
    grid = occupancy_sensitivity(
        centre.plan, stay_factors=(1.0, 2.0), arrivals_factors=(1.0, 2.0, 8.0)
    )
    text = occupancy_texts.sensitivity_text(material, grid, ENGLISH)
    share = ENGLISH.share(grid.over[60][1, 0])
    assert f"with a probability of {share} where arrivals are 2 times as many" in text
    assert "(165) would be reached by the median with arrivals × 8 and a stay × 2" in text
    mild = occupancy_sensitivity(centre.plan, stay_factors=(1.0,), arrivals_factors=(0.5, 1.0))
    text = occupancy_texts.sensitivity_text(material, mild, ENGLISH)
    assert "exceeded with a probability below 5% under all arrivals shown" in text
    assert "No variant shown has a median as high as the count of 20 October 2015" in text


def test_rules_on_fewer_places_than_there_are_say_so(centre):
    blocks = OccupancyReport(centre).rules()
    few = OccupancyMaterial(centre).binding
    (figure,) = (block for block in blocks if isinstance(block, Figure))
    assert few < 60
    assert (
        plain(figure.caption) == f"Stressed variant, {few} places: four rules on the same persons"
    )
    assert "Stressed variant, not the places there are" in text_of(blocks)
    own = OccupancyReport(centre).rules(60)
    assert "The places are those of the configuration." in text_of(own)
    assert "Stressed" not in str([block.to_json() for block in own])


def test_indicators_are_held_against_both_promised_numbers(centre, reception):
    blocks = OccupancyReport(centre).indicators([reception], probability=0.8)
    assert [b.text for b in blocks if isinstance(b, Heading)][1:] == [
        "O.3.5: Centre for Foreigners, Postojna",
        "O.1.3: Reception of asylum applicants, Slovenia",
    ]
    detention, asylum = tables_of(blocks)
    assert [column.label for column in asylum.columns[2:6]] == [
        "45: all months", "45: one month", "420: all months", "420: one month",
    ]  # fmt: skip
    within = 1 - over_capacity_in_year(centre.demand, 60).to_numpy()
    assert [row[2] for row in detention.rows] == [ENGLISH.share(share) for share in within]
    needed = capacity_for(centre.demand, 0.8, meaning="simultaneous").to_numpy()
    assert [row[-1] for row in detention.rows] == [f"{places:.0f}" for places in needed]
    assert "how many places existed before" in text_of(blocks)


def test_without_an_indicator_there_is_no_such_section(centre):
    config = centre.plan.config.model_copy(update={"indicator": None})
    plain_ = replace(centre, plan=replace(centre.plan, config=config))
    assert OccupancyReport(plain_).indicators() == ()


def test_an_occupancy_without_places_or_whole_years_is_refused(tmp_path):
    text = """
name: short
start: 2025-03
horizon: 8
arrivals: {constant: 10}
length_of_stay: {distribution: exponential, mean: 2}
paths: 20
"""
    path = tmp_path / "short.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="no capacity"):
        OccupancyReport(run_occupancy(load_occupancy(path)))
    with pytest.raises(InputError, match="less than a calendar year"):
        OccupancyReport(run_occupancy(load_occupancy(path, capacity=20)))
    year = run_occupancy(load_occupancy(path, start="2025-01", horizon=12, capacity=20))
    assert OccupancyReport(year).head().title.startswith("short:")


def test_a_note_in_another_language_only_is_refused(centre):
    config = centre.plan.config.model_copy(update={"note": {"en": "assumed"}})
    foreign = replace(centre, plan=replace(centre.plan, config=config))
    with pytest.raises(InputError, match="no text in 'sl'"):
        OccupancyReport(foreign, "sl")


def test_the_staff_needed_stands_beside_the_staff_of_now(finland):
    messages, tiles, figure, jumps = BacklogReport(finland).answer()
    assert isinstance(messages, Messages)
    assert isinstance(tiles, Tiles)
    needed = ENGLISH.staff(finland.needed.persons)
    assert plain(messages.items[0]).startswith(f"Staff needed: {needed}")
    assert [tile.value for tile in tiles.items[:2]] == ["53.9", needed]
    assert f"{needed} staff needed, 53.9 now" in BacklogReport(finland).head().title
    waiting = quantile(finland.result.backlog, [0.5]).to_numpy()[0, -1]
    assert f"median {ENGLISH.about(waiting)}" in figure.alt
    assert "only 395 applied: the counting must have changed" in plain(jumps.text)
    assert "(2) March 2022: +1,575 against the month before, with 1,900" in plain(jumps.text)


def test_the_ratio_of_staff_does_not_depend_on_the_hours(finland):
    longer = run_backlog(
        load_backlog(FINLAND, paths=100, capacity={"staff": {
            "persons": 107.8,
            "hours_per_case": {"registration": 4, "interview": 12, "decision": 20, "appeal": 16},
        }})
    )  # fmt: skip
    assert BacklogMaterial(longer).ratio == pytest.approx(BacklogMaterial(finland).ratio)
    assert longer.needed.persons == pytest.approx(2 * finland.needed.persons)


def test_every_year_end_has_its_waits(finland):
    (table,) = tables_of(BacklogReport(finland).waits())
    assert [row[0] for row in table.rows] == ["Dec 2024", "Dec 2025", "Dec 2026", "Sept 2027"]
    low, middle, high = np.quantile(
        finland.result.wait_of_last_arrival[:, -1], [0.1, 0.5, 0.9], method="inverted_cdf"
    )
    assert table.rows[-1][2] == f"{middle:.1f} ({low:.1f}–{high:.1f})"


def test_the_work_is_told_by_stage_with_its_quality(finland):
    stages, person = tables_of(BacklogReport(finland).work())
    assert [row[0] for row in stages.rows] == [
        "registration", "interview", "decision", "appeal", "whole process",
    ]  # fmt: skip
    assert {row[-1] for row in stages.rows[:-1]} == {"assumed"}
    total = sum(float(row[3]) for row in stages.rows[:-1])
    assert float(stages.rows[-1][3]) == pytest.approx(total, abs=0.05)
    assert person.rows[-1][1] == f"{finland.plan.staff.cases_per_person:.1f}"


def test_hours_of_the_office_itself_are_not_called_assumed():
    own = {"persons": 50, "availability": 0.8, "hours_per_case": {"interview": 5, "translation": 3}}
    report = BacklogReport(run_backlog(load_backlog(FINLAND, paths=20, capacity={"staff": own})))
    stages, person = tables_of(report.work())
    quality = {row[0]: row[-1] for row in stages.rows}
    assert (quality["interview"], quality["translation"]) == ("own value", "own value")
    assert [row[-1] for row in person.rows[:3]] == ["assumed", "own value", "assumed"]


def test_places_follow_from_the_share_in_private_accommodation(finland):
    (table,) = tables_of(BacklogReport(finland).places())
    share = finland.plan.config.private_share
    median = np.quantile(finland.result.backlog[:, -1], 0.5, method="inverted_cdf")
    assert table.rows[-1][1] == ENGLISH.about(median * (1 - share))
    assert table.rows[-1][3] == ENGLISH.about(median)
    assert BacklogReport(replace(finland, places=None)).places() == ()


def test_a_backlog_without_staff_is_refused():
    constant = load_backlog(FINLAND, paths=20, capacity={"staff": None, "constant": 300})
    with pytest.raises(InputError, match="a constant capacity"):
        BacklogReport(run_backlog(constant))


def test_a_backlog_that_is_only_a_number_has_no_observations(finland):
    known = load_backlog(FINLAND, paths=20, initial_backlog=5000)
    blocks = BacklogReport(run_backlog(known)).answer()
    assert [type(block) for block in blocks] == [Messages, Tiles, Figure]
    assert "Observed from" not in blocks[-1].alt


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.0, "below 0.1%"), (0.0004, "below 0.1%"), (0.02, "2.0%"), (0.0994, "9.9%"), (0.5, "50%"),
     (0.0996, "10%"), (0.9066, "90.7%"), (0.9996, "above 99.9%"), (1.0, "above 99.9%")],
)  # fmt: skip
def test_a_chance_is_never_nought_nor_certain(share, expected):
    assert ENGLISH.share(share) == expected


@pytest.mark.parametrize(
    ("months", "english", "slovenian"),
    [(0.5, "15 days", "15 dni"), (0.05, "1.5 days", "1,5 dneva"), (0.0, "0 days", "0 dni"),
     (2.0, "61 days", "61 dni")],
)  # fmt: skip
def test_a_wait_is_written_in_days(months, english, slovenian):
    assert ENGLISH.days(months) == english
    assert StockWords(Language("sl")).days(months) == slovenian


def test_places_have_the_plural_of_their_number():
    slovenian = StockWords(Language("sl"))
    assert [slovenian.places(n) for n in (1, 2, 3, 60, 101)] == [
        "1 mesto", "2 mesti", "3 mesta", "60 mest", "101 mesto",
    ]  # fmt: skip
    assert slovenian.limit(6.0) == "6 mesecev"
    assert slovenian.limit(1.5) == "1,5 meseca"


def test_a_jump_of_counting_is_one_that_arrivals_cannot_explain(finland):
    first, second = BacklogMaterial(finland).jumps
    assert (str(first.found.period), first.is_counting) == ("2018-01", True)
    assert (str(second.found.period), second.is_counting) == ("2022-03", False)
    assert not replace(first, applied=None).is_counting


def test_an_estimate_is_read_at_its_month(finland):
    periods = pd.period_range("2024-10", periods=36, freq="M")
    values = np.outer(np.arange(1.0, 101.0), np.ones(36))
    paths = make_paths(values, periods, unit="persons", kind="stock")
    found = BacklogMaterial(finland).at(paths, periods[3])
    assert (found.lower, found.median, found.upper) == (10, 50, 90)
