"""A comparison as a long table, one value per row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from forecasting.paths import periods_of, quantile
from forecasting.periods import format_period
from forecasting.projections.comparison import TAILS, Comparison, Difference, RobustTarget
from forecasting.projections.key_figures import OF_CASELOAD, PROPOSED, Measure, measures

if TYPE_CHECKING:
    import xarray as xr

    from forecasting.projections.projection import Projection
    from forecasting.scenarios import Scenario

COLUMNS = (
    "scenario",
    "measure",
    "entity",
    "period",
    "output_type",
    "quantile_level",
    "value",
)
"""Columns of the table; follows the long format of the hubverse (output_type, value)."""

LEVELS = (0.1, 0.5, 0.9)
"""Quantile levels of what is told month by month."""

SYNTHETIC = "synthetic"
"""Entity of key figures of a caseload that was generated, not observed."""

Row = tuple[str, str, str, str, str, float, float]


def comparison_table(comparison: Comparison) -> pd.DataFrame:
    """Write a comparison as a long table.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`. Month by month (``period``) the quantiles of persons who apply, persons
        present, cases that wait, months of waiting, families and EUR; over all months the key
        figures (see `key_figures`), and under ``<measure>_difference`` what they differ from the
        reference by, with the quantiles of the differences on the same path; of each target
        (``published``, ``proposed``, ``robust``) its value, the share of the paths that attain it
        (``_met``) and its regret (``_regret``). The ``entity`` of a caseload that was generated,
        not observed, is ``synthetic``.
    """
    rows: list[Row] = []
    for projection in comparison.projections:
        rows += _months(projection)
        rows += _figures(projection)
        rows += _differences(projection.scenario, comparison.differences)
    for target in comparison.robust:
        rows += _targets(target)
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"value": float})


def caseload_mark(scenario: Scenario) -> str:
    """Return the entity of key figures of the caseload: empty, or the mark of a synthetic one."""
    return SYNTHETIC if scenario.chain.is_synthetic else ""


def entity_of(code: str, entity: str, scenario: Scenario) -> str:
    """Return the entity of a key figure as it stands in a table."""
    return caseload_mark(scenario) if code in OF_CASELOAD else entity


def _months(projection: Projection) -> Iterator[Row]:
    told: list[tuple[str, str, xr.DataArray | None]] = [("applications", "", projection.arrivals)]
    for centre in projection.centres:
        told += [("present", centre.name, centre.present), ("over", centre.name, centre.over)]
    if projection.backlog is not None:
        told += [
            ("waiting", "", projection.backlog.backlog),
            ("wait_months", "", projection.backlog.wait_of_last_arrival),
        ]
    mark = caseload_mark(projection.scenario)
    told += [
        ("recipients", mark, projection.recipients),
        ("expenditure", mark, projection.expenditure),
    ]
    for measure, entity, paths in told:
        if paths is None:
            continue
        values = quantile(paths, LEVELS).to_numpy()
        for level, own in zip(LEVELS, values, strict=True):
            for period, value in zip(periods_of(paths), own, strict=True):
                month = format_period(period)
                yield projection.scenario.id, measure, entity, month, "quantile", level, value


def _figures(projection: Projection) -> Iterator[Row]:
    scenario = projection.scenario
    for each in measures(projection):
        entity = entity_of(each.code, each.entity, scenario)
        yield scenario.id, each.code, entity, "", *_output(each), each.figure.value


def _output(measure: Measure) -> tuple[str, float]:
    if measure.statistic == "proposal":
        return "quantile", round(1 - PROPOSED, 10)
    return ("mean", np.nan) if measure.statistic == "mean" else ("median", np.nan)


def _differences(
    scenario: Scenario, differences: Mapping[str, tuple[Difference, ...]]
) -> Iterator[Row]:
    for each in differences.get(scenario.id, ()):
        entity = entity_of(each.code, each.entity, scenario)
        head = scenario.id, f"{each.code}_difference", entity, ""
        yield (*head, "point", np.nan, each.change)
        for level, value in zip(TAILS, (each.lower, each.upper), strict=True):
            if value is not None:
                yield (*head, "quantile", level, value)


def _targets(target: RobustTarget) -> Iterator[Row]:
    none: Any = np.nan
    for held in target.held:
        yield "", held.kind, target.indicator, "", "point", none, float(held.value)
        for scenario, share in held.met.items():
            yield scenario, f"{held.kind}_met", target.indicator, "", "mean", none, share
        for scenario, regret in held.regret.items():
            yield scenario, f"{held.kind}_regret", target.indicator, "", "mean", none, regret
