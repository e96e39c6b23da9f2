"""What a backtest says of one flow, gathered for the report."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from forecasting.errors import InputError
from forecasting.evaluation.backtest import BENCHMARKS, Backtest
from forecasting.evaluation.diagnostics import Coverage, Ranks, coverage, rank_histogram
from forecasting.evaluation.significance import Comparison, Pairing, block_length_for, compare
from forecasting.evaluation.skill import skill
from forecasting.evaluation.target_backtest import AttainmentShare, attainment
from forecasting.forecasts.calibration import BLOCKS

POOL = "pool"
METRIC = "crps"
YEARS = ((1, 12), (13, 24), (25, 36))
"""Months over which models are compared."""

COVERED = (80, 95)
"""Levels of the intervals that are tested, in percent."""


@dataclass(frozen=True)
class Standing:
    """A model's score relative to a benchmark's over a block of months.

    Attributes
    ----------
    model, benchmark : str
    months : tuple of int
        The first and the last.
    ratio : float
        Below 1 the model is better.
    n_origins : int
    comparison : Comparison or None
        With what chance may have done; None where the origins are too few to tell.
    """

    model: str
    benchmark: str
    months: tuple[int, int]
    ratio: float
    n_origins: int
    comparison: Comparison | None

    @property
    def verdict(self) -> str:
        """``better``, ``worse``, ``undecided`` or ``too few``."""
        return self.comparison.verdict if self.comparison else "too few"


@dataclass(frozen=True)
class Covered:
    """The coverage of an interval over a block of months, or of a total.

    Attributes
    ----------
    months : tuple of int
        The first and the last.
    is_total : bool
    found : Coverage
    """

    months: tuple[int, int]
    is_total: bool
    found: Coverage


@dataclass(frozen=True)
class Record:
    """The backtest of one flow.

    Attributes
    ----------
    scores : pandas.DataFrame
        See `forecasting.backtest`.
    problems : tuple of str
        What could not be forecast.
    """

    scores: pd.DataFrame
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, tested: Backtest) -> Record:
        """Take a backtest of one series that holds the pool and the benchmarks.

        Raises
        ------
        InputError
            If it holds several series, or lacks one of these models.
        """
        found = list(tested.scores["model"].unique())
        missing = [name for name in (POOL, *BENCHMARKS) if name not in found]
        count = len(tested.scores["series_id"].unique())
        if missing or count != 1:
            raise InputError(
                f"a backtest of {count} series, models {', '.join(found)}",
                where="report",
                expected=f"one series, and among the models {', '.join((POOL, *BENCHMARKS))}",
            )
        return cls(tested.scores, tuple(tested.problems))

    @property
    def uncalibrated(self) -> str | None:
        """The members of the pool joined by ``+``, whose draws are their own; None if not run."""
        return next((name for name in self.scores["model"].unique() if "+" in name), None)

    @property
    def members(self) -> list[str]:
        """Models that are neither the pool nor a benchmark, in the order of the backtest."""
        found = self.scores["model"].unique()
        return [m for m in found if m not in (POOL, *BENCHMARKS, self.uncalibrated)]

    @property
    def origins(self) -> list[str]:
        """Origins as text, ascending."""
        return sorted(self.scores["origin"].unique())

    @property
    def years(self) -> list[tuple[int, int]]:
        """Those of `YEARS` whose outcomes are known at one origin at least."""
        return [months for months in YEARS if months[1] <= self.scores["horizon"].max()]

    def standing(self, model: str, benchmark: str, months: tuple[int, int]) -> Standing:
        """Hold a model against a benchmark over a block of months."""
        horizons = tuple(range(months[0], months[1] + 1))
        both = self.scores["model"].isin([model, benchmark])
        own = self.scores[both & self.scores["horizon"].isin(horizons)]
        origins = sorted(own.loc[own["model"] == model, "origin"].unique())
        if len(origins) > 1 and len(origins) >= 2 * block_length_for(origins, months[1]):
            found = compare(own, Pairing(model, benchmark, METRIC, horizons))
            return Standing(model, benchmark, months, found.ratio, len(origins), found)
        ratios = skill(own, metric=METRIC, benchmark=benchmark).set_index("model")["value"]
        return Standing(model, benchmark, months, float(ratios[model]), len(origins), None)

    def coverages(self, model: str, level: int) -> list[Covered]:
        """Count what an interval held: block by block of months, then totals."""
        last = int(self.scores["horizon"].max())
        blocks = [months for months in BLOCKS if months[1] <= last]
        scores = self.scores
        found = [
            Covered((a, b), False, coverage(scores, model, level=level, horizons=range(a, b + 1)))
            for a, b in blocks
        ]
        return found + [
            Covered((1, n), True, coverage(scores, model, level=level, horizons=[n], totals=True))
            for n in self.totals
        ]

    @property
    def totals(self) -> list[int]:
        """The shortest and the longest total tested, in months."""
        known = self.scores.loc[self.scores["metric"] == "total_pit", "horizon"]
        return sorted({int(known.min()), int(known.max())})

    def ranks(self, model: str) -> list[tuple[tuple[int, int], Ranks]]:
        """Sort the ranks of the outcomes into bins, for months 1 to 12 and for those after."""
        last = int(self.scores["horizon"].max())
        halves = [(1, 12), (13, last)] if last > 12 else [(1, last)]
        return [
            (months, rank_histogram(self.scores, model, horizons=range(months[0], months[1] + 1)))
            for months in halves
        ]


@dataclass(frozen=True)
class TargetRecord:
    """How targets of one rule fared.

    Attributes
    ----------
    share : float
        Of the cases in which the target was met.
    interval : AttainmentShare or None
        None where the origins are too few.
    of_outcome : float
        Median of target over outcome.
    """

    share: float
    interval: AttainmentShare | None
    of_outcome: float


def target_record(cases: pd.DataFrame, *, column: str, target: str) -> TargetRecord:
    """Summarise the cases of `forecasting.target_backtest` for one rule.

    Parameters
    ----------
    cases : pandas.DataFrame
    column, target : str
        ``met`` and ``target``, or ``practice_met`` and ``practice_target``.
    """
    origins = sorted(cases["origin"].unique())
    window = int(cases["window_months"].iloc[0])
    enough = len(origins) > 1 and len(origins) >= 2 * block_length_for(origins, window)
    return TargetRecord(
        float(cases[column].mean()),
        attainment(cases, column=column) if enough else None,
        float((cases[target] / cases["outcome"].clip(lower=1)).median()),
    )
