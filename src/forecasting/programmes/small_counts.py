"""Achieved values that count too few persons to be published, and those that give them away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from forecasting.disclosure import DEFAULT_THRESHOLD, WITHHELD_MARK, withheld_cells
from forecasting.languages import Language
from forecasting.programmes.achieved import is_deliverable
from forecasting.programmes.catalogue import POINTS, Indicator, Programme
from forecasting.programmes.progress import INTERNAL, Progress
from forecasting.programmes.units import parse_unit

_PERSONS = {"persons", "families", "cases", "applications"}
_SUM = re.compile(r"\w+(?:\s*\+\s*\w+)+")


def withhold_small_counts(
    programme: Programme, results: Sequence[Progress], *, exact: bool = False
) -> list[Progress]:
    """Withhold achieved values below the threshold, and those from which one could be worked out.

    Counts of persons, families, cases and applications are looked at; values of money, places or
    percent, and published milestones and targets, describe no person. Sums are those that the
    catalogue's relations state between indicators, and ``O.1.1`` of ``O.1.1.1``, ``O.1.1.2`` where
    the values add up to no more. With a value goes all that follows from it: share, expected final
    value, probability, light and remark.

    Parameters
    ----------
    programme : Programme
    results : sequence of Progress
        What `progress` returned; not modified.
    exact : bool
        Keep the values, for use inside the authority alone, and mark them as internal.

    Returns
    -------
    list of Progress
        Those withheld have no value and the mark ``c``, with `exact` the mark ``internal``.
    """
    counted = {
        found.indicator.code: found.achieved.value
        for found in results
        if found.achieved is not None and _counts_persons(found.indicator)
    }
    small = _small(programme, counted)
    mark = _internal if exact else _without_value
    return [mark(found) if found.indicator.code in small else found for found in results]


def mark_text(found: Progress, language: Language) -> str:
    """Say what the mark of a withheld or internal value means; empty where there is none."""
    if found.mark == WITHHELD_MARK:
        template = language.gettext(
            "{mark}: withheld, since it counts fewer than {n}, or such a count could be worked out "
            "from it."
        )
        return template.format(mark=WITHHELD_MARK, n=DEFAULT_THRESHOLD)
    if found.mark == INTERNAL:
        template = language.gettext(
            "Internal, not for publication: it counts fewer than {n}, or such a count can be "
            "worked out from it."
        )
        return template.format(n=DEFAULT_THRESHOLD)
    return ""


def _counts_persons(indicator: Indicator) -> bool:
    unit = parse_unit(indicator.unit)
    counted = any(base in _PERSONS and power > 0 for base, power in unit.powers)
    return counted and not is_deliverable(indicator)


def _small(programme: Programme, counted: Mapping[str, float]) -> set[str]:
    codes = list(counted)
    values = np.array([counted[code] for code in codes])
    lines = [
        np.array([codes.index(code) for code in line])
        for line in {*_sums(programme), *_families(codes)}
        if counted.keys() >= set(line) and sum(counted[c] for c in line[1:]) <= counted[line[0]]
    ]
    lines.sort(key=tuple)
    withheld = withheld_cells(values, lines)
    return {code for code, is_withheld in zip(codes, withheld, strict=True) if is_withheld}


def _sums(programme: Programme) -> Iterator[tuple[str, ...]]:
    """Codes of a total and its parts, for every relation that adds indicators up."""
    for point in POINTS:
        codes = {
            f"{each.code.replace('.', '_')}_{point}".lower(): each.code
            for each in programme.indicators
        }
        for relation in programme.relations:
            if not _SUM.fullmatch(relation.formula.strip()):
                continue
            parts = re.split(r"\s*\+\s*", relation.formula.strip())
            names = [relation.name.lower(), *map(str.lower, parts)]
            if all(name in codes for name in names):
                yield tuple(codes[name] for name in names)


def _families(codes: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Codes of an indicator and of those one step below it."""
    for code in codes:
        below = [each for each in codes if each.rpartition(".")[0] == code]
        if below:
            yield code, *below


def _internal(found: Progress) -> Progress:
    return replace(found, mark=INTERNAL)


def _without_value(found: Progress) -> Progress:
    return replace(
        found,
        achieved=None,
        mark=WITHHELD_MARK,
        due=None,
        expected=None,
        lower=None,
        upper=None,
        probability=None,
    )
