"""Rules that the key `driven_by` of an indicator must keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from forecasting.errors import InputError
from forecasting.programmes.catalogue import Indicator, Programme
from forecasting.programmes.driven_by import (
    PARAMETERS,
    RANGE,
    driver_parameters,
    load_delivery,
)
from forecasting.programmes.drivers import DrivenBy
from forecasting.programmes.formulas import parse_formula
from forecasting.programmes.quantities import Quantity
from forecasting.programmes.units import Unit, parse_unit


def driver_faults(
    indicator: Indicator, programme: Programme, known: Mapping[str, Quantity]
) -> Iterator[str]:
    """Check the driver of an indicator: indicators and inputs it names, units, no circle."""
    driver, place = indicator.driven_by, f"{indicator.code}.driven_by"
    if driver is None:
        return
    if indicator.from_forecast is not None:
        yield f"{place}: beside from_forecast; expected: one of the two"
    codes = {other.code for other in programme.indicators}
    if driver.rate and driver.rate.of and driver.rate.of not in codes:
        yield f"{place}.rate.of: '{driver.rate.of}' is not in the catalogue"
        return
    known_parameters = {entry.id for entry in load_delivery().entries}
    for name in set(driver_parameters(indicator)) - known_parameters - {RANGE}:
        yield f"{place}: '{name}' is not in data/parameters/{PARAMETERS}.yaml"
    if _is_circular(indicator, programme):
        yield f"{place}.rate.of: the indicator is applied to itself"
        return
    for key, text, unit in _formulas(driver, indicator, programme):
        try:
            found = parse_formula(text, indicator=indicator.code).evaluate(known).unit
        except InputError as problem:
            yield f"{place}.{key}: {problem}"
            continue
        if found != unit:
            yield f"{place}.{key}: gives {found}; expected: {unit}"


def _formulas(
    driver: DrivenBy, indicator: Indicator, programme: Programme
) -> Iterator[tuple[str, str, Unit]]:
    """Key, text and unit of each formula."""
    own = parse_unit(indicator.unit)
    if driver.plan and driver.plan.reached:
        yield "plan.reached", driver.plan.reached, own
    if driver.commitment:
        yield "commitment", driver.commitment, own
    if driver.pace:
        yield from (("pace.per_year", text, own.combine(parse_unit("years"), -1))
                    for text in driver.pace.per_year)  # fmt: skip
    if driver.rate:
        base = driver.rate.of
        per = own.combine(parse_unit(programme.indicator(base).unit), -1) if base else own
        yield from (("rate.share", text, per) for text in driver.rate.share)


def _is_circular(indicator: Indicator, programme: Programme) -> bool:
    indicators = {other.code: other for other in programme.indicators}
    seen, current = {indicator.code}, indicator.driven_by
    while current and current.rate and current.rate.of in indicators:
        if current.rate.of in seen:
            return True
        seen.add(current.rate.of)
        current = indicators[current.rate.of].driven_by
    return False
