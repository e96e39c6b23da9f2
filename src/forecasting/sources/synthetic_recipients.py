"""Generate the demonstration series of social assistance in Slovenia; nothing in it is observed.

    python -m forecasting.sources.synthetic_recipients --output FILE.csv

No monthly series is public in what the suite holds. This one is invented so that it meets the few
published points within `TOLERANCE` and shows what a real one would: a season, unemployment that
leads, the step of the basic amount in June 2018, the hump of the epidemic, families with several
persons entitled. The shipped file is ``data/reference/si_recipients_synthetic.csv``.

The normal draws are made of `random.Random.random`, whose stream never changes between versions.
"""

from __future__ import annotations

import argparse
import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from statistics import NormalDist

from forecasting.tables import SERIES_COLUMNS, write_bytes

FIRST_YEAR, LAST_YEAR = 2014, 2024
SEED = 1
TOLERANCE = 0.01
"""Largest relative distance from a published point; one "more than" may be exceeded by it."""

_RUN_IN = 12  # months before the first year
_LEAD = 6  # months by which unemployment moves the caseload
_PULL = 0.35  # log change of the caseload per log change of unemployment

# Knots by year and month: the published points, and in between what is invented.
_UNEMPLOYED = {
    (2013, 1): 127000,
    (2014, 12): 119458,
    (2017, 1): 103736,
    (2020, 1): 79841,
    (2020, 5): 90500,
    (2020, 11): 85500,
    (2021, 12): 65969,
    (2022, 12): 54500,
    (2024, 12): 47038,
}
_ENTITLED = {
    (2013, 1): 95500,
    (2014, 1): 97500,
    (2016, 1): 98500,
    (2017, 7): 53558 * 1.72,
    (2018, 5): 88500,
    (2018, 9): 95800,
    (2019, 3): 91595,
    (2019, 10): 91100,
    (2020, 2): 92400,
    (2020, 5): 103298,
    (2020, 6): 99704,
    (2020, 10): 102300,
    (2021, 2): 110600,
    (2021, 4): 111116,
    (2021, 5): 109400,
    (2022, 1): 86712,
    (2023, 1): 79500,
    (2024, 12): 73500,
}
_PERSONS_PER_FAMILY = {(2013, 1): 1.76, (2017, 7): 1.72, (2021, 4): 1.66, (2024, 12): 1.62}
_EXIT_RATE = {  # shares of the recipients who end in a month; rights were prolonged in spring 2020
    (2013, 1): 0.056,
    (2020, 2): 0.056,
    (2020, 3): 0.024,
    (2020, 5): 0.024,
    (2020, 6): 0.06,
    (2024, 12): 0.06,
}
_SEASON_UNEMPLOYED = 0.045  # amplitude of the log, highest in January
_SEASON_CASELOAD = 0.006  # the same, highest in March

_Knots = Mapping[tuple[int, int], float]


def synthetic_recipients(seed: int = SEED) -> dict[str, list[int]]:
    """Return monthly values of five invented series.

    log persons entitled = a(t) + 0.35 log unemployed(t - 6) + season + noise, with a(t) linear
    between knots at which the sum meets the published points; recipients are persons entitled over
    a falling number of persons per family; exits a rate of the recipients of the month before; and
    entries what is left, so that recipients(t) = recipients(t - 1) + entries(t) - exits(t).

    Parameters
    ----------
    seed : int
        Of the noise.

    Returns
    -------
    dict of str to list of int
        ``recipients``, ``persons_entitled``, ``entries``, ``exits`` and ``registered_unemployed``
        from January 2014 to December 2024.
    """
    draws = Random(seed)  # noqa: S311 - figures, not secrets
    months = range(_month(FIRST_YEAR - 1, 1), _month(LAST_YEAR, 12) + 1)
    unemployed = _on_knots(
        _UNEMPLOYED, months, _wave(months, _SEASON_UNEMPLOYED, peak=1), _noise(draws, months, 0.002)
    )
    pull = [_PULL * math.log(unemployed[max(0, i - _LEAD)]) for i in range(len(months))]
    moved = [a + b for a, b in zip(pull, _wave(months, _SEASON_CASELOAD, peak=3), strict=True)]
    entitled = _on_knots(_ENTITLED, months, moved, _noise(draws, months, 0.0015))
    sizes = _between(_PERSONS_PER_FAMILY, months)
    recipients = [round(y / size) for y, size in zip(entitled, sizes, strict=True)]
    rates = [
        rate * math.exp(noise + wave)
        for rate, noise, wave in zip(
            _between(_EXIT_RATE, months),
            _noise(draws, months, 0.02),
            _wave(months, 0.08, peak=9),
            strict=True,
        )
    ]
    exits = [0, *(round(rate * y) for rate, y in zip(rates[1:], recipients, strict=False))]
    series = {
        "recipients": recipients,
        "persons_entitled": [round(y) for y in entitled],
        "entries": [
            now - before + left
            for before, now, left in zip([0, *recipients], recipients, exits, strict=False)
        ],
        "exits": exits,
        "registered_unemployed": [round(y) for y in unemployed],
    }
    return {name: values[_RUN_IN:] for name, values in series.items()}


def synthetic_csv(seed: int = SEED) -> str:
    """Write the series as a table ``series_id,period,value``."""
    lines = [",".join(SERIES_COLUMNS)]
    for name, values in synthetic_recipients(seed).items():
        for place, value in enumerate(values):
            lines.append(f"{name},{FIRST_YEAR + place // 12}-{place % 12 + 1:02d},{value}")
    return "\n".join(lines) + "\n"


def _month(year: int, month: int) -> int:
    return 12 * year + month - 1


def _between(knots: _Knots, months: Sequence[int]) -> list[float]:
    """Interpolate linearly between knots; before the first and after the last one constant."""
    places = [_month(*when) for when in knots]
    values = list(knots.values())
    found = []
    for month in months:
        after = min(max(bisect_right(places, month), 1), len(places) - 1)
        low, high = places[after - 1], places[after]
        weight = min(max((month - low) / (high - low), 0), 1)
        found.append(values[after - 1] * (1 - weight) + values[after] * weight)
    return found


def _on_knots(
    knots: _Knots, months: Sequence[int], moved: Sequence[float], noise: Sequence[float]
) -> list[float]:
    """Add to a movement of the log what leads it through the knots, and then the noise."""
    first = months[0]
    lacking = {when: math.log(y) - moved[_month(*when) - first] for when, y in knots.items()}
    level = _between(lacking, months)
    return [math.exp(a + b + c) for a, b, c in zip(level, moved, noise, strict=True)]


def _wave(months: Sequence[int], amplitude: float, *, peak: int) -> list[float]:
    return [amplitude * math.cos(2 * math.pi * (month % 12 + 1 - peak) / 12) for month in months]


def _noise(draws: Random, months: Sequence[int], deviation: float) -> list[float]:
    """Draw a stationary autoregression of coefficient 0.6, cut at 2.5 standard deviations."""
    values, last = [], 0.0
    for _ in months:
        last = 0.6 * last + 0.8 * NormalDist().inv_cdf(draws.uniform(0.01, 0.99))
        values.append(deviation * min(max(last, -2.5), 2.5))
    return values


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--output", required=True, type=Path, metavar="FILE.csv")
    parser.add_argument("--seed", default=SEED, type=int)
    options = parser.parse_args()
    write_bytes(synthetic_csv(options.seed).encode(), options.output)


if __name__ == "__main__":
    main()
