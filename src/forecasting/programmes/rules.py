"""Rules that a catalogue must keep beyond its schema."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from forecasting.errors import InputError
from forecasting.forecasts import MAX_HORIZON
from forecasting.languages.texts import lacking_languages, texts_by_language
from forecasting.periods import format_period, parse_month
from forecasting.programmes.catalogue import (
    POINTS,
    SUM_OF_PARTS,
    FromForecast,
    Indicator,
    Programme,
    PublishedValues,
)
from forecasting.programmes.driver_rules import driver_faults
from forecasting.programmes.formulas import parse_formula
from forecasting.programmes.part_rules import part_faults
from forecasting.programmes.quantities import Quantity, quantity
from forecasting.programmes.relations import broken_relations
from forecasting.programmes.units import parse_unit
from forecasting.series.read import has_thousands_point, thousands_point_error
from forecasting.sources.reference import check_hash, load_manifest, read_observations

APPLICANTS = "applicants"
"""Name under which a forecast formula finds the persons of the operation's months."""


def rule_violations(programme: Programme, *, written: Mapping[str, str]) -> list[str]:
    """Hold a catalogue against every rule.

    Parameters
    ----------
    programme : Programme
        The catalogue.
    written : mapping of str to str
        Value of each input as its file writes it: ``3.5480`` is not ``3.548``.

    Returns
    -------
    list of str
        Each fault as ``key: what``; empty if nothing is wrong.

    Raises
    ------
    InputError
        If the reference data themselves cannot be used.
    """
    found = [*_inputs(programme, written), *_versions(programme), *_texts(programme)]
    codes = Counter(indicator.code for indicator in programme.indicators)
    found += [f"indicators: code '{code}' stands {n} times" for code, n in codes.items() if n > 1]
    found += [*_headline(programme), *_dates(programme), *_driver(programme)]
    found += [*_units(programme), *part_faults(programme), *_differences(programme)]
    found += [*_codes(programme), *_monitoring(programme)]
    if found:
        return found
    found += broken_relations(programme)
    known = {name: given.quantity for name, given in programme.inputs.items()}
    for indicator in programme.indicators:
        found += _references(indicator, programme)
        found += _values(indicator, programme)
        found += _formulas(indicator, programme, known)
        found += driver_faults(indicator, programme, known)
    return found


def _inputs(programme: Programme, written: Mapping[str, str]) -> Iterator[str]:
    for name, given in programme.inputs.items():
        if name == APPLICANTS:
            yield f"inputs.{name}: this name is kept for the forecast"
        try:
            unit = given.quantity.unit
        except InputError as problem:
            yield f"inputs.{name}: {problem}"
            continue
        place, text = f"inputs.{name}.value", written.get(name, str(given.value))
        if given.value < 0:
            yield f"{place}: {given.value}; expected: 0 or more"
        if unit.is_percent and given.value > 100:
            yield f"{place}: {given.value} %; expected: at most 100 %"
        if unit.is_counted and has_thousands_point(text):
            yield str(thousands_point_error(text, where=place))


def _headline(programme: Programme) -> Iterator[str]:
    """Check that the first page can speak of its indicator: driven, and with a target."""
    code = programme.headline
    if code is None:
        return
    if code not in {indicator.code for indicator in programme.indicators}:
        yield f"headline: '{code}' is not an indicator of the catalogue"
        return
    if programme.indicator(code).from_forecast is None:
        yield f"headline: '{code}' has no from_forecast; expected: an indicator that has it"
    if not any(programme.published_value(code, "target", v.version) for v in programme.versions):
        yield f"headline: '{code}' has no published target; expected: one above 0 in some version"


def _dates(programme: Programme) -> Iterator[str]:
    starts, milestone, target = map(
        format_period, (programme.counting_starts, programme.milestone_date, programme.target_date)
    )
    if milestone >= target:
        yield f"milestone_date: {milestone}; expected: before target_date, {target}"
    if starts > milestone:
        yield f"counting_starts: {starts}; expected: not after milestone_date, {milestone}"
    latest = format_period(programme.counting_starts + MAX_HORIZON)
    if target > latest:
        yield f"target_date: {target}; expected: by {latest}, 30 years after counting_starts"
    for indicator in programme.indicators:
        rule = indicator.from_forecast
        own = format_period(rule.starts) if rule and rule.starts else starts
        if own != starts and not starts <= own <= target:
            yield (
                f"{indicator.code}.from_forecast.starts: {own}; expected: from counting_starts, "
                f"{starts}, to target_date, {target}"
            )


