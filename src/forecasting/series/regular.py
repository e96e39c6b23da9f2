"""The regular series: what a model is fitted to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from forecasting.errors import InputError
from forecasting.languages.messages import one_of, say, say_n
from forecasting.periods import (
    SEASON_LENGTH,
    format_period,
    frequency_of,
    parse_period,
)

LARGEST_COUNT = 1e12
MISSING_TREATMENTS = ("error", "interpolate", "cut", "keep")


@dataclass(frozen=True)
class RegularSeries:
    """Observations at every period from the first to the last, none negative.

    None is missing either, unless the series was made with ``missing="keep"``: then single values
    between the first and the last one are NaN, which only some models can use.

    Attributes
    ----------
    series_id : str
        Name of the series in tables and messages.
    values : pandas.Series
        Floats indexed by a gap-free, increasing `pandas.PeriodIndex`.
    unit : str
        Unit of the values, for example ``persons``.
    kind : {"flow", "stock"}
        Counted over the period, or at its end.
    source : str
        Whom to name as the source, for example ``Eurostat migr_asyappctzm``.
    vintage : datetime.date or None
        Date on which the figures were published as they stand here.
    notes : tuple of str
        What was done to the observations on the way, one sentence each.
    synthetic : bool
        Whether the values were generated, not observed; a chart of them has to say so.
    """

    series_id: str
    values: pd.Series
    unit: str
    kind: str = "flow"
    source: str = ""
    vintage: dt.date | None = None
    notes: tuple[str, ...] = field(default=())
    synthetic: bool = False

    @property
    def periods(self) -> pd.PeriodIndex:
        """Periods of the observations."""
        return pd.PeriodIndex(self.values.index)

    @property
    def origin(self) -> pd.Period:
        """The last period known."""
        return self.periods[-1]

    @property
    def frequency(self) -> str:
        """``M``, ``Q`` or ``Y``."""
        return frequency_of(self.periods)

    @property
    def season_length(self) -> int:
        """Periods in a year."""
        return SEASON_LENGTH[self.frequency]

    def until(self, origin: pd.Period) -> RegularSeries:
        """Return the series cut after `origin`.

        Raises
        ------
        InputError
            If `origin` is outside the observations, of another frequency or a period without a
            value.
        """
        if frequency_of(origin) != self.frequency:
            raise InputError(
                say("origin {period}", period=format_period(origin)),
                where=self.series_id,
                expected={
                    "M": say("a period of the monthly series"),
                    "Q": say("a period of the quarterly series"),
                    "Y": say("a period of the annual series"),
                }[self.frequency],
            )
        if not self.periods[0] <= origin <= self.origin:
            raise InputError(
                say("origin {period}", period=format_period(origin)),
                where=self.series_id,
                expected=say(
                    "{first} to {last}, the periods observed",
                    first=format_period(self.periods[0]),
                    last=format_period(self.origin),
                ),
            )
        cut = self.values[:origin]
        if pd.isna(cut.iloc[-1]):
            known = pd.PeriodIndex(cut.dropna().index)
            raise InputError(
                say("origin {period} is a period without a value", period=format_period(origin)),
                where=self.series_id,
                expected=say(
                    "{period} or another period observed", period=format_period(known[-1])
                ),
            )
        return replace(self, values=cut)


def make_series(
    periods: Sequence[str],
    values: Sequence[float],
    *,
    series_id: str,
    unit: str = "persons",
    kind: str = "flow",
    missing: str = "error",
) -> RegularSeries:
    """Build a regular series from periods as text and numbers.

    Parameters
    ----------
    periods : sequence of str
        ``YYYY-MM``, ``YYYY-Qn`` or ``YYYY``, increasing.
    values : sequence of float
        One per period; NaN is a missing value.
    series_id : str
        Named in messages.
    unit, kind : str
        See `RegularSeries`.
    missing : {"error", "interpolate", "cut", "keep"}
        What to do with a gap or a NaN: refuse, fill linearly between its neighbours, keep only
        what follows the last gap, or keep it as NaN for a model that can estimate with it. The
        last three are noted in the series.

    Raises
    ------
    InputError
        For mixed frequencies, duplicates, unsorted periods, negative or infinite values, and for
        gaps unless `missing` says how to treat them.
    """
    filled, notes = regularise(periods, values, [series_id] * len(periods), missing)
    return RegularSeries(series_id, filled, unit, kind, notes=notes)


def regularise(
    periods: Sequence[str], values: Sequence[float], places: Sequence[str], missing: str
) -> tuple[pd.Series, tuple[str, ...]]:
    """Put observations on a gap-free index.

    Parameters
    ----------
    periods, values, missing
        See `make_series`.
    places : sequence of str
        Where each value stands (file and row), for the messages.

    Returns
    -------
    pandas.Series, tuple of str
        The values, and a note for each treatment.

    Raises
    ------
    InputError
        See `make_series`.
    """
    if missing not in MISSING_TREATMENTS:
        raise InputError(
            say("missing '{text}'", text=missing), expected=", ".join(MISSING_TREATMENTS)
        )
    if len(periods) == 0:
        raise InputError(say("no observations"), expected=say("at least one"))
    parsed = [
        parse_period(str(text), where=place) for text, place in zip(periods, places, strict=True)
    ]
    _check_order(parsed, places)
    observed = pd.Series(np.asarray(values, dtype=float), index=pd.PeriodIndex(parsed))
    _check_values(observed, places)
    return _treat_missing(observed, places[0], missing)


def _check_order(periods: list[pd.Period], places: Sequence[str]) -> None:
    for (earlier, later), place in zip(pairwise(periods), places[1:], strict=True):
        if frequency_of(later) != frequency_of(earlier):
            raise InputError(
                say("period {later} after {earlier}", **_written(earlier, later)),
                where=place,
                expected={
                    "M": say("monthly periods throughout"),
                    "Q": say("quarterly periods throughout"),
                    "Y": say("annual periods throughout"),
                }[frequency_of(earlier)],
            )
        if later == earlier:
            raise InputError(
                say("period {period} stands twice", period=format_period(later)),
                where=place,
                expected=say("each period once"),
                action=say("remove one of the two rows"),
            )
        if later < earlier:
            raise InputError(
                say("period {later} follows {earlier}", **_written(earlier, later)),
                where=place,
                expected=say("increasing periods, each once"),
                action=say("sort the rows by period"),
            )


def _written(earlier: pd.Period, later: pd.Period) -> dict[str, str]:
    return {"earlier": format_period(earlier), "later": format_period(later)}


def _check_values(observed: pd.Series, places: Sequence[str]) -> None:
    for value, place in zip(observed, places, strict=True):
        if value < 0 or value > LARGEST_COUNT:
            raise InputError(
                say("value {value}", value=f"{value:g}"),
                where=place,
                expected=say("a count from 0 to {highest}", highest=f"{LARGEST_COUNT:g}"),
            )


def _treat_missing(
    observed: pd.Series, place: str, missing: str
) -> tuple[pd.Series, tuple[str, ...]]:
    complete = pd.period_range(observed.index[0], observed.index[-1], name="period")
    regular = observed.reindex(complete)
    gaps = regular.index[regular.isna()]
    if gaps.empty:
        return regular, ()
    named = ", ".join(format_period(period) for period in gaps[:6])
    found = say("no value for {periods}", periods=named)
    if (more := len(gaps) - 6) > 0:
        found = say_n(
            "no value for {periods} and {n} more",
            "no value for {periods} and {n} more",
            more,
            periods=named,
        )
        named += f" and {more} more"
    if missing == "error":
        raise InputError(
            found,
            where=place,
            expected=say("a value for every period"),
            action=say(
                "fill the gap at its source, or say how to treat it: {choices}",
                choices=one_of(["missing='interpolate'", "missing='cut'"]),
            ),
        )
    if missing == "cut":
        kept = regular[gaps[-1] + 1 :]
        if kept.empty:
            raise InputError(found, where=place, expected=say("a last value"))
        return kept, (f"cut before {format_period(kept.index[0])}: no value for {named}",)
    if pd.isna(regular.iloc[0]) or pd.isna(regular.iloc[-1]):
        raise InputError(found, where=place, expected=say("a first and a last value"))
    if missing == "keep":
        return regular, (f"left without a value: {named}",)
    return regular.interpolate(), (f"filled linearly: {named}",)
