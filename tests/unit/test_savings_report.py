"""The report on savings: what it says follows from the numbers, in either language."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from forecasting import SavingsReport, load_savings, run_savings
from forecasting.briefing.blocks import Figure, Paragraph, Table, plain
from forecasting.briefing.exporter import render_pdf
from forecasting.briefing.savings.material import SavingsMaterial
from forecasting.briefing.savings.words import SavingsWords
from forecasting.distributions import Distribution
from forecasting.errors import InputError
from forecasting.languages import Language
from forecasting.savings.assumed import KEYS, Assumed
from forecasting.savings.bridge import STEPS, build_bridge
from forecasting.savings.outcomes import outcomes
from forecasting.savings.pace import project_inclusion
from forecasting.savings.project import load_project
from forecasting.savings.sensitivity import savings_sobol, tornado
from forecasting.sources.parameters import load_parameters

ENGLISH, SLOVENIAN = SavingsWords(Language("en")), SavingsWords(Language("sl"))
FIXED = {
    "delivery": 1, "deadweight": 0.3, "substitution": 0, "displacement": 0, "effect_lag": "none",
    "relapse": {"share_within": 0.25, "months": 12, "permanent_share": 0.4},
    "indexation": 0.025, "discount": 0.03,
}  # fmt: skip
"""The documented middle case: nothing uncertain."""


@pytest.fixture(scope="module")
def published():
    return run_savings(load_savings("si-p61"))


@pytest.fixture(scope="module")
def full():
    return run_savings(load_savings("si-p61-full", paths=2000))


@pytest.fixture(scope="module")
def report(full, published):
    return SavingsReport(full, published, "si-p61")


def sections(report):
    return [
        *report.answer(),
        *report.bridge(),
        *report.uncertainty(),
        *report.assumptions(),
        *report.realised(),
    ]


def figure_of(blocks, name):
    return next(b for b in blocks if isinstance(b, Figure) and b.id == name)


def table_of(blocks, caption):
    return next(b for b in blocks if isinstance(b, Table) and caption in plain(b.caption))


def text_of(blocks):
    return " ".join(plain(b.text) for b in blocks if isinstance(b, Paragraph))


def all_words(blocks):
    found = []
    for block in blocks:
        content = block.to_json()
        content.pop("svg", None)
        found += re.findall(r"[^\W\d_]{3,}", re.sub(r"'block': '\w+'|doi:\S+", "", str(content)))
    return " ".join(found)


def million(euros):
    return f"{float(euros) / 1e6:.1f}".replace("-", "−")


FOREIGN = {
    "en": r"\b(oseb|prihrank|strošek|verjetnost|mesec)\w*",
    "sl": r"\b(the|and|of|months|persons|with|savings|cost|published|gross|million)\b",
}


@pytest.mark.parametrize("language", ["en", "sl"])
def test_the_report_is_written_in_one_language_and_can_be_printed(language, full, published):
    report = SavingsReport(full, published, "si-p61", language)
    blocks = sections(report)
    ids = [block.id for block in blocks if isinstance(block, Figure)]
    assert ids == ["cumulated", "bridge", "tornado", "sobol", "costs", "inclusion"]
    assert all(block.caption for block in blocks if isinstance(block, Figure | Table))
    shown = [Paragraph(report.short_text()), report.short_figure(height_mm=48)]
    assert not re.findall(FOREIGN[language], all_words([report.head(), *blocks, *shown]))
    assert render_pdf(report.head(), blocks).startswith(b"%PDF")


@pytest.mark.parametrize("language", ["en", "sl"])
def test_the_assumptions_stand_on_every_chart_of_savings(language, full, published):
    note = full.plan.config.note[language]
    for figure in sections(SavingsReport(full, published, "", language)):
        if isinstance(figure, Figure):
            assert note in plain(figure.note), figure.id
            assert note in figure.alt, figure.id


def test_the_head_answers_with_published_net_cost_and_probability(report, full):
    found, head = outcomes(full), report.head()
    assert head.title == (
        f"EUR 10.2 million published, EUR {million(found['net'].mean)} million net can be defended"
    )
    low, high = np.quantile(full.savings.net.sum(axis=1), [0.1, 0.9])
    assert (
        f"Net EUR {million(found['net'].mean)} million (80%: {million(low)} to {million(high)})"
        in (head.subtitle)
    )
    assert "EUR 41.5 million; probability of covering it: gross below 0.1%" in head.subtitle
    assert "no forecast" in head.subtitle
    assert head.data_date == "2018-01-31"


def test_gross_and_net_stand_side_by_side_with_the_cost(report, full):
    blocks = report.answer()
    table = table_of(blocks, "Gross and net in 60 months, against a cost of EUR 41.5 million")
    found = outcomes(full)
    assert [row[1] for row in table.rows] == [
        "10.2", million(found["gross"].mean), million(found["net"].mean),
    ]  # fmt: skip
    assert {row[4] for row in table.rows} == {"not by month 60"}
    assert table.rows[0][5] == f"{41_500_000 / 3000:,.0f}"
    alt = figure_of(blocks, "cumulated").alt
    assert f"gross EUR {million(found['gross'].mean)} million" in alt
    assert f"net EUR {million(found['net'].mean)} million" in alt
    assert "cost EUR 41.5 million" in alt


def test_even_the_most_generous_count_is_the_oracle_of_carried_over_savings(full, published):
    material = SavingsMaterial(full, published)
    assert material.most_generous == 27_866_250
    messages = SavingsReport(full, published).answer()[0]
    assert "EUR 27.9 million would be saved by month 60" in " ".join(map(plain, messages.items))


def test_every_step_of_the_bridge_is_in_chart_and_words(report, full):
    figure, (text, *_) = (
        figure_of(report.bridge(), "bridge"),
        [plain(b.text) for b in report.bridge() if isinstance(b, Paragraph)],
    )
    bridge = build_bridge(full.plan)
    for step in bridge.steps:
        name = ENGLISH.step(step.name, 60)
        assert f"{name} {ENGLISH.signed(step.change)}" in figure.alt
        assert name in text
    assert f"{bridge.cancelled_share:.0%} cancels" in text
    assert f"That gross ({million(outcomes(full)['gross'].mean)}) comes near the published" in text
    assert "by chance" in text


def test_a_sum_for_gross_stands_where_its_steps_are_complete(full, published):
    material = SavingsMaterial(full, published)
    steps = {step.name: step for step in material.bridge.steps}
    gross = ("exit_timing", "carry_over", "relapse", "delivery", "indexation", "discount")
    net = ("deadweight", "substitution", "displacement", "effect_lag")
    for order, place in (((*gross, *net), 5), ((*net, *gross), None)):
        arranged = replace(material.bridge, steps=tuple(steps[name] for name in order))
        vars(material)["bridge"] = arranged
        assert material.gross_after == place


def test_the_assumption_that_matters_most_is_named_with_what_would_tell(report, full):
    text = text_of(report.uncertainty())
    first, second = savings_sobol(full.plan, seed=full.plan.config.seed)[:2]
    assert (
        f"“{ENGLISH.assumption(first.name, full.plan.assumed)}”: with its interactions it" in text
    )
    assert f"explains {first.total_order:.0%} of the variance" in text
    assert f"“{ENGLISH.assumption(second.name, full.plan.assumed)}” with" in text
    assert "comparison group would tell" in text
    assert "payment records would tell" in text


def test_the_tornado_quotes_the_ends_of_every_assumption(report, full):
    alt = figure_of(report.uncertainty(), "tornado").alt
    found = tornado(full.plan)
    for swing in found.swings:
        low, high = sorted((swing.net_at_low, swing.net_at_high))
        shown = f"{ENGLISH.value(swing.name, swing.low)} – {ENGLISH.value(swing.name, swing.high)}"
        assert f"{shown}: {low / 1e6:.2f} to {high / 1e6:.2f}" in alt


def test_every_assumption_has_a_distribution_and_a_quality(report):
    table = table_of(report.assumptions(), "What is assumed")
    rows = {row[0]: row[1:] for row in table.rows}
    *known, source = rows["would have left anyway"]
    assert known == ["50%", "triangular: 10%, 50%, 90%", "unknown"]
    assert "doi:10.1186/s40172-015-0025-5: for wage subsidies" in source
    assert rows["months until the whole effect"][2] == "assumed"
    assert "came back within 12 months" in rows
    assert {row[2] for row in rows.values()} <= {"printed", "assumed", "unknown", "own value"}


def test_the_cohorts_add_up_to_the_table_published(report):
    table = table_of(report.assumptions(), "Who leaves when")
    assert [row[4] for row in table.rows] == [
        "300,000", "312,500", "656,250", "3,120,000", "2,925,000", "2,925,000", "10,238,750",
    ]  # fmt: skip
    assert table.rows[-1][1] == "3,000"


def test_planned_and_realised_stand_to_the_cent_and_an_empty_cell_is_no_zero(report):
    blocks = report.realised()
    alt = figure_of(blocks, "costs").alt
    assert "15 cars: 200,000.00, 137,520.45" in alt
    assert "all tasks: 378,580.00, 246,740.43" in alt
    assert "Medical examination and safety training, 52 employees: 9,000.00, –" in alt
    assert "Publication of the call, first: 1,500.00, 0.00" in alt
    assert "Realised: 65.18% of the planned costs, EUR 246,740.43 of EUR 378,580" in text_of(blocks)
    assert "EUR 41.5 million for programmes and staff" in text_of(blocks)


def test_the_chance_of_the_promise_is_that_of_the_paths(report, full):
    blocks, project = report.realised(), load_project("si-p61")
    inclusion = project_inclusion(project, seed=full.plan.config.seed)
    text = text_of(blocks)
    assert (
        f"3,000 leave by September 2022 with probability {ENGLISH.share(inclusion.p_leaving)}"
        in text
    )
    assert f"included by then with probability {ENGLISH.share(inclusion.p_included)}" in text
    assert "267 persons a month would have to be included, 5 times" in text
    assert "Even exactly on plan only 2,400" in text
    table = table_of(blocks, "Probabilities by the pace")
    assert table.rows[3][0] == "267"
    assert (
        "597 in Oct 2017, counted; 800 by Mar 2018, planned" in figure_of(blocks, "inclusion").alt
    )


def test_without_a_project_nothing_is_said_of_it(full, published):
    report = SavingsReport(full, published)
    assert report.realised() == ()
    newest = max(entry.valid_from for entry in load_parameters("activation").entries)
    assert report.head().data_date >= str(newest.end_time.date())


def test_a_run_without_uncertainty_has_no_intervals(published):
    middle = run_savings(load_savings("si-p61-full", **FIXED))
    report = SavingsReport(middle, published)
    blocks = sections(report)
    assert report.uncertainty() == ()
    assert "80%" not in " ".join(plain(b.text) for b in blocks[:12] if isinstance(b, Paragraph))
    table = table_of(blocks, "Gross and net")
    assert [row[2:4] for row in table.rows] == [["–", "no"]] * 3
    assert "11.4" in figure_of(blocks, "bridge").alt
    assert report.head().title.endswith("EUR 11.4 million net can be defended")
    assert "is covered within 60 months: gross no, net no" in str(plain(blocks[0].items[2]))
    assert "That net (11.4) comes near the published sum (10.2)" in text_of(blocks)
    assert "covered: gross no, net no" in report.head().subtitle
    assert "What this rests on" in plain(blocks[0].items[-1])
    assert render_pdf(report.head(), blocks).startswith(b"%PDF")


def test_where_nothing_is_due_to_the_programme_no_assumption_matters(published):
    """Gross is uncertain, net is 0 in every draw."""
    without = run_savings(load_savings("si-p61-full", deadweight=1, paths=500))
    report = SavingsReport(without, published)
    assert report.uncertainty() == ()
    table = table_of(report.answer(), "Gross and net")
    assert table.rows[2][1:3] == ["0.0", "0.0 to 0.0"]
    assert "What this rests on" in plain(report.answer()[0].items[-1])
    assert report.widest_swing() is None


def test_other_amounts_are_not_called_the_published_sum(full, published):
    cohorts = [
        cohort.model_dump() | {"monthly_amount_eur": 500} for cohort in full.plan.config.cohorts
    ]
    other = run_savings(load_savings("si-p61-full", cohorts=cohorts, paths=200))
    alt = figure_of(SavingsReport(other, published).bridge(), "bridge").alt
    assert "counted as published" in alt
    assert "published 10.2" not in alt
    assert "A sum near the published one would be no evidence" in text_of(
        SavingsReport(other, published).bridge()
    )


def test_a_cost_that_is_covered_has_a_month(published):
    cheap = run_savings(load_savings("si-p61-full", programme_cost_eur=1_000_000, paths=500))
    table = table_of(SavingsReport(cheap, published).answer(), "Gross and net")
    month = outcomes(cheap)["gross"].break_even_month
    assert table.rows[1][3:5] == ["above 99.9%", f"month {month}"]
    assert "Even if all counted" not in plain(SavingsReport(cheap, published).answer()[0].items[2])


def test_overlapping_periods_are_said(full, published):
    cohorts = [cohort.model_dump() for cohort in full.plan.config.cohorts]
    cohorts[1]["start_month"] = 12
    other = run_savings(load_savings("si-p61-full", cohorts=cohorts, paths=200))
    table = table_of(SavingsReport(other, published).assumptions(), "Who leaves when")
    assert plain(table.note).startswith("The periods 7-12 and 13-17 overlap")


def test_a_briefing_says_published_gross_net_and_cost_in_a_few_sentences(report, full):
    said, found = plain(report.short_text()), outcomes(full)
    assert "Published EUR 10,238,750" in said
    for outcome in found.values():
        assert f"EUR {million(outcome.mean)} million (80%" in said
    assert "The cost is EUR 41.5 million (probability of covering it" in said
    figure = report.short_figure(height_mm=48)
    assert "published 10.2; gross" in figure.alt
    assert f"net {million(found['net'].mean)} (" in figure.alt
    assert figure.alt.endswith("cost 41.5.")


def test_the_swing_of_a_briefing_is_the_widest_of_the_tornado(report, full):
    name, low, high = report.widest_swing()
    swing = tornado(full.plan).swings[0]
    assert (low, high) == (swing.net_at_low, swing.net_at_high)
    assert name.startswith("“would have left anyway”: ")


def test_every_assumption_of_a_briefing_is_rated(report, full):
    rated = dict(report.rated())
    assert set(rated.values()) <= {"given", "assumed", "unknown"}
    assert len(rated) == len([name for name in full.plan.assumed if name != "relapse_months"])
    assert rated["would have left anyway 50%"] == "unknown"


def test_a_missing_text_or_project_is_refused(full, published):
    config = full.plan.config.model_copy(update={"note": {"en": "assumed"}})
    foreign = replace(full, plan=replace(full.plan, config=config))
    with pytest.raises(InputError, match="no text in 'sl'"):
        SavingsReport(foreign, published, language="sl")
    with pytest.raises(InputError, match="project 'nowhere'"):
        SavingsReport(full, published, "nowhere")


@pytest.mark.parametrize("words", [ENGLISH, SLOVENIAN])
def test_every_assumption_step_and_form_has_words(words):
    names = [words.assumption(name, {}) for name in KEYS]
    steps = [words.step(name, 60) for name in STEPS]
    assert len(set(names)) == len(KEYS)
    assert len(set(steps)) == len(STEPS)
    known = [name for name in KEYS if words.evidence(name)]
    assert set(KEYS) - set(known) == {"indexation", "discount", "relapse_months"}


@pytest.mark.parametrize(
    ("value", "english", "slovenian"),
    [
        (0.3, "fixed", "določeno"),
        (Distribution(uniform=(0, 0.3)), "uniform: 0% to 30%", "enakomerna: 0 % do 30 %"),
        (Distribution(beta=(2, 5)), "beta: 2 and 5", "beta: 2 in 5"),
    ],
)
def test_a_distribution_is_written_out(value, english, slovenian):
    assert ENGLISH.spread("deadweight", value) == english
    assert SLOVENIAN.spread("deadweight", value).replace("\N{NO-BREAK SPACE}", " ") == slovenian


def test_amounts_have_sign_unit_and_cents():
    assert [ENGLISH.signed(v) for v in (17_627_500, -5_119_375, 40_000, 0)] == [
        "+17.6", "−5.1", "0.0", "0.0",
    ]  # fmt: skip
    assert ENGLISH.euros(10_238_750) == "EUR 10,238,750"
    assert SLOVENIAN.euros(246_740.43).replace("\N{NO-BREAK SPACE}", " ") == "246.740,43 EUR"
    assert SLOVENIAN.euros_million(41_500_000).split() == ["41,5", "mio", "EUR"]


def test_the_source_of_an_assumption_is_in_the_language_of_the_page():
    source = {"en": "source document 004, effects", "sl": "vir 004, učinki"}
    assert ENGLISH.source(Assumed(0.1, source)) == "source document 004, effects"
    assert SLOVENIAN.source(Assumed(0.1, source)) == "vir 004, učinki"
    assert ENGLISH.source(Assumed(0.1)) == "–"
