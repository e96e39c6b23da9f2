"""What the past says of a target: how often such targets were met, how far counts have moved."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from forecasting.periods import parse_month
from forecasting.sources.reference import SHAPES, check_hash, find_dataset
from forecasting.tables import read_rows

ATTAINMENT, GROWTH = "target-attainment", "growth-reference-class"


@dataclass(frozen=True)
class Attainment:
    """Past cases of one attainment probability and window.

    Attributes
    ----------
    probability : float
        With which the targets were to be met.
    window_months : int
        Months over which persons were counted.
    cases : int
        Countries times origins.
    met : float
        Share of the targets that were met.
    lower, upper : float
        Interval of 90 % for that share, from resampling origins.
    practice_met : float
        Share met by the last twelve months times the years of the window.
    countries : int
        How many countries the cases come from.
    first_origin : pandas.Period
        Month of the earliest case.
    """

    probability: float
    window_months: int
    cases: int
    met: float
    lower: float
    upper: float
    practice_met: float
    countries: int
    first_origin: pd.Period


def read_attainment() -> list[Attainment]:
    """Read the record that ships with the suite (reference data ``target-attainment``)."""
    dataset = find_dataset(ATTAINMENT)
    check_hash(dataset)
    rows = read_rows(dataset.path, SHAPES[dataset.shape])
    return [
        Attainment(
            probability=float(cells["probability"]),
            window_months=int(cells["window_months"]),
            cases=int(cells["cases"]),
            met=float(cells["met"]),
            lower=float(cells["lower"]),
            upper=float(cells["upper"]),
            practice_met=float(cells["practice_met"]),
            countries=int(cells["countries"]),
            first_origin=parse_month(str(cells["first_origin"]), where=str(dataset.path)),
        )
        for _, cells in rows.iterrows()
    ]


def tested_for(record: list[Attainment], probability: float, months: int) -> Attainment:
    """Return the record of that probability whose window is nearest to `months`."""
    same = [entry for entry in record if entry.probability == probability]
    return min(same, key=lambda entry: abs(entry.window_months - months))


def tested_probabilities(months: int) -> list[Attainment]:
    """Return the record of every tested probability for the window nearest to `months`."""
    record = read_attainment()
    probabilities = sorted({entry.probability for entry in record})
    return [tested_for(record, probability, months) for probability in probabilities]


@dataclass(frozen=True)
class GrowthRange:
    """Middle 80 % of what past windows brought, relative to the pace of the year before.

    Attributes
    ----------
    window_months, cases, countries : int
    lower, median, upper : float
        1 is the pace of the last twelve months.
    """

    window_months: int
    cases: int
    countries: int
    lower: float
    median: float
    upper: float


def read_growth(months: int) -> GrowthRange:
    """Read the reference class (data ``growth-reference-class``) nearest to a window of months."""
    dataset = find_dataset(GROWTH)
    check_hash(dataset)
    rows = read_rows(dataset.path, SHAPES[dataset.shape]).astype(float)
    window = min(rows["window_months"].unique(), key=lambda known: abs(known - months))
    own = rows[rows["window_months"] == window].set_index("quantile_level")
    return GrowthRange(
        window_months=int(window),
        cases=int(own["cases"].iloc[0]),
        countries=int(own["countries"].iloc[0]),
        lower=float(own.loc[0.1, "ratio"]),
        median=float(own.loc[0.5, "ratio"]),
        upper=float(own.loc[0.9, "ratio"]),
    )
