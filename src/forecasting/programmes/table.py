"""Published, re-derived and proposed values as a long table for a file."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from forecasting.forecasts import Forecast
from forecasting.languages import Language
from forecasting.periods import format_period
from forecasting.programmes.catalogue import Programme
from forecasting.programmes.derivation import forecast_trace, published_trace
from forecasting.programmes.proposals import Proposal
from forecasting.programmes.reliability import tested_probabilities


def targets_table(
    programme: Programme, proposals: Sequence[Proposal], language: Language, result: Forecast | None
) -> pd.DataFrame:
    """Write proposals as a table, one row per milestone or target.

    Parameters
    ----------
    programme : Programme
    proposals : sequence of Proposal
        What `propose_targets` returned.
    language : Language
        Of names, traces and notes.
    result : Forecast or None
        The forecast they were made from; None where no indicator follows from one.

    Returns
    -------
    pandas.DataFrame
        Published value, its calculation and what the inputs give; then, where the indicator is
        driven by the forecast, the calculation, the probability that the published value is met,
        when it is passed, and per attainment probability NN the columns ``proposal_pNN`` and
        ``attained_pNN``, the share of paths that attain it (a part has its share of its total's
        target, so it may be a little off NN), ``joint_pNN`` and ``unique_persons_pNN``, with
        ``persons_from_pNN`` and ``persons_to_pNN`` for those counted twice, and ``reason_pNN``, the
        main reason for the change. `driver` is what the indicator hangs on, `unproposed` why
        nothing is proposed, `assumption` the one that moves the target most, between
        `assumption_low` and `assumption_high`. Empty cells: not given in the document, or nothing
        proposed. The last columns say from
        which origin, data and number of paths, and how often such targets were met in the past.
    """
    table = pd.DataFrame([_row(programme, proposal, language) for proposal in proposals])
    if result is None:
        return table
    table["origin"] = format_period(result.origin)
    table["data_as_of"] = None if result.series.vintage is None else str(result.series.vintage)
    table["n_paths"] = result.paths.sizes["path"]
    for entry in tested_probabilities(result.paths.sizes["period"]):
        name = f"p{100 * entry.probability:g}"
        table[f"tested_met_{name}"] = entry.met
        table[f"tested_window_months_{name}"] = entry.window_months
    return table


def _row(programme: Programme, proposal: Proposal, language: Language) -> dict[str, object]:
    indicator, passing = proposal.indicator, proposal.passing
    rule = indicator.from_forecast
    trace = None
    if proposal.persons is not None:
        trace = forecast_trace(programme, indicator, proposal.persons, language)
    lower, upper = passing.interval if passing else (None, None)
    row: dict[str, object] = {
        "programme": programme.id,
        "version": proposal.version.version,
        "indicator": indicator.code,
        "name": indicator.name[language.code],
        "point": proposal.point,
        "date": format_period(proposal.date),
        "unit": indicator.unit,
        "published": proposal.published,
        "published_trace": published_trace(programme, indicator, proposal.point, language),
        "rederived": None if proposal.rederived is None else float(proposal.rederived),
        "difference": None if proposal.difference is None else float(proposal.difference),
        "forecast_trace": trace,
        "observed": None if proposal.draws is None else round(proposal.observed, 3),
        "probability_of_published": proposal.probability,
        "passed_median": _month(passing.median if passing else None),
        "passed_lower": _month(lower),
        "passed_upper": _month(upper),
        "share_passed": passing.share_reached if passing else None,
        "note": rule.note[language.code] if rule and rule.note else None,
        "driver": proposal.driver,
        "unproposed": proposal.unproposed or None,
        **_widest(proposal),
    }
    for probability, value in proposal.proposals.items():
        name = f"p{100 * probability:g}"
        unique = proposal.unique.get(probability)
        row[f"proposal_{name}"] = value
        row[f"attained_{name}"] = proposal.attained[probability]
        row[f"joint_{name}"] = proposal.joint.get(probability)
        row[f"unique_persons_{name}"] = None if unique is None else float(unique[1])
        least, most = proposal.bounds.get(probability, (None, None))
        row[f"persons_from_{name}"], row[f"persons_to_{name}"] = least, most
        change = proposal.changes.get(probability)
        row[f"reason_{name}"] = change.main if change else None
    return row


def _widest(proposal: Proposal) -> dict[str, object]:
    """Name the assumption that moves the value most, with the value at its ends."""
    swing = proposal.swings[0] if proposal.swings else None
    return {
        "assumption": swing.name if swing else None,
        "assumption_low": swing.low if swing else None,
        "assumption_high": swing.high if swing else None,
    }


def _month(month: pd.Period | None) -> str | None:
    return None if month is None else format_period(month)
