"""The forecasts before this one, held against what has been counted since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from forecasting.archive.benchmarks import RANDOM_WALK
from forecasting.archive.files import ArchiveFile, connect, folder_of, list_files, split_damaged
from forecasting.archive.proposals import TARGET_COLUMNS
from forecasting.archive.quantiles import QuantileCases, outturn_of, read_cases, score_cases
from forecasting.evaluation.backtest import BENCHMARKS
from forecasting.periods import format_period, parse_month, parse_period
from forecasting.series import RegularSeries
from forecasting.sources.reference import find_dataset, read_observations

AGES = (1, 6, 12)
"""Months counted since: of the forecasts at least so old, the newest is shown."""


@dataclass(frozen=True)
class FormerRun:
    """A forecast of the archive and what was counted since.

    Attributes
    ----------
    run_id : str
    made : datetime.datetime
        When, in UTC.
    vintage : datetime.date
        Date of the figures it was made from.
    origin : pandas.Period
        The last period known to it.
    months : pandas.DataFrame
        One row per period counted since: the columns of
        `forecasting.archive.quantiles.SCORED` and ``benchmark_crps``, indexed by period.
    ahead : pandas.Series
        Its medians of the periods not yet counted, indexed by period.
    """

    run_id: str
    made: dt.datetime
    vintage: dt.date
    origin: pd.Period
    months: pd.DataFrame
    ahead: pd.Series

    @property
    def inside(self) -> int:
        """Periods whose count lies within the interval of 80 %."""
        return int(self.months["inside_80"].sum())

    @property
    def ratio(self) -> float | None:
        """Mean CRPS over that of the random walk, below 1 is better; None: nothing to compare."""
        both = self.months[["crps", "benchmark_crps"]].dropna().mean()
        if not both["benchmark_crps"] > 0:
            return None
        return float(both["crps"] / both["benchmark_crps"])


@dataclass(frozen=True)
class FormerRuns:
    """What the archive holds of a series from before a run.

    Attributes
    ----------
    last : FormerRun or None
        Of the newest vintage before this one; None where there is none.
    scored : tuple of FormerRun
        The newest of those of which 1, 6 and 12 periods have been counted; the newest first.
    targets : pandas.DataFrame
        What the last run proposed for the programme: columns
        `forecasting.archive.proposals.TARGET_COLUMNS`; empty where it proposed nothing.
    revised : pandas.DataFrame or None
        Figures that were others when the last run was made: columns ``then`` and ``now``, indexed
        by period; None where the figures of then are not held, or there is no last run.
    unreadable : tuple of str
        Ids of the runs that would have been used, but whose files are damaged or of another schema.
    """

    last: FormerRun | None
    scored: tuple[FormerRun, ...]
    targets: pd.DataFrame
    revised: pd.DataFrame | None = None
    unreadable: tuple[str, ...] = ()


NO_FORMER_RUNS = FormerRuns(None, (), pd.DataFrame(columns=list(TARGET_COLUMNS)))


@dataclass(frozen=True)
class _Chosen:
    forecasts: tuple[ArchiveFile, ...]
    targets: tuple[ArchiveFile, ...]
    unreadable: tuple[ArchiveFile, ...]


def former_files(series: RegularSeries, *, programme: str = "", as_of: str = "") -> list[Path]:
    """Files of the archive that `former_runs` reads for a run, for its key.

    Parameters
    ----------
    series, programme, as_of
        See `former_runs`.

    Returns
    -------
    list of pathlib.Path
        Those that cannot be read are among them: a page names them.
    """
    chosen = _choose(series, programme, as_of)
    return [each.path for each in (*chosen.forecasts, *chosen.targets, *chosen.unreadable)]


def former_runs(series: RegularSeries, *, programme: str = "", as_of: str = "") -> FormerRuns:
    """Look the forecasts up that were made before this one, from older figures.

    Only forecasts of the same series count that were made from a vintage strictly earlier than this
    run's, and no replays.

    Parameters
    ----------
    series : RegularSeries
        The observations of the run.
    programme : str
        Id of the programme whose targets it proposes; empty where it proposes none.
    as_of : str
        Month as of which it is asked for, ``YYYY-MM``; empty for everything held.

    Returns
    -------
    FormerRuns
        The newest former run, those that can be scored, the targets proposed then, what was revised
        since; nothing for a series of a file of one's own.

    Raises
    ------
    InputError
        If the figures that the last run saw cannot be read.
    """
    chosen = _choose(series, programme, as_of)
    runs = _hold_against(series, chosen.forecasts) if chosen.forecasts else []
    return FormerRuns(
        last=runs[0] if runs else None,
        scored=tuple(run for run in runs if len(run.months)),
        targets=_targets(chosen.targets),
        revised=_revised(series, runs[0]) if runs else None,
        unreadable=tuple(dict.fromkeys(each.run_id for each in chosen.unreadable)),
    )


def _choose(series: RegularSeries, programme: str, as_of: str) -> _Chosen:
    before = _data_date(series, as_of)
    if before is None:  # figures of a file of one's own: nothing is known of their age
        return _Chosen((), (), ())
    forecasts, unreadable = _of_ages(
        _earlier(folder_of("forecasts", series.series_id), before), series.origin
    )
    targets: list[ArchiveFile] = []
    if programme and forecasts:
        made_then = [
            each
            for each in _earlier(folder_of("targets", programme), before)
            if each.vintage == forecasts[0].vintage and each.origin == forecasts[0].origin
        ]
        targets, also = _newest(made_then)
        unreadable += also
    return _Chosen(tuple(forecasts), tuple(targets), tuple(unreadable))


def _data_date(series: RegularSeries, as_of: str) -> dt.date | None:
    if series.vintage is None or not as_of:
        return series.vintage
    return min(series.vintage, parse_month(as_of, where="as-of").end_time.date())


def _earlier(folder: Path, before: dt.date) -> list[ArchiveFile]:
    """Files of earlier vintages, no replays: the newest vintage first, of each the first made."""
    found = [each for each in list_files(folder) if each.vintage < before and not each.replay]
    return sorted(found, key=lambda each: each.vintage, reverse=True)  # stable: then as listed


def _of_ages(
    files: Sequence[ArchiveFile], origin: pd.Period
) -> tuple[list[ArchiveFile], list[ArchiveFile]]:
    """The newest file of all, and the newest of each of `AGES`; those passed over as unreadable."""
    chosen: list[ArchiveFile] = []
    passed: list[ArchiveFile] = []
    for age in (0, *AGES):
        old = [each for each in files if _age(each, origin) >= age and each not in passed]
        if old and old[0] in chosen:
            continue
        found, unreadable = _newest(old)
        chosen += [each for each in found if each not in chosen]
        passed += unreadable
    return chosen, passed


def _age(file: ArchiveFile, origin: pd.Period) -> int:
    """Periods counted since a forecast was made; -1: its series was of another frequency."""
    then = parse_period(file.origin)
    return int(origin.ordinal - then.ordinal) if then.freqstr == origin.freqstr else -1


def _newest(files: Sequence[ArchiveFile]) -> tuple[list[ArchiveFile], list[ArchiveFile]]:
    """The first file that can be read, in a list of one or none, and those passed over."""
    passed: list[ArchiveFile] = []
    for each in files:
        if split_damaged([each])[0]:
            return [each], passed
        passed.append(each)
    return [], passed


def _hold_against(series: RegularSeries, files: Sequence[ArchiveFile]) -> list[FormerRun]:
    cases = read_cases(files)
    scores = score_cases(cases, outturn_of(series.series_id, series.values))
    return [_former_run(each, cases, scores) for each in files]


def _former_run(file: ArchiveFile, cases: QuantileCases, scores: pd.DataFrame) -> FormerRun:
    medians = cases.keys.assign(median=cases.at(0.5))
    own = medians[(medians["run_id"] == file.run_id) & ~medians["model"].isin(BENCHMARKS)]
    counted = scores[scores["run_id"] == file.run_id]
    benchmark = counted[counted["model"] == RANDOM_WALK].set_index("period")["crps"]
    months = _by_period(counted[~counted["model"].isin(BENCHMARKS)])
    months["benchmark_crps"] = [benchmark.get(format_period(each)) for each in months.index]
    ahead = _by_period(own)["median"]
    return FormerRun(
        file.run_id,
        file.made,
        file.vintage,
        parse_period(file.origin),
        months,
        ahead[~ahead.index.isin(months.index)],
    )


def _revised(series: RegularSeries, last: FormerRun) -> pd.DataFrame | None:
    name, _, geo = series.series_id.partition("/")
    if find_dataset(name, last.made).as_of != last.vintage:
        return None
    seen = read_observations(name, geo, last.made)
    months = [parse_period(text) for text in seen.periods]
    then = pd.Series(list(seen.values), index=pd.PeriodIndex(months, name="period"))
    both = pd.DataFrame({"then": then, "now": series.values}).dropna()
    return both[both["then"] != both["now"]]


def _by_period(rows: pd.DataFrame) -> pd.DataFrame:
    periods = [parse_period(str(text)) for text in rows["period"]]
    return rows.set_axis(pd.PeriodIndex(periods, name="period"), axis="index")


def _targets(files: Sequence[ArchiveFile]) -> pd.DataFrame:
    columns = ", ".join(f'"{name}"' for name in TARGET_COLUMNS)
    if not files:
        return pd.DataFrame(columns=list(TARGET_COLUMNS))
    return connect().execute(
        f"SELECT {columns} FROM read_parquet(?)",  # noqa: S608 - column names of this module
        [[str(each.path) for each in files]],
    ).df()  # fmt: skip
