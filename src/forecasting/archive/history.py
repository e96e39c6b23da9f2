"""Every forecast of the archive against what was counted since: coverage and skill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from forecasting.archive.files import ArchiveFile, archive_dir, folder_of, list_files, split_damaged
from forecasting.archive.quantiles import KEYS, SCORED, outturn_of, read_cases, score_cases
from forecasting.errors import InputError
from forecasting.evaluation.backtest import BENCHMARKS
from forecasting.evaluation.skill import pair_of, scores_by_model
from forecasting.languages.messages import one_of, say
from forecasting.periods import format_period, parse_period
from forecasting.series import RegularSeries, read_series
from forecasting.sources.reference import find_dataset

By = Literal["model", "horizon", "origin"]

HORIZON_BANDS = ((1, 3), (4, 6), (7, 12), (13, 24), (25, 360))
"""Periods ahead that are scored together."""

POINT_COLUMNS = ("period", "median", "lower", "upper", "counted", "origin")


@dataclass(frozen=True)
class Waiting:
    """A series none of whose forecast periods has been counted yet.

    Attributes
    ----------
    series_id : str
    period : pandas.Period
        The first one forecast.
    known : pandas.Period
        Month in which it should be published, by the publication lag.
    """

    series_id: str
    period: pd.Period
    known: pd.Period


@dataclass(frozen=True)
class History:
    """What the archive holds, as far as it can be scored.

    Attributes
    ----------
    scores : pandas.DataFrame
        One row per case: columns `forecasting.archive.quantiles.KEYS` and ``SCORED``.
    runs : int
        Runs whose forecasts were looked at.
    waiting : tuple of Waiting
    problems : tuple of str
        Files that cannot be read, and series that have no figures any more; the rest is scored.
    """

    scores: pd.DataFrame
    runs: int
    waiting: tuple[Waiting, ...]
    problems: tuple[str, ...]


def read_history(series_id: str = "", *, replays: bool = False) -> History:
    """Hold the forecasts of the archive against the newest figures held now.

    Parameters
    ----------
    series_id : str
        One series; empty: all of the archive.
    replays : bool
        Replays instead of real forecasts: made as of an earlier month, from figures that had been
        revised since. The two are never scored together.

    Returns
    -------
    History

    Raises
    ------
    InputError
        If the archive holds nothing of the series.
    """
    found = list_files(folder_of("forecasts", series_id) if series_id else _forecasts())
    if series_id and not found:
        raise _unknown(series_id)
    files, problems = split_damaged([each for each in found if each.replay == replays])
    by_series: dict[str, list[ArchiveFile]] = {}
    for each in files:
        by_series.setdefault(_series_of(each), []).append(each)
    observed: list[RegularSeries] = []
    for name in by_series:
        try:
            observed.append(read_series(name))
        except InputError as problem:
            problems.append(str(problem))
    known = [each for own in observed for each in by_series[own.series_id]]
    scores = _score(known, observed)
    scored = set(scores["series_id"])
    waiting = [_waiting(own) for own in observed if own.series_id not in scored]
    return History(
        scores, len({each.run_id for each in files}), tuple(waiting), tuple(dict.fromkeys(problems))
    )


def archived_series() -> list[str]:
    """Names of the series of which the archive holds forecasts."""
    return sorted({_series_of(each) for each in list_files(_forecasts())})


def summarise_history(
    scores: pd.DataFrame, *, by: By = "model", benchmark: str = "random_walk"
) -> pd.DataFrame:
    """Coverage and skill of every model, over all cases or apart by horizon or origin.

    Parameters
    ----------
    scores : pandas.DataFrame
        Of `read_history`.
    by : {"model", "horizon", "origin"}
    benchmark : str
        A model of the archive.

    Returns
    -------
    pandas.DataFrame
        Columns ``group`` (empty by model), ``model, n_series, n_cases, coverage_80, coverage_95,
        skill``. The skill is the mean CRPS over that of the benchmark on the same cases, the
        geometric mean over series, as in `forecasting.skill`: below 1 is better. It is NaN for a
        group without the benchmark, and leaves out a series for which either was exact.

    Raises
    ------
    InputError
        If the benchmark has no forecasts.
    """
    names = sorted(scores["model"].unique(), key=_rank)
    if benchmark not in names:
        raise InputError(
            say("benchmark '{name}' is not in the archive", name=benchmark), expected=one_of(names)
        )
    groups = _groups(scores, by)
    bands = [_band(*band) for band in HORIZON_BANDS]
    order = (
        [band for band in bands if band in set(groups)] if by == "horizon" else sorted(set(groups))
    )
    rows = [
        row for group in order for row in _rows(group, scores[groups == group], names, benchmark)
    ]
    columns = ["group", "model", "n_series", "n_cases", "coverage_80", "coverage_95", "skill"]
    return pd.DataFrame(rows, columns=columns)


def chart_points(series_id: str) -> pd.DataFrame:
    """Of each period counted since it was forecast, the newest forecast made before.

    Parameters
    ----------
    series_id : str
        For example ``asylum-applicants/SI``.

    Returns
    -------
    pandas.DataFrame
        Columns ``period`` (`pandas.Period`, rising), ``median, lower, upper`` (80 %), ``counted,
        origin`` (of that forecast); empty where nothing can be compared yet. Only real forecasts
        count; files that cannot be read are left out, which `read_history` tells.
    """
    folder = folder_of("forecasts", series_id)
    files = split_damaged([each for each in list_files(folder) if not each.replay])[0]
    if not files:
        return pd.DataFrame(columns=list(POINT_COLUMNS))
    scores = _score(files, [read_series(series_id)])
    own = scores[~scores["model"].isin(BENCHMARKS)].sort_values(["period", "vintage"])
    newest = own.drop_duplicates("period", keep="last")
    return pd.DataFrame(
        {
            "period": [parse_period(text) for text in newest["period"]],
            "median": newest["median"].to_numpy(),
            "lower": newest["lower_80"].to_numpy(),
            "upper": newest["upper_80"].to_numpy(),
            "counted": newest["outturn"].to_numpy(),
            "origin": [parse_period(text) for text in newest["origin"]],
        },
        columns=list(POINT_COLUMNS),
    )


def _forecasts() -> Path:
    return archive_dir() / "forecasts"


def _series_of(file: ArchiveFile) -> str:
    return file.path.parent.relative_to(_forecasts()).as_posix()


def _unknown(series_id: str) -> InputError:
    known = archived_series()
    return InputError(
        say("no forecast of '{name}' in the archive", name=series_id),
        where=str(archive_dir()),
        expected=one_of(known) if known else None,
        action=say("forecasting brief keeps one of every run"),
    )


def _score(files: Sequence[ArchiveFile], observed: Sequence[RegularSeries]) -> pd.DataFrame:
    if not files:
        return pd.DataFrame(columns=[*KEYS, *SCORED])
    newest = max(format_period(own.origin) for own in observed)
    outturn = pd.concat([outturn_of(own.series_id, own.values) for own in observed])
    return score_cases(read_cases(files, until=newest), outturn)


def _waiting(own: RegularSeries) -> Waiting:
    lag = find_dataset(own.series_id.split("/")[0]).publication_lag_months
    following = own.origin + 1
    return Waiting(own.series_id, following, following.asfreq("M", how="end") + lag)


def _groups(scores: pd.DataFrame, by: By) -> pd.Series:
    if by == "model":
        return pd.Series("", index=scores.index)
    if by == "origin":
        return scores["origin"].astype(str)
    names = {band: _band(*band) for band in HORIZON_BANDS}
    return scores["horizon"].map(
        lambda ahead: next(names[band] for band in HORIZON_BANDS if ahead <= band[1])
    )


def _band(first: int, last: int) -> str:
    return f"{first}–{last}" if (first, last) != HORIZON_BANDS[-1] else f"{first}+"


def _rank(model: str) -> tuple[int, str]:
    """Forecasts first, then the benchmarks in their order."""
    return (BENCHMARKS.index(model) + 1 if model in BENCHMARKS else 0, model)


def _rows(
    group: str, scores: pd.DataFrame, models: Sequence[str], benchmark: str
) -> list[tuple[object, ...]]:
    crps = _crps(scores)
    return [
        (
            group,
            model,
            own["series_id"].nunique(),
            len(own),
            own["inside_80"].mean(),
            own["inside_95"].mean(),
            _skill(crps, model, benchmark),
        )
        for model in models
        if len(own := scores[scores["model"] == model])
    ]


def _crps(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores side by side; forecasts of one origin from two vintages are two cases."""
    long = scores[["series_id", "model", "horizon"]].assign(
        origin=scores["origin"] + " " + scores["vintage"],
        metric="crps",
        value=scores["crps"],
    )
    return scores_by_model(long, metric="crps")


def _skill(crps: pd.DataFrame, model: str, benchmark: str) -> float:
    if benchmark not in crps.columns:
        return float("nan")
    pair = pair_of(crps, model, benchmark)
    means = pair.groupby(level="series_id").mean()
    compared = means[(means > 0).all(axis=1)]
    if compared.empty:
        return float("nan")
    return float(np.exp(np.log(compared["model"] / compared["benchmark"]).mean()))
