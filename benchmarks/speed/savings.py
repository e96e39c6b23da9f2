"""Time of the savings of P 6.1 with every assumption open, as a ratio to a loop over the draws.

    python benchmarks/speed/savings.py [--quick]

The peer is the same arithmetic draw by draw: `numpy.convolve` of each cohort's exits with the share
still off assistance, and with the share whose effect has appeared. Its totals must be those of
`project_savings`. Sobol indices are those of `scipy.stats.sobol_indices`. One process, one core.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
from scipy import stats

from forecasting.distributions import draw
from forecasting.savings.activation import Assumptions, project_savings, total_savings
from forecasting.savings.config import SavingsPlan, load_savings

ROUNDS = 5


def timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def one(values: np.ndarray, draw_: int) -> float:
    return float(values[draw_ if len(values) > 1 else 0])


def loop(plan: SavingsPlan, assumptions: Assumptions[np.ndarray], n_draws: int) -> np.ndarray:
    """Net total of each draw, one draw and one cohort at a time."""
    horizon = plan.config.horizon_months
    elapsed, month = np.arange(horizon), np.arange(1, horizon + 1)
    weight = np.where(elapsed == 0, float(plan.convention.first_month_share), 1)
    exits = []
    for cohort in plan.cohorts:
        leaving = np.zeros(horizon)
        for exit_month, persons in plan.convention.exits(cohort).items():
            leaving[exit_month - 1] = float(persons) * float(cohort.monthly_amount_eur)
        exits.append(leaving)
    totals = np.empty(n_draws)
    for k in range(n_draws):
        relapse, lag = assumptions.relapse, assumptions.effect_lag
        kept = one(relapse.ratio, k) ** (elapsed / one(relapse.months, k))
        permanent = one(relapse.permanent_share, k)
        kernel = weight * (permanent + (1 - permanent) * kept)
        if lag is not None:
            zero, full = one(lag.zero_months, k), one(lag.full_months, k)
            kernel = kernel * np.clip((elapsed - zero) / (full - zero), 0, 1)
        growth = one(assumptions.annual_growth, k) ** (month / 12)
        saved = sum((np.convolve(own, kernel)[:horizon] * growth).sum() for own in exits)
        totals[k] = saved * one(assumptions.delivery, k) * one(assumptions.net_factor, k)
    return totals


def sobol(plan: SavingsPlan, n: int) -> float:
    """Seconds for first-order and total indices of the net saving."""
    names = plan.uncertain

    def net(uniforms: np.ndarray) -> np.ndarray:
        values = {
            name: draw(plan.assumed[name].value, own)
            for name, own in zip(names, uniforms, strict=True)
        }
        own = plan.assumptions(values)
        return total_savings(plan.cohorts, plan.convention, own, plan.config.horizon_months).net

    rng = np.random.default_rng(1)
    dists = [stats.uniform()] * len(names)
    return timed(lambda: stats.sobol_indices(func=net, n=n, dists=dists, rng=rng))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    n_draws = 2_000 if parser.parse_args().quick else 20_000
    plan = load_savings("si-p61-full", paths=n_draws)
    horizon, rounds = plan.config.horizon_months, range(ROUNDS)
    assumptions = plan.assumptions(plan.draw())
    own, peer = [], []
    for _ in rounds:
        own.append(
            timed(lambda: project_savings(plan.cohorts, plan.convention, assumptions, horizon))
        )
        peer.append(timed(lambda: loop(plan, assumptions, n_draws)))
    found = project_savings(plan.cohorts, plan.convention, assumptions, horizon).net.sum(axis=1)
    np.testing.assert_allclose(found, loop(plan, assumptions, n_draws), rtol=1e-9)
    ours, theirs = statistics.median(own), statistics.median(peer)
    print(f"{n_draws:,} draws x {horizon} months x {len(plan.cohorts)} cohorts, gross and net: "
          f"{ours:.3f} s, numpy.convolve draw by draw (net alone) {theirs:.2f} s, "
          f"ratio 1/{theirs / ours:.0f}")  # fmt: skip
    n = 2**9 if n_draws < 20_000 else 2**12
    seconds = statistics.median(sobol(plan, n) for _ in rounds)
    print(f"Sobol indices of {len(plan.uncertain)} assumptions, {n:,} base points: {seconds:.2f} s")


if __name__ == "__main__":
    main()
