"""Proposals for a whole programme from the figures held: what is asked for, and how it is met."""

from __future__ import annotations

from dataclasses import dataclass

from forecasting.errors import InputError
from forecasting.forecasts import Forecast, experience_of, forecast
from forecasting.forecasts.summary import persons_by_month
from forecasting.periods import months_between
from forecasting.programmes.catalogue import Programme
from forecasting.programmes.proposals import (
    PROPOSAL_PROBABILITIES,
    PlanDraws,
    Proposal,
    propose_targets,
)
from forecasting.series import read_series


@dataclass(frozen=True)
class TargetRequest:
    """How to forecast the figures that drive a programme.

    Attributes
    ----------
    probability : float
        Attainment probability beside those always proposed.
    as_of : str
        Month ``YYYY-MM``; empty for everything held.
    n_paths, seed : int
        See `forecasting.forecast`.
    rounding : int
        Every proposal is a multiple of it; 0: of the rounding of its indicator.
    """

    probability: float = 0.8
    as_of: str = ""
    n_paths: int = 5000
    seed: int = 1
    rounding: int = 0


def propose_all(
    programme: Programme, request: TargetRequest | None = None, *, result: Forecast | None = None
) -> list[Proposal]:
    """Propose a milestone and a target for every monitored indicator with a number.

    Parameters
    ----------
    programme : Programme
        With or without a forecast that drives some of its indicators.
    request : TargetRequest, optional
        Probability beside those always proposed, as-of month, number of paths and seed.
    result : Forecast, optional
        Forecast of the programme's driver, or a projection of it under a scenario
        (`forecasting.scenario_forecast`); made from the reference figures where it is needed and
        not given. It must have as many paths as the request.

    Returns
    -------
    list of Proposal
        In the order of the catalogue, milestone before target; `Proposal.unproposed` says why
        nothing is proposed.

    Raises
    ------
    InputError
        As `propose_targets` and `forecast_driver`.
    """
    request = request or TargetRequest()
    _check_request(request)
    result = result or forecast_driver(programme, request)
    return propose_targets(
        programme,
        None if result is None else persons_by_month(result),
        origin=None if result is None else result.origin,
        probabilities=sorted({*PROPOSAL_PROBABILITIES, request.probability}),
        as_of=request.as_of,
        plans=PlanDraws(request.n_paths, request.seed),
        rounding=request.rounding,
    )


def forecast_driver(programme: Programme, request: TargetRequest) -> Forecast | None:
    """Forecast what drives indicators of a programme, to its target date.

    Returns
    -------
    Forecast or None
        None where no indicator follows from a forecast.

    Raises
    ------
    InputError
        If there are no figures for the programme's country, or the request cannot be used.
    """
    _check_request(request)
    driven = any(indicator.from_forecast for indicator in programme.indicators)
    if programme.driver is None or not driven:
        return None
    series = read_series(f"{programme.driver}/{programme.geo}", as_of=request.as_of or None)
    return forecast(
        series,
        horizon=months_between(series.origin + 1, programme.target_date),
        experience=experience_of(programme.driver),
        n_paths=request.n_paths,
        seed=request.seed,
    )


def _check_request(request: TargetRequest) -> None:
    if not 0 < request.probability < 1:
        raise InputError(f"probability {request.probability}", expected="between 0 and 1")
