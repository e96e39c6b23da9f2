"""Reporting lag: how much the newest figures are still revised.

The question a forecaster has on the day of the download is by how much the last months in the table
will differ from what the table will say in the end. One case is therefore one country in one
calendar month: for each age (months between the reference month and the month of the table) the
log ratio of the settled value to the value then known. A month that is published late simply has no
case at the ages before; a late month is not a revision.

Revisions come as restatements: one day a country changes many months at once. So a case is drawn
whole, and the months of a path move together. Most cases are not revised at all, so the draws widen
the last months and leave their median where it is; see docs/adr/0013-reporting-lag.md.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.paths import make_paths
from forecasting.series.regular import RegularSeries
from forecasting.sources.held import held_history
from forecasting.sources.reference import SHAPES, check_hash, find_dataset
from forecasting.sources.vintages import as_published
from forecasting.tables import read_rows

DATASET = "reporting-revisions"
"""Reference data used where only one vintage is held."""

OLDEST = 6
"""Highest age in months that is looked at; older figures are taken as they stand."""

CORRECTED_MONTHS = 3
"""How many of the last months `correct_recent` draws."""

OWN_MONTHS = 12
"""In how many months the store has to have cases of its own before they replace the shipped."""

_SETTLED_MONTHS = 6  # after which a case counts as settled: the latest value is taken as the last
_SMALLEST = 25  # below, rounding to 5 alone moves a value by a tenth
_POOLED_CASES = 60  # own cases, five years of them, with which a country weighs as much as the pool


@dataclass(frozen=True)
class Revisions:
    """Past revisions, one row per case.

    Attributes
    ----------
    log_ratios : pandas.DataFrame
        Index ``geo`` and ``vintage`` (month of the table, as text), columns 1 to 6, the age in
        months; log of settled over published value, NaN where the month had not been published or
        counted fewer than 25.
    source : str
        Where the cases come from.
    """

    log_ratios: pd.DataFrame
    source: str = ""

    @property
    def geos(self) -> pd.Index:
        """Country of each case."""
        return self.log_ratios.index.get_level_values("geo")

    def weights(self, geo: str | None = None) -> np.ndarray:
        """Probability with which each case is drawn for a country; shape ``(n_cases,)``.

        The n cases of the country share n / (n + 60), all cases share the rest: a country without
        cases gets the pool, one with a year of them nearly so.
        """
        own = np.asarray(self.geos == geo, dtype=float)
        share = own.sum() / (own.sum() + _POOLED_CASES)
        return np.asarray((1 - share) / len(own) + share * own / max(own.sum(), 1.0))


def estimate_revisions(
    vintages: pd.DataFrame, *, settled_months: int = _SETTLED_MONTHS
) -> Revisions:
    """Collect the revisions that a file of vintages shows.

    Parameters
    ----------
    vintages : pandas.DataFrame
        See `read_vintages`.
    settled_months : int
        A case counts only if the vintages go on for so many months after it; otherwise a revision
        still to come would count as none. A month without a vintage gives no case: what was then
        published is not known.

    Returns
    -------
    Revisions

    Raises
    ------
    InputError
        If the vintages do not go on long enough for a single case.
    """
    first, last = (pd.Period(day, "M") for day in vintages["vintage"].agg(["min", "max"]))
    settled = as_published(vintages, vintages["vintage"].max())
    months = _case_months(vintages, settled_months)
    cases = [_cases_of(vintages, month, settled) for month in months]
    found = [each for each in cases if not each.empty]
    if not found:
        raise InputError(
            f"vintages from {first} to {last}",
            expected=f"more than {settled_months} months, counts of {_SMALLEST} or more",
            action="use default_revisions()",
        )
    return Revisions(pd.concat(found), f"vintages {first} to {last}")


def _case_months(vintages: pd.DataFrame, settled_months: int) -> list[pd.Period]:
    """Months in which a table was seen, with so many months of tables after them."""
    seen = sorted({pd.Period(day, "M") for day in vintages["vintage"]})
    return [month for month in seen if month + settled_months <= seen[-1]]


def known_revisions(name: str) -> Revisions:
    """Return how figures of a data set have been revised.

    Parameters
    ----------
    name : str
        Of a monthly data set of the reference data.

    Returns
    -------
    Revisions
        Learned from the vintages that the store holds, once they give cases in twelve months;
        until then `default_revisions`.

    Raises
    ------
    InputError
        If there is no such data set, or a vintage is damaged.
    """
    dataset = find_dataset(name)
    own = _own_revisions(name, dataset.path) if dataset.held else None
    return own or default_revisions()


@lru_cache(maxsize=4)
def _own_revisions(name: str, newest: Path) -> Revisions | None:
    """Learn from the vintages up to the newest one; None where they do not go on long enough."""
    history = held_history(name)
    if history is None or len(_case_months(history, _SETTLED_MONTHS)) < OWN_MONTHS:
        return None
    try:
        return estimate_revisions(history)
    except InputError:  # counts of 25 or more are too rare
        return None


def default_revisions() -> Revisions:
    """Read the revisions for where one vintage is held: those of 2024 in the reference data."""
    dataset = find_dataset(DATASET)
    check_hash(dataset)
    rows = read_rows(dataset.path, SHAPES[dataset.shape])
    rows = rows.astype({"age_months": int, "ratio": float})
    ratios = rows.pivot_table(index=["geo", "vintage"], columns="age_months", values="ratio")
    return Revisions(ratios.apply(np.log), dataset.source)


def summarise_revisions(revisions: Revisions) -> pd.DataFrame:
    """Tabulate revisions by country and age.

    Returns
    -------
    pandas.DataFrame
        Columns ``geo`` (``all`` for the pool), ``age_months``, ``cases``, ``revised`` (share of
        the cases), ``median`` and ``spread`` (standard deviation) of the log ratio.
    """
    groups = {"all": revisions.log_ratios}
    groups |= {str(geo): own for geo, own in revisions.log_ratios.groupby(level="geo")}
    rows = []
    for geo, own in groups.items():
        for age, column in own.items():
            found = column.dropna()
            if not found.empty:
                spread = float(np.std(found))
                revised = float((found != 0).mean())
                rows.append((geo, age, len(found), revised, float(found.median()), spread))
    columns = ["geo", "age_months", "cases", "revised", "median", "spread"]
    return pd.DataFrame(rows, columns=columns)


def correct_recent(
    series: RegularSeries,
    revisions: Revisions,
    *,
    n_paths: int,
    rng: np.random.Generator,
    geo: str | None = None,
) -> xr.DataArray:
    r"""Draw what the last months will be once settled, given what is published.

    .. math:: y^{settled}_{t} = y_{t} \exp(r_{a(t)})

    with the row r of one past case, the same for all months of a path, and the age a(t) of month t.

    Parameters
    ----------
    series : RegularSeries
        Monthly. By its `vintage` the age of its months is known; without one the last month is
        taken as just published, at the age of 1. Months older than 6 months at the vintage are not
        changed, so figures cut to an earlier origin stay as they are.
    revisions : Revisions
        Past cases.
    n_paths : int
        Number of paths.
    rng : numpy.random.Generator
        Source of random numbers.
    geo : str, optional
        Country, as in the vintages, whose own cases weigh more. Default: the pool.

    Returns
    -------
    xarray.DataArray
        Dims ``(path, period)``: the last three months, not rounded.

    Raises
    ------
    InputError
        If the series is not monthly, is shorter than three months, or ends after its vintage.
    """
    ages = _ages(series)
    rows = revisions.log_ratios.bfill(axis=1).fillna(0.0)  # not yet published: as the next age
    drawn = rng.choice(len(rows), size=n_paths, p=revisions.weights(geo))
    ratios = np.zeros((n_paths, len(ages)))
    young = ages <= OLDEST
    ratios[:, young] = rows[list(ages[young])].to_numpy()[drawn]
    published = series.values.iloc[-len(ages) :]
    values = published.to_numpy(dtype=float) * np.exp(ratios)
    periods = pd.PeriodIndex(published.index)
    return make_paths(values, periods, unit=series.unit, kind=series.kind)


def _ages(series: RegularSeries) -> np.ndarray:
    if series.frequency != "M" or len(series.values) < CORRECTED_MONTHS:
        raise InputError(
            f"{len(series.values)} periods of frequency {series.frequency}",
            where=series.series_id,
            expected=f"{CORRECTED_MONTHS} months or more",
        )
    age = 1
    if series.vintage is not None:
        age = int(pd.Period(series.vintage, "M").ordinal - series.origin.ordinal)
    if age < 1:
        raise InputError(
            f"vintage {series.vintage} of figures up to {series.origin}",
            where=series.series_id,
            expected="a vintage after the last month",
        )
    return age + np.arange(CORRECTED_MONTHS)[::-1]


def _cases_of(vintages: pd.DataFrame, month: pd.Period, settled: pd.DataFrame) -> pd.DataFrame:
    """Log ratios by country (index) and age (columns) of the table at the end of a month."""
    then: dt.date = month.end_time.date()
    young = vintages[(vintages["period"] >= month - OLDEST) & (vintages["vintage"] <= then)]
    if young.empty:
        return pd.DataFrame()
    known = as_published(young, then).merge(settled, on=["geo", "period"])
    known["age"] = [month.ordinal - period.ordinal for period in known["period"]]
    known = known[(known["age"] <= OLDEST) & (known["value_x"] >= _SMALLEST)]
    known["log_ratio"] = np.log(known["value_y"].clip(lower=1) / known["value_x"])
    known["vintage"] = str(month)
    wide = known.pivot_table(index=["geo", "vintage"], columns="age", values="log_ratio")
    return wide.reindex(columns=pd.RangeIndex(1, OLDEST + 1, name="age_months"))
