"""What each candidate would have forecast at past origins, and how that came out.

At every past origin everything is done anew from what was known then: gaps bridged, interventions
estimated, leads of drivers found, drivers forecast. A scenario of the future has no place here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from forecasting.errors import ForecastingError
from forecasting.forecasts.calibration import BLOCKS, RANGE, Calibration, Shape
from forecasting.models import Model
from forecasting.models.autoregression import AutoregressionModel
from forecasting.models.common import one_thread
from forecasting.stocks.caseload_inputs import (
    CaseloadInputs,
    bridge_gaps,
    estimate_effects,
)
from forecasting.stocks.caseload_models import plain_models, with_future

STEP_MONTHS, YEARS = 3, 10
"""Past origins: every three months over the last ten years."""

YEARS_FOR_HALF_WEIGHT = 5
"""After so many years of past forecasts their factor counts as much as no factor at all."""

N_PATHS = 250
"""Paths of every member at a past origin."""

FEWEST_CASES = 8
"""Past origins that a choice is based on at least: two years of them."""


@dataclass(frozen=True)
class PastScore:
    """How a candidate did at one past origin, up to what was known later.

    Attributes
    ----------
    crps : numpy.ndarray
        Of log(1 + y), per period known, shape ``(n_known,)``.
    ape : numpy.ndarray
        Absolute error of the median in percent of the outcome.
    distance : numpy.ndarray
        Of the outcome from the median, in half-widths of the 80 % interval.
    """

    crps: np.ndarray
    ape: np.ndarray
    distance: np.ndarray


@dataclass
class PastForecasts:
    """Forecasts at past origins, made when asked for and kept: later origins ask again.

    Attributes
    ----------
    inputs : CaseloadInputs
        As a whole; a forecast sees what was known at its origin.
    seed : int
    draws : dict of (pandas.Period, str) to numpy.ndarray
        By origin and name of the member, shape ``(n_paths, horizon)``.
    made : set of pandas.Period
        Origins whose members have been drawn, as far as they could be.
    """

    inputs: CaseloadInputs
    seed: int
    draws: dict[tuple[pd.Period, str], np.ndarray] = field(default_factory=dict)
    made: set[pd.Period] = field(default_factory=set)

    @property
    def horizon(self) -> int:
        """Periods that past forecasts reach: a year."""
        return self.inputs.series.season_length

    def origins(self, until: pd.Period) -> list[pd.Period]:
        """Past origins of a forecast made at `until`, the newest first."""
        per_year = self.inputs.series.season_length
        step = max(STEP_MONTHS * per_year // 12, 1)
        known, first = set(self.inputs.series.values.dropna().index), self.inputs.series.periods[0]
        ago = range(step, YEARS * per_year + 1, step)
        found = [until - periods for periods in ago if until - periods > first]
        return [origin for origin in found if origin in known]

    def prepare(self, until: pd.Period, on_done: Callable[[int, int], None]) -> None:
        """Make all past forecasts of an origin now, and tell how many are done."""
        origins = self.origins(until)
        for done, origin in enumerate(origins, start=1):
            if origin not in self.made:
                self._draw(origin)
            on_done(done, len(origins))

    def score(
        self,
        members: Sequence[str],
        origin: pd.Period,
        until: pd.Period,
        *,
        complete: bool = False,
    ) -> PastScore | None:
        """Score a pool at a past origin against what was known by `until`; None without a forecast.

        A member that could not be used at the origin is left out of the pool, as in any pool; if
        it has to be `complete`, there is no forecast then.
        """
        drawn = [self._drawn(member, origin) for member in members]
        used = [values for values in drawn if values is not None]
        if not used or (complete and len(used) < len(drawn)):
            return None
        pool = np.vstack(used)
        outcome = self.inputs.series.values[origin + 1 : until].to_numpy(dtype=float)
        outcome = outcome[: self.horizon]
        known = np.isfinite(outcome)
        z = np.log1p(np.sort(pool[:, : len(outcome)][:, known], axis=0))
        y = outcome[known]
        error = np.expm1(np.median(z, axis=0)) - y
        return PastScore(
            crps=crps_sorted(z, np.log1p(y)),
            ape=100 * np.abs(error) / np.where(y > 0, y, 1),
            distance=Shape.of(z).distance(np.log1p(y)[np.newaxis])[0],
        )

    def _drawn(self, member: str, origin: pd.Period) -> np.ndarray | None:
        if origin not in self.made:
            self._draw(origin)
        return self.draws.get((origin, member))

    def _draw(self, origin: pd.Period) -> None:
        """Draw every member at an origin; one that cannot be used is left out, as in any pool."""
        self.made.add(origin)
        known = self.inputs.known_at(origin)
        known_series = bridge_gaps(known.series)
        begun = tuple(each for each in known.interventions if each.start > known_series.periods[0])
        effects = estimate_effects(known_series, begun)
        series = effects.taken_out(known_series)
        for number, (name, model) in enumerate(self._models_at(known).items()):
            rng = np.random.default_rng([self.seed, abs(origin.ordinal), number])
            try:
                with one_thread():
                    drawn = model.fit(series).simulate(self.horizon, N_PATHS, rng)
            except ForecastingError:
                continue
            self.draws[origin, name] = effects.put_back(drawn, origin)

    def _models_at(self, known: CaseloadInputs) -> dict[str, Model]:
        models = {each.name: each for pool in plain_models(known).values() for each in pool}
        if known.drivers is None:
            return models
        for name in known.drivers.names:
            rng = np.random.default_rng([self.seed, abs(known.series.origin.ordinal)])
            try:
                ahead = with_future(
                    known.drivers.only(name),
                    known.series.origin,
                    horizon=self.horizon,
                    n_paths=N_PATHS,
                    rng=rng,
                )
            except ForecastingError:
                continue
            model = AutoregressionModel(ahead)
            models[model.name] = model
        return models


def crps_sorted(draws: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """CRPS of draws sorted along the first axis, shape ``(n_paths, n)``; one score an outcome.

    The same as `forecasting.evaluation.scores.crps_samples`, which lies a layer above.
    """
    n = len(draws)
    levels = ((np.arange(n) + 0.5) / n)[:, np.newaxis]
    below = outcome < draws
    return np.asarray(2 * ((draws - outcome) * (below - levels)).mean(axis=0))


def mean_scores(
    past: PastForecasts,
    candidates: Mapping[str, Sequence[str]],
    until: pd.Period,
    *,
    complete: bool = False,
) -> pd.DataFrame:
    """Score candidates over the past origins at which all of them gave a forecast.

    Parameters
    ----------
    past : PastForecasts
    candidates : mapping of str to sequence of str
        Names of the members of each.
    until : pandas.Period
        No outcome after it is looked at.
    complete : bool
        Whether only origins count at which every member could be used.

    Returns
    -------
    pandas.DataFrame
        Columns ``candidate, origins, crps, mape, coverage_80``; a pool counts where at least one of
        its members could be used, so a candidate without any is left out first.
    """
    origins = past.origins(until)
    scored = {
        name: {origin: past.score(members, origin, until, complete=complete) for origin in origins}
        for name, members in candidates.items()
    }
    usable = {
        name: {origin: score for origin, score in own.items() if score is not None}
        for name, own in scored.items()
    }
    usable = {name: own for name, own in usable.items() if len(own) >= FEWEST_CASES}
    common = [origin for origin in origins if all(origin in own for own in usable.values())]
    if len(common) < FEWEST_CASES:
        usable = {}
    rows = [
        (
            name,
            len(common),
            *(float(np.concatenate(part).mean()) for part in _parts(own, common)),
        )
        for name, own in usable.items()
    ]
    return pd.DataFrame(rows, columns=["candidate", "origins", "crps", "mape", "coverage_80"])


def _parts(
    own: Mapping[pd.Period, PastScore], origins: Sequence[pd.Period]
) -> tuple[list[np.ndarray], ...]:
    """CRPS, error and whether it was covered, of one candidate."""
    scores = [own[origin] for origin in origins]
    covered = [np.abs(score.distance) <= 1 for score in scores]
    return [score.crps for score in scores], [score.ape for score in scores], covered


def calibrate(past: PastForecasts, members: Sequence[str], until: pd.Period) -> Calibration | None:
    """Factor for the width of a pool from its own past; None without enough of it.

    The factor is the distance that 80 % of the outcomes stayed within, in half-widths of the 80 %
    interval, over all past origins and periods; on the log scale it counts n / (n + 5) after n
    years. One factor for all horizons, since few cases are independent.
    """
    scores = [past.score(members, origin, until) for origin in past.origins(until)]
    distances = [np.abs(score.distance) for score in scores if score is not None]
    if len(distances) < FEWEST_CASES:
        return None
    years = len(distances) * STEP_MONTHS / 12
    weight = years / (years + YEARS_FOR_HALF_WEIGHT)
    found = float(np.clip(np.quantile(np.concatenate(distances), 0.8), *RANGE))
    factor = float(np.exp(weight * np.log(found)))
    return Calibration((factor,) * len(BLOCKS), (1.0,) * len(BLOCKS))
