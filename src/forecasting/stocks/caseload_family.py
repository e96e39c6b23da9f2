"""What is assumed of the families of a caseload: what they are paid, and how many members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from forecasting.distributions import Distribution, Uncertain
from forecasting.errors import InputError
from forecasting.series import RegularSeries
from forecasting.sources.parameters import Entry, load_parameters
from forecasting.stocks.minimum_income import PARAMETERS, BasicAmounts
from forecasting.tables import parse_number

YEAR, SPREAD_YEARS = 12, 3
"""Months of the mean, and years of the spread, of what the figures show."""


@dataclass(frozen=True)
class FamilyAssumption:
    """What is assumed of families, and where it comes from.

    Attributes
    ----------
    name : {"household_factor", "persons_per_recipient"}
    value : number or Distribution
    basis : {"given", "figures", "prior"}
        A number of the user's, the figures of the table, or the entry of ``data/parameters``.
    prior : Entry
        That entry.
    """

    name: str
    value: Uncertain
    basis: Literal["given", "figures", "prior"]
    prior: Entry


def read_value(text: str, where: str) -> float:
    """Read the number of an option.

    Raises
    ------
    InputError
        If it is none.
    """
    value = parse_number(text, where=where)
    if not np.isfinite(value):
        raise InputError(f"'{text}'", where=where, expected="a number such as 1.1, or empty")
    return value


def family_assumptions(
    observed: dict[str, RegularSeries], amounts: BasicAmounts, given: dict[str, str]
) -> dict[str, FamilyAssumption]:
    """Return what is assumed of families: the user's number, the figures, or the prior.

    Parameters
    ----------
    observed : dict of str to RegularSeries
        By column of the table, with ``recipients``.
    amounts : BasicAmounts
    given : dict of str to str
        Numbers of the user's by name, as text; empty: none.

    Raises
    ------
    InputError
        If a text is no number.
    """
    recipients = observed["recipients"].values
    one_amount_each = recipients * amounts.values
    ratios = {
        "household_factor": _ratio(observed, "expenditure_eur", one_amount_each),
        "persons_per_recipient": _ratio(observed, "persons_entitled", recipients),
    }
    origin = observed["recipients"].origin
    found = {}
    for name, ratio in ratios.items():
        prior = load_parameters(PARAMETERS).entry(name, on=origin)
        if given[name]:
            own = FamilyAssumption(name, read_value(given[name], name), "given", prior)
        elif ratio is not None:
            own = FamilyAssumption(name, ratio, "figures", prior)
        else:
            own = FamilyAssumption(name, prior.uncertain, "prior", prior)
        found[name] = own
    return found


def _ratio(observed: dict[str, RegularSeries], key: str, over: pd.Series) -> Uncertain | None:
    """Ratio as the figures show it: the mean of the last year, between the ends of three years."""
    if key not in observed:
        return None
    ratios = (observed[key].values / over).dropna()[-SPREAD_YEARS * YEAR :]
    if len(ratios) < YEAR:
        return None
    low, high = float(ratios.min()), float(ratios.max())
    middle = float(ratios[-YEAR:].mean())
    return Distribution(triangular=(low, middle, high)) if low < middle < high else middle