def _driver(programme: Programme) -> Iterator[str]:
    """Check that there are monthly counts to forecast, and that the dates fit them."""
    name, known = programme.driver, load_manifest()
    if name is None:
        driven = [each.code for each in programme.indicators if each.from_forecast]
        if driven or programme.headline:
            yield "driver: none; expected: the reference data that from_forecast and headline need"
        return
    kinds = {
        key: f"{data.shape}, {data.kind}, {data.frequency}"
        if data.shape == "series"
        else data.shape
        for key, data in known.items()
    }
    usable = [key for key, kind in kinds.items() if kind == "series, flow, M"]
    if name not in usable:
        found = f" ({kinds[name]})" if name in kinds else ""
        yield (
            f"driver: '{name}'{found}; expected: reference data that are a series, flow, M: "
            f"{', '.join(usable)}"
        )
        return
    check_hash(known[name])
    try:
        months = read_observations(name, programme.geo).periods
    except InputError as problem:
        yield f"geo: {problem.found}; expected: {problem.expected}"
        return
    yield from _span(programme, months[0], months[-1])


def _span(programme: Programme, first: str, last: str) -> Iterator[str]:
    starts, target = programme.counting_starts, programme.target_date
    origin = parse_month(last)
    if starts < parse_month(first):
        yield (
            f"counting_starts: {format_period(starts)}; expected: {first} or later, where "
            f"{programme.driver} begins"
        )
    if not origin < target <= origin + MAX_HORIZON:
        yield (
            f"target_date: {format_period(target)}; expected: {format_period(origin + 1)} to "
            f"{format_period(origin + MAX_HORIZON)}, the 30 years after the last month observed"
        )


def _versions(programme: Programme) -> Iterator[str]:
    versions = programme.versions
    for earlier, later in pairwise(versions):
        if later.date <= earlier.date:
            yield (
                f"versions: {later.version} is not later than {earlier.version}: {later.date} and "
                f"{earlier.date}"
            )
    for name, n in Counter(version.version for version in versions).items():
        if n > 1:
            yield f"versions: '{name}' stands {n} times"


def _texts(programme: Programme) -> Iterator[str]:
    for key, text in texts_by_language(programme.model_dump()):
        for language in lacking_languages(text):
            yield f"{key.removeprefix('indicators.')}: no text in '{language}'"


def _units(programme: Programme) -> Iterator[str]:
    for indicator in programme.indicators:
        try:
            parse_unit(indicator.unit)
        except InputError as problem:
            yield f"{indicator.code}.unit: {problem}"


def _monitoring(programme: Programme) -> Iterator[str]:
    """Check that what is not monitored, or not yet, has its reason, and nothing else has."""
    for indicator in programme.indicators:
        place, reason = f"{indicator.code}.not_monitored_because", indicator.not_monitored_because
        unwatched = not indicator.monitored or indicator.monitored_from is not None
        if unwatched and reason is None:
            yield f"{place}: missing; expected: the reason that the document gives"
        if reason is not None and not unwatched:
            yield f"{place}: but monitored is true; expected: no reason, or monitored: false"


def _differences(programme: Programme) -> Iterator[str]:
    codes = {indicator.code for indicator in programme.indicators}
    for difference in programme.differences:
        if difference.indicator not in codes:
            yield f"differences: '{difference.indicator}' is not an indicator of the catalogue"


def _codes(programme: Programme) -> Iterator[str]:
    """Check that codes stand once, and that what names one of them names it."""
    known = {
        "objective": [objective.code for objective in programme.objectives],
        "measure": [measure.code for measure in programme.measures],
        "relation": [relation.name for relation in programme.relations],
        "indicator": [indicator.code for indicator in programme.indicators],
        "version": [version.version for version in programme.versions],
    }
    for kind in ("objective", "measure", "relation"):
        repeated = [(code, n) for code, n in Counter(known[kind]).items() if n > 1]
        yield from (f"{kind}s: code '{code}' stands {n} times" for code, n in repeated)
    named = [*_named(programme), *(_named_measures(programme) if programme.measures else ())]
    for place, kind, codes in named:
        for code in codes:
            if code not in known[kind]:
                yield f"{place}: '{code}' is not in the catalogue"


_Named = Iterator[tuple[str, str, Sequence[str]]]


def _named(programme: Programme) -> _Named:
    """Place, kind and codes of the objectives, indicators and versions that are named."""
    yield "in_briefing", "indicator", programme.in_briefing
    for key, operation in programme.operations.items():
        yield f"operations.{key}.since", "version", [operation.since] if operation.since else []
    for version in programme.versions:
        yield f"versions.{version.version}.method_changed", "indicator", version.method_changed
    for measure in programme.measures:
        yield f"measures.{measure.code}.objective", "objective", [measure.objective]
    for key in ("intervention_shares", "allocations", "calls"):
        for each in getattr(programme, key):
            yield f"{key}.{each.objective}", "objective", [each.objective]
    for share in programme.intervention_shares:
        yield f"intervention_shares.{share.code}.indicators", "indicator", share.indicators


