"""Published values by version and the proposal beside them, each change with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from forecasting.errors import InputError
from forecasting.languages import Language
from forecasting.programmes.catalogue import (
    Indicator,
    Point,
    Programme,
    PublishedValues,
    Version,
)
from forecasting.programmes.parts import LocalisedText
from forecasting.programmes.proposal import Proposal
from forecasting.programmes.published import Value, points_of
from forecasting.programmes.reasons import Reason

PROBABILITY = 0.8
"""Attainment probability of the proposals that are compared."""

_ARROW = " → "


@dataclass(frozen=True)
class ComparedValue:
    """One milestone or target in several versions.

    Attributes
    ----------
    indicator : Indicator
    point : {"milestone", "target"}
    values : tuple of int, float or str
        By version; a text says why there is no number.
    proposed : int or None
        Target at the attainment probability `PROBABILITY`; None without a proposal.
    main : str or None
        Main reason for the proposal: "correction", "assumption", "new data" or "model".
    reason : dict of str to str or None
        Of a changed value: the indicator's own history, or else the reason of the version in which
        it changed. Of one without an earlier value: the indicator's note. None otherwise.
    """

    indicator: Indicator
    point: Point
    values: tuple[Value, ...]
    proposed: int | None
    main: Reason | None
    reason: LocalisedText | None

    @property
    def is_changed(self) -> bool:
        """Whether two versions give different numbers."""
        return len(set(_numbers(self.values))) > 1

    @property
    def lacks_earlier(self) -> bool:
        """Whether a version gives a number and one before it none: a change cannot be told."""
        numbers = _numbers(self.values)
        return bool(numbers) and not self.is_changed and len(numbers) < len(self.values)

    @property
    def is_moved(self) -> bool:
        """Whether the proposal is another value than the last published one."""
        return self.proposed is not None and self.proposed != self.values[-1]

    def why_proposed(self, language: Language) -> str:
        """Write why the proposal is another value; empty where it is not, or nothing is known."""
        if not self.is_moved:
            return ""
        names: dict[str, str] = {
            "correction": language.gettext("correction"),
            "assumption": language.gettext("assumption"),
            "new data": language.gettext("new data"),
            "model": language.gettext("model"),
        }
        rule = self.indicator.from_forecast
        note = rule.note[language.code] if rule and rule.note else ""
        return "; ".join(filter(None, [names.get(self.main or "", ""), note]))


@dataclass(frozen=True)
class VersionComparison:
    """The milestones and targets of a programme in several of its versions.

    Attributes
    ----------
    programme : Programme
    versions : tuple of Version
        In the order asked for.
    values : tuple of ComparedValue
        In the order of the catalogue, milestone before target.
    """

    programme: Programme
    versions: tuple[Version, ...]
    values: tuple[ComparedValue, ...]

    @property
    def changes(self) -> tuple[ComparedValue, ...]:
        """Values that a version or the proposal changes."""
        return tuple(value for value in self.values if value.is_changed or value.is_moved)

    @property
    def unknown(self) -> tuple[ComparedValue, ...]:
        """Values of which no version before gives a number."""
        return tuple(value for value in self.values if value.lacks_earlier)

    def table(self, language: str = "en") -> pd.DataFrame:
        """Return one row per milestone and target.

        Columns: ``programme, indicator, name, point, unit``, one column ``version_X`` per version
        (a number, or a text such as "not given"), ``proposed_p80``, ``change`` ("changed",
        "earlier value not given", "unchanged"), ``reason`` and ``reason_of_proposal``. Empty cells:
        no proposal, no reason.
        """
        return pd.DataFrame([self._row(value, Language(language)) for value in self.values])

    def lines(self, language: Language) -> Iterator[str]:
        """Write the versions with their reasons, then each changed value with its own."""
        for version in self.versions:
            yield language.gettext("version {version} of {date}: {reason}").format(
                version=version.version,
                date=language.date(version.date),
                reason=version.reason[language.code],
            )
        for value in self.changes:
            yield from self._lines(value, language)
        template = language.gettext("{changed} of {n} values change")
        yield template.format(changed=len(self.changes), n=len(self.values))
        for value in self.unknown:
            if value.reason and value.point == "target" and value not in self.changes:
                yield from self._lines(value, language)
        if self.unknown:
            template = language.gettext(
                "the catalogue holds no earlier number for {n} values; whether they changed is not "
                "known: {which}"
            )
            names = [_name(value, language) for value in self.unknown]
            yield template.format(n=len(names), which=", ".join(names))

    def _row(self, value: ComparedValue, language: Language) -> dict[str, object]:
        return {
            "programme": self.programme.id,
            "indicator": value.indicator.code,
            "name": value.indicator.name[language.code],
            "point": value.point,
            "unit": value.indicator.unit,
            **{
                f"version_{version.version}": published
                for version, published in zip(self.versions, value.values, strict=True)
            },
            f"proposed_p{100 * PROBABILITY:g}": value.proposed,
            "change": _change(value),
            "reason": value.reason[language.code] if value.reason else None,
            "reason_of_proposal": value.why_proposed(language) or None,
        }

    def _lines(self, value: ComparedValue, language: Language) -> Iterator[str]:
        yield f"{_name(value, language)}: {value_text(self, value, language)}"
        if value.reason:
            yield "    " + value.reason[language.code]
        if why := value.why_proposed(language):
            yield "    " + language.gettext("proposal: {reason}").format(reason=why)


def compare_versions(
    programme: Programme, versions: Sequence[str], proposals: Sequence[Proposal] = ()
) -> VersionComparison:
    """Set the published values of several versions side by side, and the proposals after them.

    Parameters
    ----------
    programme : Programme
    versions : sequence of str
        Such as ``("3.0", "4.0")``, the older first; one is enough where there are proposals.
    proposals : sequence of Proposal, optional
        What `propose_targets` returned.

    Returns
    -------
    VersionComparison

    Raises
    ------
    InputError
        If a version is not known, stands twice or before an older one, or there is nothing to
        compare.
    """
    known = {version.version: version for version in programme.versions}
    unknown = [name for name in versions if name not in known]
    in_order = [name for name in known if name in versions]
    if unknown or in_order != list(versions):
        raise InputError(
            f"versions '{', '.join(versions)}'",
            where=programme.id,
            expected=f"in this order, each at most once: {', '.join(known)}",
        )
    if len(versions) + bool(proposals) < 2:
        raise InputError(
            f"{len(versions)} versions and no proposals",
            where=programme.id,
            expected=f"two versions or more of: {', '.join(known)}",
        )
    chosen = tuple(known[name] for name in versions)
    proposed = {(each.indicator.code, each.point): each for each in proposals}
    return VersionComparison(
        programme,
        chosen,
        tuple(
            _compared(indicator, point, chosen, proposed.get((indicator.code, point)))
            for indicator in programme.indicators
            for point in points_of(indicator)
        ),
    )


def value_text(comparison: VersionComparison, value: ComparedValue, language: Language) -> str:
    """Write the values of all versions in a line: "1.0: 10,000 → 3.0: not given → 4.0: 336"."""
    return _ARROW.join(_steps(comparison, value, language, marks=True))


def given_text(comparison: VersionComparison, value: ComparedValue, language: Language) -> str:
    """Write the values of those versions that give a number: "1.0: 10,000 → 4.0: 336"."""
    return _ARROW.join(_steps(comparison, value, language, marks=False))


def _steps(
    comparison: VersionComparison, value: ComparedValue, language: Language, *, marks: bool
) -> Iterator[str]:
    for version, published in zip(comparison.versions, value.values, strict=True):
        if marks or not isinstance(published, str):
            yield f"{version.version}: {_written(published, language)}"
    if value.proposed is not None:
        template = language.gettext("proposal (P80): {value}")
        yield template.format(value=language.number(value.proposed))


def _name(value: ComparedValue, language: Language) -> str:
    names = {"milestone": language.gettext("milestone"), "target": language.gettext("target")}
    return f"{value.indicator.code} {names[value.point]}"


def _change(value: ComparedValue) -> str:
    if value.is_changed or value.is_moved:
        return "changed"
    return "earlier value not given" if value.lacks_earlier else "unchanged"


def _numbers(values: Sequence[Value]) -> list[int | float]:
    return [value for value in values if not isinstance(value, str)]


def _written(value: Value, language: Language) -> str:
    if isinstance(value, str):
        return language.gettext(value)
    return language.number(value, 0 if value == int(value) else 2)


def _compared(
    indicator: Indicator, point: Point, versions: Sequence[Version], proposal: Proposal | None
) -> ComparedValue:
    values = tuple(_value(indicator, point, version) for version in versions)
    given = [pair for pair in zip(values, versions, strict=True) if not isinstance(pair[0], str)]
    changed = [later for (before, _), (after, later) in pairwise(given) if before != after]
    change = proposal.changes.get(PROBABILITY) if proposal else None
    reason = indicator.note if len(given) < len(values) else None
    return ComparedValue(
        indicator=indicator,
        point=point,
        values=values,
        proposed=proposal.proposals.get(PROBABILITY) if proposal else None,
        main=change.main if change else None,
        reason=(indicator.note or changed[-1].reason) if changed else reason,
    )


def _value(indicator: Indicator, point: Point, version: Version) -> Value:
    values = indicator.published.get(version.version, "not given")
    if not isinstance(values, PublishedValues):
        return values
    value: Value | None = getattr(values, point)
    return "not given" if value is None else value
