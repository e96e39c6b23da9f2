r"""Time and memory of stocks, and of limited places as a ratio to the same queue in Ciw.

    python benchmarks/speed/stocks.py [--quick]

The peer of `simulate_queue` is Ciw (extra `test`), which follows the same persons event by event:
arrivals at a constant rate, lognormal stays, a number of places, one rule. Ciw is timed without
reading its records, this project with everything counted by period. One process, one core.
"""

from __future__ import annotations

import argparse
import math
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

import ciw
import numpy as np
import pandas as pd

from forecasting.paths import make_paths
from forecasting.stocks.arrivals import Arrivals
from forecasting.stocks.finite_capacity import simulate_queue
from forecasting.stocks.initial_stock import InitialStock
from forecasting.stocks.length_of_stay import Lognormal
from forecasting.stocks.occupancy import Group, expected_occupancy, simulate_occupancy

RATE, HORIZON, PLACES = 60.0, 84, 266
STAY = Lognormal(4, 1.2)
ROUNDS = 3


def timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def persons(n_paths: int, rate: float) -> list[Group]:
    """One group, from an empty centre; rates that differ from path to path if there are several."""
    periods = pd.period_range("2025-01", periods=HORIZON, freq="M")
    spread = np.random.default_rng(1).gamma(100, 0.01, (n_paths, HORIZON)) if n_paths > 1 else 1.0
    paths = make_paths(rate * np.ones((n_paths, HORIZON)) * spread, periods, unit="persons")
    return [Group("all", Arrivals(paths, "rate"), STAY, InitialStock(0))]


class Stay(ciw.dists.Lognormal):
    """The whole stay, drawn on arrival: the time after which a person outside leaves."""

    def sample(self, t: float | None = None, ind: Any = None) -> float:
        """Draw the stay of a person."""
        ind.stay = super().sample(t, ind)
        return float(ind.stay)


class Remainder(ciw.dists.Distribution):
    """What is left of the stay on entry."""

    def sample(self, t: float | None = None, ind: Any = None) -> float:
        """Return what is left of a person's stay at time `t`."""
        return float(ind.stay - (t - ind.arrival_date))


def ciw_path(rule: str) -> None:
    """Simulate one path in Ciw."""
    service: ciw.dists.Distribution = ciw.dists.Lognormal(STAY.mu, STAY.sigma)
    options: dict[str, Any] = {}
    if rule == "loss":
        options["queue_capacities"] = [0]
    if rule == "overflow_return":
        service = Remainder()
        options["reneging_time_distributions"] = [Stay(STAY.mu, STAY.sigma)]
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(RATE)],
        service_distributions=[service],
        number_of_servers=[PLACES],
        **options,
    )
    ciw.Simulation(network).simulate_until_max_time(HORIZON)


def queue_ratio(rule: str, n_paths: int) -> None:
    """`simulate_queue` against Ciw, in turns."""
    group = persons(1, RATE)
    own, peer = [], []
    for seed in range(ROUNDS):
        ciw.seed(seed)
        peer.append(timed(lambda: ciw_path(rule)))
        work = timed(lambda: simulate_queue(group, PLACES, rule, n_paths=n_paths, seed=1))
        own.append(work / n_paths)
    ours, theirs = statistics.median(own), statistics.median(peer)
    print(f"{rule}, {PLACES} places, {RATE:g} arrivals x {HORIZON}: {1000 * ours:.2f} ms a path, "
          f"Ciw {1000 * theirs:.0f} ms, ratio 1/{theirs / ours:.0f}", flush=True)  # fmt: skip


def report(what: str, n_paths: int, seconds: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what}, {n_paths} paths x {HORIZON}: {seconds:.3f} s, "
          f"process so far at most {peak:.0f} MB", flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    n_paths = 1000 if parser.parse_args().quick else 10_000
    several = persons(n_paths, 50.0)
    expected_occupancy(several, HORIZON)  # imports
    best = min(timed(lambda: expected_occupancy(several, HORIZON)) for _ in range(ROUNDS))
    report("expected occupancy", n_paths, best)
    seconds = timed(lambda: simulate_occupancy(several, HORIZON, n_paths=n_paths, seed=1))
    report("persons without a limit, 50 a month", n_paths, seconds)
    for rule in ("overflow_return", "wait", "loss"):
        queue_ratio(rule, math.ceil(n_paths / 50))
    several = persons(n_paths, RATE)
    seconds = timed(lambda: simulate_queue(several, PLACES, "wait", n_paths=n_paths, seed=1))
    report(f"wait, {PLACES} places, {RATE:g} a month", n_paths, seconds)


if __name__ == "__main__":
    main()
