"""Arrivals, length of stay and initial stock of a configuration, from a centre's own records."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import StrictStr

from forecasting.errors import InputError, ModelError
from forecasting.languages.messages import say
from forecasting.periods import format_period
from forecasting.schemas import Month, Strict
from forecasting.series import RegularSeries
from forecasting.sources.centre_records import read_monthly, read_stays
from forecasting.stocks.exit_rate import fit_exit_rate
from forecasting.stocks.flow_source import Frame
from forecasting.stocks.initial_stock import InitialStock, stock_from_entries
from forecasting.stocks.length_of_stay import Exponential, LengthOfStay
from forecasting.stocks.stay_spells import estimate_from_spells, make_spells

N_DRAWS = 200
"""Draws of the parameters of an estimated stay; they run through the projection in turn."""

_WINDOW = 12  # months from which an exit rate is estimated


class RecordsSource(Strict):
    """Records of a centre up to the start: its stays, or its monthly totals.

    `group`, `since` and `distribution` (of the stay; default: the one that fits best) are for
    stays only.
    """

    file: StrictStr
    kind: Literal["stays", "monthly"] = "stays"
    group: StrictStr | None = None
    since: Month | None = None
    distribution: StrictStr | None = None


@dataclass(frozen=True)
class Records:
    """What the records of a centre give for a projection.

    Attributes
    ----------
    arrivals : RegularSeries
        Observed up to the period before the first projected one.
    initial : InitialStock
        Those present at the start: with their own ages from stays, with an assumption from totals.
    stays : tuple of LengthOfStay
        `N_DRAWS` draws of the estimated stay; empty if it was not asked for.
    """

    arrivals: RegularSeries
    initial: InitialStock
    stays: tuple[LengthOfStay, ...]


def resolve_records(
    source: RecordsSource, frame: Frame, *, key: str, name: str, estimate: bool
) -> Records:
    """Read the records of a centre and estimate the length of stay from them.

    From stays the distribution is estimated, with late entry and censoring, and those present have
    the ages of their entry dates. From monthly totals only an exit rate can be estimated, the same
    at every age, so that ages play no part; with a length of stay of one's own those present are
    taken to be of the ages that the observed arrivals imply.

    Parameters
    ----------
    source : RecordsSource
    frame : Frame
    key : str
        Of the source in the configuration, for messages.
    name : str
        Of the group.
    estimate : bool
        Whether the length of stay is wanted.

    Raises
    ------
    InputError
        If the file cannot be used, or does not reach to the start.
    ModelError
        If the records do not determine a length of stay.
    """
    try:
        if source.kind == "monthly":
            return _from_totals(source, frame, key, name, estimate)
        return _from_stays(source, frame, key, name, estimate)
    except ModelError as problem:
        raise ModelError(f"{frame.place(key)}: {problem}") from None


def _from_stays(
    source: RecordsSource, frame: Frame, key: str, name: str, estimate: bool
) -> Records:
    start = frame.periods[0]
    stays = read_stays(frame.path.parent / source.file, until=start - 1, since=source.since)
    stays = stays if source.group is None else stays.of_group(source.group)
    arrived = stays.arrivals(frame.frequency)
    arrivals = RegularSeries(name, arrived, "persons", source=source.file)
    initial = stock_from_entries(stays.present(), start)
    if not estimate:
        return Records(arrivals, initial, ())
    spells = make_spells(
        stays.spells(), cut_off=stays.until, frequency=frame.frequency, where=source.file
    )
    found = estimate_from_spells(spells, distribution=source.distribution)
    return Records(arrivals, initial, found.draws(N_DRAWS, _rng(frame, key)))


def _from_totals(
    source: RecordsSource, frame: Frame, key: str, name: str, estimate: bool
) -> Records:
    _refuse_for_totals(source, frame, key)
    totals = read_monthly(frame.path.parent / source.file)
    last, before = totals.stock.index[-1], frame.periods[0] - 1
    if last != before:
        raise InputError(
            say("totals of {file} up to {month}", file=source.file, month=format_period(last)),
            where=frame.place(key),
            expected=say("up to {month}, the month before the start", month=format_period(before)),
        )
    arrivals = RegularSeries(name, totals.arrivals, "persons", source=source.file)
    count = int(totals.stock.iloc[-1])
    if not estimate:
        return Records(arrivals, InitialStock(count, "back_calculated"), ())
    stock = RegularSeries(name, totals.stock, "persons", "stock", source=source.file)
    fitted = fit_exit_rate(stock, arrivals, window=_WINDOW)
    # the rate on the eve of the start, as `ExitRate.project` draws it; then it stays
    spread = np.hypot(fitted.standard_error_, fitted.drift_ * np.sqrt(_WINDOW / 3))
    logs = spread * _rng(frame, key).standard_normal(N_DRAWS) - np.log(fitted.theta_)
    stays = tuple(Exponential(float(mean)) for mean in np.exp(logs))
    return Records(arrivals, InitialStock(count, "equilibrium"), stays)


def _refuse_for_totals(source: RecordsSource, frame: Frame, key: str) -> None:
    for name in ("group", "since", "distribution"):
        if getattr(source, name) is not None:
            raise InputError(
                say("{key} beside {other}", key=name, other="kind: monthly"),
                where=frame.place(key),
                expected="kind: stays",
            )
    if frame.frequency != "M":
        raise InputError(
            say("monthly totals and frequency {frequency}", frequency=frame.frequency),
            where=frame.place(key),
            expected=say("frequency {frequency}", frequency="M"),
        )


def _rng(frame: Frame, key: str) -> np.random.Generator:
    """Return the generator of a group; no other group has its draws."""
    return np.random.default_rng([frame.seed, zlib.crc32(key.encode())])
