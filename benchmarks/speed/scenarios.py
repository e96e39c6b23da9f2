"""Time of a scenario that is moved, as a ratio to running every part again; error of its occupancy.

    python benchmarks/speed/scenarios.py [--quick]

The chain of Slovenia without caseload, prepared once. Then one lever a round, each time at a value
that has not been there: `project` computes what the lever moves. The peer has the same forecast and
runs `propose_targets`, `run_occupancy` of two centres and `run_backlog` from their beginning.
One process, one core; seconds of processor time, so that other work on the machine does not count.

The error of the occupancy is that of the chance of too few places at the end of a month, against
the exact one (`exceedance`), on 20,000 paths; and of the chance in any of 60 months and of the
correlation of two neighbouring months, against persons followed one by one.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from forecasting.forecasts.summary import persons_by_month
from forecasting.paths import make_paths
from forecasting.programmes.proposals import propose_targets
from forecasting.projections import Projection, Reference, prepare_reference, project
from forecasting.scenarios import Lever
from forecasting.stocks.arrivals import Arrivals, constant_arrivals
from forecasting.stocks.backlog_config import run_backlog
from forecasting.stocks.coupled import couple, coupled_stock, shared_normals
from forecasting.stocks.exceedance import exceedance
from forecasting.stocks.initial_stock import InitialStock
from forecasting.stocks.length_of_stay import Lognormal
from forecasting.stocks.occupancy import Group, simulate_occupancy
from forecasting.stocks.occupancy_config import run_occupancy

PARTS = ("arrivals", "targets", "centres", "backlog", "savings")
RECEPTION, CENTRE = "si-reception-centres", "si-centre-for-foreigners"
HORIZON = 60


def timed(work: Callable[[], object]) -> float:
    """Milliseconds of processor time."""
    begin = time.process_time()
    work()
    return 1000 * (time.process_time() - begin)


def under(reference: Reference, name: str, value: float, **keys: object) -> Projection:
    """Project under one lever, read what a page shows of the backlog."""
    given = {"unit": "1", "source": {"en": "a trial"}, "label": "trial", "scenario": "trial"}
    lever = Lever(lever=name, value=value, **(given | keys))  # type: ignore[arg-type]
    scenario = replace(reference.scenario, id="trial", levers=(lever,))
    found = project(reference, scenario)
    if found.backlog is not None:
        _ = found.backlog.wait_of_last_arrival
    return found


def anew(reference: Reference) -> None:
    """Run every part that arrivals move from its beginning, on the forecast that is there."""
    flow, targets, backlog = reference.flow, reference.targets, reference.backlog
    if flow is None or targets is None or backlog is None:
        raise SystemExit("the chain lacks a part")
    propose_targets(targets.programme, persons_by_month(flow), origin=flow.origin)
    for centre in reference.centres:
        config = centre.plan.config.model_copy(update={"paths": reference.n_paths})
        run_occupancy(replace(centre.plan, config=config))
    run_backlog(backlog.plan)


def speed(n_paths: int, rounds: int) -> None:
    begin = time.perf_counter()
    reference = prepare_reference("reference", n_paths=n_paths, parts=PARTS)
    print(f"prepared in {time.perf_counter() - begin:.1f} s on the wall, {n_paths:,} paths")
    month = reference.scenario.first_month
    moved = {
        "arrivals, with targets, two centres, backlog": ("arrivals.multiply", 1.0, {}),
        "stay in two centres": ("stay.multiply", 1.0, {}),
        "places": ("capacity.add", 0, {"unit": "places", "on": RECEPTION, "start": month}),
        "staff": ("staff.multiply", 1.0, {}),
        "activation": ("savings.activation_share", 0.1, {}),
    }
    project(reference, reference.scenario)
    medians = {}
    for what, (name, start, keys) in moved.items():
        step = 1 if isinstance(start, int) else 0.01
        values = [start + step * (place + 1) for place in range(rounds)]
        times = [timed(partial(under, reference, name, value, **keys)) for value in values]
        medians[what] = statistics.median(times)
        print(f"{what}: {medians[what]:.1f} ms, at the 95th percentile "
              f"{np.quantile(times, 0.95):.1f} ms", flush=True)  # fmt: skip
    peer = statistics.median(timed(lambda: anew(reference)) for _ in range(3))
    ours = medians["arrivals, with targets, two centres, backlog"]
    print(f"every part from its beginning: {peer:.0f} ms, ratio 1/{peer / ours:.0f}")


def accuracy(n_paths: int) -> None:
    periods = pd.period_range("2025-01", periods=HORIZON, freq="M")
    stay, there = Lognormal(4, 1.2), InitialStock(240, "equilibrium")
    rng = np.random.default_rng(1)
    logs = np.log(60) + 0.3 * rng.standard_normal((n_paths, 1))
    values = np.exp(logs + 0.1 * rng.standard_normal((n_paths, HORIZON)))
    counts = Arrivals(make_paths(values, periods, unit="persons"), "count")

    def rates(value: float, dispersion: float) -> Arrivals:
        return constant_arrivals(value, periods, kind="rate", dispersion=dispersion)

    small = Group("all", rates(21.125, 11.1), Lognormal(0.6, 1.2), InitialStock(13, "equilibrium"))
    cases = {
        "60 a month, Poisson": (Group("all", rates(60, 1), stay, there), (240, 250, 266)),
        "60 a month, variance 8": (Group("all", rates(60, 8), stay, there), (240, 266, 298, 331)),
        "60 a month, counts that spread": (Group("all", counts, stay, there), (240, 266, 331)),
        "21 a month, variance 11, stay 0.6": (small, (10, 20, 30, 40, 60)),
    }
    for name, (group, places) in cases.items():
        own = coupled_stock(couple([group], HORIZON), shared_normals(n_paths, HORIZON, seed=3))
        followed = simulate_occupancy([group], HORIZON, n_paths=n_paths, seed=5).to_numpy()
        month, year = [], []
        for capacity in places:
            exact = exceedance([group], HORIZON, capacity=capacity).probability.to_numpy()
            month.append(float(np.mean((own > capacity).mean(axis=0) - exact)))
            year.append(np.subtract(*((x > capacity).any(axis=1).mean() for x in (own, followed))))
        ours, theirs = (np.corrcoef(x[:, 40], x[:, 41])[0, 1] for x in (own, followed))
        print(f"{name}: chance of too few places, mean of {HORIZON} months, off by at most "
              f"{100 * np.abs(month).max():.2f} points; in any of them "
              f"{100 * np.abs(year).max():.1f}; spread {own.std() / followed.std():.3f} of theirs; "
              f"correlation {ours:.2f}, theirs {theirs:.2f}", flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a fifth of the work")
    quick = parser.parse_args().quick
    speed(1000, 10 if quick else 50)
    accuracy(4_000 if quick else 20_000)


if __name__ == "__main__":
    main()
