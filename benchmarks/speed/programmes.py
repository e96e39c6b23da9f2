"""Time of the catalogues, as ratios to a peer in the same run.

    python benchmarks/speed/programmes.py

Loading and checking: all shipped catalogues, with rules, relations and audit; the peer only parses
the same files, `yaml.CSafeLoader`. Formulas: 10,000 evaluations with units; the peer is the same
arithmetic on bare `fractions.Fraction`. Proposals: of every catalogue from a ready forecast of
5,000 paths; the peer only sorts as many draws, `numpy.sort`. One process; seconds of processor
time, so that other work on the machine does not count.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import yaml

from forecasting.programmes.audit import audit
from forecasting.programmes.catalogue import find_programme, list_programmes, load_programme
from forecasting.programmes.formulas import parse_formula
from forecasting.programmes.proposals import Proposal
from forecasting.programmes.relations import check_relations
from forecasting.programmes.target_request import TargetRequest, forecast_driver, propose_all

ROUNDS = 5
EVALUATIONS = 10_000
FORMULA = (
    "pact_years * intentions_per_year + reception_budget / (cost_per_person_and_month"
    " * stay_in_reception) + contingency_persons + special_capacity * pact_months"
    " / stay_in_special_capacity + other_support"
)


def timed(work: Callable[[], object]) -> float:
    """Processor time, median over the rounds, after one that warms up."""
    work()
    times = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return statistics.median(times)


def load_and_check() -> None:
    """Load every catalogue, hold it against its rules and relations, and audit it."""
    for name in list_programmes():
        programme = load_programme(name)
        check_relations(programme)
        audit(programme)


def parse_only() -> None:
    """Read the same files as YAML and do nothing with them."""
    for name in list_programmes():
        text = find_programme(name).read_text(encoding="utf-8")
        yaml.load(text, Loader=yaml.CSafeLoader)


def formulas() -> tuple[float, float]:
    """Seconds of the evaluations of the longest formula, and of its bare arithmetic."""
    programme = load_programme("si-amif-2021-2027")
    inputs = {name: given.quantity for name, given in programme.inputs.items()}
    formula = parse_formula(FORMULA, indicator="O.1.1.2")
    code = compile(FORMULA, "formula", "eval")
    bare = {name: Fraction(str(given.value)) for name, given in programme.inputs.items()}

    def own() -> None:
        for _ in range(EVALUATIONS):
            formula.evaluate(inputs)

    def peer() -> None:
        for _ in range(EVALUATIONS):
            eval(code, {}, bare)  # noqa: S307

    if formula.evaluate(inputs).value != eval(code, {}, bare):  # noqa: S307
        raise SystemExit("the two do not agree")
    return timed(own), timed(peer)


def proposals() -> tuple[float, float, int]:
    """Seconds of all proposals from ready paths, of sorting as many draws, and their number."""
    request = TargetRequest()
    ready = [
        (programme, forecast_driver(programme, request))
        for programme in map(load_programme, list_programmes())
    ]

    def own() -> list[Proposal]:
        return [
            proposal
            for programme, result in ready
            for proposal in propose_all(programme, request, result=result)
        ]

    made = [each.draws for each in own() if each.draws is not None]
    rng = np.random.default_rng(1)
    draws = [rng.permutation(each) for each in made]
    return timed(own), timed(lambda: [np.sort(each) for each in draws]), len(draws)


def main() -> None:
    own, peer = timed(load_and_check), timed(parse_only)
    n = len(list_programmes())
    print(f"{n} catalogues loaded, checked, audited: {own:.2f} s, "
          f"yaml.CSafeLoader alone {peer:.2f} s, ratio {own / peer:.1f}")  # fmt: skip
    own, peer = formulas()
    print(f"{EVALUATIONS:,} formula evaluations: {own:.2f} s, bare Fraction arithmetic "
          f"{peer:.2f} s, ratio {own / peer:.1f}")  # fmt: skip
    own, peer, n = proposals()
    print(f"{n} values proposed from 5,000 ready paths: {own:.2f} s, numpy.sort of as many draws "
          f"{peer:.3f} s, ratio {own / peer:.1f}")  # fmt: skip


if __name__ == "__main__":
    main()