def _named_measures(programme: Programme) -> _Named:
    """Place, kind and codes of the measures that are named."""
    for measure in programme.measures:
        yield f"measures.{measure.code}.prepares", "measure", measure.prepares
        yield f"measures.{measure.code}.parent", "measure", [measure.parent or measure.code]
    for call in programme.calls:
        place = f"calls.{call.objective}.{call.round}"
        yield place, "measure", [*call.open_to, *([call.measure] if call.measure else [])]
    for rate in programme.support_rates:
        yield "support_rates", "measure", rate.measures
    for key, operation in programme.operations.items():
        yield f"operations.{key}.measures", "measure", operation.measures
    for indicator in programme.indicators:
        yield f"{indicator.code}.measures", "measure", indicator.measures


def _references(indicator: Indicator, programme: Programme) -> Iterator[str]:
    codes = {other.code for other in programme.indicators}
    for key, names, known in (
        ("parts", indicator.parts, codes),
        ("parent", (indicator.parent,) if indicator.parent else (), codes),
        ("operations", indicator.operations, set(programme.operations)),
        ("published", indicator.published, {version.version for version in programme.versions}),
    ):
        for name in names:
            if name not in known:
                yield f"{indicator.code}.{key}: '{name}' is not in the catalogue"
    needs_baseline = programme.framework == "cpr" and indicator.kind == "result"
    if needs_baseline and not isinstance(indicator.baseline, int | float):
        yield f"{indicator.code}.baseline: a result indicator needs one"


def _values(indicator: Indicator, programme: Programme) -> Iterator[str]:
    for version, values in indicator.published.items():
        if not isinstance(values, PublishedValues):
            continue
        place = f"{indicator.code}.published.{version}"
        under_cpr = programme.framework == "cpr"
        if under_cpr and indicator.kind == "result" and values.milestone is not None:
            yield f"{place}: a milestone for a result indicator (CPR, Article 16: outputs only)"
        if under_cpr and indicator.kind == "output" and values.milestone is None:
            yield f"{place}: an output indicator needs a milestone, or 'not given'"
        for value in (values.milestone, values.target):
            if isinstance(value, int | float) and value < 0 and not indicator.is_change:
                yield f"{place}: {value} is negative"
        if (
            isinstance(values.milestone, int | float)
            and isinstance(values.target, int | float)
            and not indicator.is_change
            and values.milestone > values.target
        ):
            yield f"{place}: milestone {values.milestone} above target {values.target}"


def _formulas(
    indicator: Indicator, programme: Programme, known: dict[str, Quantity]
) -> Iterator[str]:
    published_unit = indicator.as_published.unit or indicator.unit
    for point in POINTS:
        text = indicator.formula_of(point)
        if text is not None:
            place = f"{indicator.code}.as_published.{point}"
            yield from _formula(text, indicator, place, published_unit, known)
    rule = indicator.from_forecast
    if rule is not None:
        with_paths = known | {APPLICANTS: quantity(1, "persons")}
        place = f"{indicator.code}.from_forecast.formula"
        yield from _formula(rule.formula, indicator, place, indicator.unit, with_paths)
        yield from _overlap(indicator, rule)
        if rule.formula == SUM_OF_PARTS:
            yield from _undriven_parts(indicator, programme)


def _formula(
    text: str, indicator: Indicator, place: str, unit: str, known: dict[str, Quantity]
) -> Iterator[str]:
    if text == SUM_OF_PARTS:
        if not indicator.parts:
            yield f"{place}: 'sum of parts' of an indicator without parts"
        return
    try:
        found = parse_formula(text, indicator=indicator.code).evaluate(known).unit
        expected = parse_unit(unit)
    except InputError as problem:
        yield f"{place}: {problem}"
        return
    if found != expected:
        yield f"{place}: gives {found}; expected: {expected}"


def _undriven_parts(indicator: Indicator, programme: Programme) -> Iterator[str]:
    for part in programme.indicators:
        if part.code in indicator.parts and part.from_forecast is None:
            yield f"{indicator.code}.from_forecast.formula: part '{part.code}' has no from_forecast"


def _overlap(indicator: Indicator, rule: FromForecast) -> Iterator[str]:
    if (rule.overlap_of_parts is not None) != (rule.formula == SUM_OF_PARTS):
        yield (
            f"{indicator.code}.from_forecast.overlap_of_parts: percent of the smaller part that is "
            "in both; needed for 'sum of parts' and only there"
        )
