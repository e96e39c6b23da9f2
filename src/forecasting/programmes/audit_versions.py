"""An auditor's questions about versions: what changed, what did not although its method did."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from forecasting.programmes.catalogue import Indicator, Programme, Version
from forecasting.programmes.findings import Finding
from forecasting.programmes.relations import check_relations

LARGE = Fraction(1, 2)
"""Change of a target between two versions, relative to the earlier one, that needs its reason."""


def targets_by_version(
    programme: Programme, indicator: Indicator
) -> list[tuple[Version, Fraction]]:
    """Targets that the versions give, oldest first; versions without a number are left out."""
    found = [
        (version, programme.published_value(indicator.code, "target", version.version))
        for version in programme.versions
    ]
    return [(version, Fraction(str(value))) for version, value in found if value is not None]


def revisions(programme: Programme) -> Iterator[Finding]:
    """Find targets unchanged after a change of method, never revised, or revised by much."""
    for indicator in programme.indicators:
        targets = targets_by_version(programme, indicator)
        if targets and len(targets) < _versions_due(programme, indicator):
            yield Finding("history-not-given", indicator.code)
        for (before, earlier), (after, later) in pairwise(targets):
            yield from _revision(programme, indicator, (before, earlier), (after, later))
        values = {value for _, value in targets}
        if len(targets) > 1 and len(values) == 1 and values != {0}:
            words = {"value": targets[0][1], "n": len(targets)}
            yield Finding("never-revised", indicator.code, values=words)


def _versions_due(programme: Programme, indicator: Indicator) -> int:
    """Versions in which the catalogue lists the indicator, with or without numbers."""
    return sum(version.version in indicator.published for version in programme.versions)


def _revision(
    programme: Programme,
    indicator: Indicator,
    before: tuple[Version, Fraction],
    after: tuple[Version, Fraction],
) -> Iterator[Finding]:
    (old, earlier), (new, later) = before, after
    names = {"version": new.version, "earlier": old.version}
    if earlier == later and later and _method_changed(programme, indicator, old, new):
        yield Finding("unchanged-after-method", indicator.code, values=names | {"value": later})
    elif earlier and abs(later - earlier) > LARGE * earlier:
        words = names | {"before": earlier, "after": later}
        yield Finding("large-revision", indicator.code, later - earlier, words)


def _method_changed(programme: Programme, indicator: Indicator, old: Version, new: Version) -> bool:
    """Whether a version after the old one names it, or brings an operation that counts for it."""
    since = {programme.operations[name].since for name in indicator.operations}
    passed = [v for v in programme.versions if old.date < v.date <= new.date]
    return any(v.version in since or indicator.code in v.method_changed for v in passed)


def differences(programme: Programme) -> Iterator[Finding]:
    """Repeat the differences that the catalogue records, the unexplained ones as such."""
    told = set()
    for checked in check_relations(programme):
        relation = checked.relation
        if relation.difference is None:
            continue
        told.add((Fraction(str(relation.stated)), abs(checked.amount)))
        yield _difference(relation.name, relation.text, checked.amount, relation.difference.reason)
    for each in programme.differences:
        indicator = programme.indicator(each.indicator)
        version = programme.published_version(None, indicator.code).version
        value = programme.published_value(indicator.code, each.point, version)
        amount = -Fraction(each.amount)  # published less calculated, as for a relation
        if (Fraction(str(value or 0)), abs(amount)) not in told:
            yield _difference(indicator.code, indicator.label, amount, each.reason)


def _difference(
    about: str, name: dict[str, str], amount: Fraction, reason: dict[str, str]
) -> Finding:
    is_open = reason["en"].casefold().startswith("not explained")
    code = "unexplained-difference" if is_open else "recorded-difference"
    return Finding(code, about, amount, {"name": name, "reason": reason})
