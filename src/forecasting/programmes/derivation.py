"""Where a value comes from: the published one from its inputs, the proposed one from the paths."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.languages import Language
from forecasting.paths import cumulative, make_paths, periods_of
from forecasting.periods import format_period
from forecasting.programmes.catalogue import (
    POINTS,
    SUM_OF_PARTS,
    Indicator,
    Input,
    Point,
    Programme,
)
from forecasting.programmes.formulas import Formula, parse_formula
from forecasting.programmes.quantities import Quantity, quantity
from forecasting.programmes.rules import APPLICANTS


def rederive(programme: Programme, indicator: Indicator, point: Point) -> Quantity | None:
    """Compute a published milestone or target from the inputs of the catalogue, exactly.

    Returns
    -------
    Quantity or None
        None where the document gives no calculation.
    """
    found = _published_formula(programme, indicator, point)
    return found[0].evaluate(found[1]) if found else None


def published_trace(
    programme: Programme, indicator: Indicator, point: Point, language: Language
) -> str | None:
    """Write the substituted calculation: "3 years × 3,548 applications per year = ..."."""
    found = _published_formula(programme, indicator, point)
    return found[0].trace(found[1], language) if found else None


def _published_formula(
    programme: Programme, indicator: Indicator, point: Point
) -> tuple[Formula, dict[str, Quantity]] | None:
    text = indicator.formula_of(point)
    if text is None:
        return None
    if text != SUM_OF_PARTS:
        inputs = {name: given.quantity for name, given in programme.inputs.items()}
        return parse_formula(text, indicator=indicator.code), inputs
    parts: dict[str, Quantity] = {}
    for code in indicator.parts:
        value = _part(programme, programme.indicator(code), point)
        if value is None:
            return None
        parts[_variable(code)] = Quantity(value.value, quantity(0, indicator.unit).unit)
    return parse_formula(" + ".join(parts), indicator=indicator.code), parts


def _part(programme: Programme, part: Indicator, point: Point) -> Quantity | None:
    """Value of a part: re-derived, or where the document gives no calculation as published."""
    found = rederive(programme, part, point)
    if found is not None:
        return found
    version = programme.published_version(None, part.code).version
    published = programme.published_value(part.code, point, version)
    return None if published is None else quantity(published, part.unit)


def indicator_paths(
    programme: Programme, indicator: Indicator, persons: xr.DataArray
) -> xr.DataArray | None:
    """Sample paths of what an indicator has reached by the end of each month.

    Parameters
    ----------
    programme : Programme
        The catalogue.
    indicator : Indicator
        One of its indicators.
    persons : xarray.DataArray
        Persons per month, dims ``(path, period)``: observed months (the same on every path)
        followed by sample paths, covering all months from the start of counting to the target date.

    Returns
    -------
    xarray.DataArray or None
        Dims ``(path, period)``, cumulative, in the unit of the indicator; None for an indicator
        that is not driven by the forecast.
    """
    rule = indicator.from_forecast
    if rule is None:
        return None
    if rule.formula == SUM_OF_PARTS:
        parts = [
            indicator_paths(programme, programme.indicator(c), persons) for c in indicator.parts
        ]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            raise InputError(
                f"a part of {indicator.code} is not driven by the forecast", where=programme.id
            )
        return sum(known[1:], known[0]).assign_attrs(known[0].attrs)
    counted = count_persons(persons, rule.starts or programme.counting_starts, programme)
    formula = parse_formula(rule.formula, indicator=indicator.code)
    inputs = {name: given.quantity for name, given in programme.inputs.items()}
    columns = [_column(formula, inputs, column) for column in counted.to_numpy().T]
    return make_paths(
        np.column_stack(columns), periods_of(counted), unit=indicator.unit, kind="stock"
    )


def count_persons(persons: xr.DataArray, starts: pd.Period, programme: Programme) -> xr.DataArray:
    """Persons counted so far, month by month from the start of counting to the target date.

    Months before `starts` count 0.

    Raises
    ------
    InputError
        If the paths do not cover these months.
    """
    periods = periods_of(persons)
    first, last = programme.counting_starts, programme.target_date
    if periods[0] > first or periods[-1] < last:
        raise InputError(
            f"paths from {format_period(periods[0])} to {format_period(periods[-1])}",
            where=programme.id,
            expected=f"{format_period(first)} to {format_period(last)}",
        )
    chosen = persons.isel(period=(periods >= first) & (periods <= last))
    return cumulative(chosen * (periods_of(chosen) >= starts))


def forecast_trace(
    programme: Programme, indicator: Indicator, persons_at: np.ndarray, language: Language
) -> str | None:
    """Write the calculation from the forecast, sample paths as median and 80 % interval."""
    rule = indicator.from_forecast
    if rule is None or rule.formula == SUM_OF_PARTS:
        return None
    inputs = {name: given.quantity for name, given in programme.inputs.items()}
    inputs[APPLICANTS] = quantity(persons_at, "persons")
    return parse_formula(rule.formula, indicator=indicator.code).trace(inputs, language)


def forecast_inputs(programme: Programme, indicator: Indicator) -> list[Input]:
    """Inputs that the forecast formula of an indicator uses, in the order of the catalogue."""
    rule = indicator.from_forecast
    if rule is None or rule.formula == SUM_OF_PARTS:
        return []
    names = parse_formula(rule.formula, indicator=indicator.code).names
    return [given for name, given in programme.inputs.items() if name in names]


def inputs_used(programme: Programme, indicators: Sequence[Indicator]) -> list[Input]:
    """Inputs of all formulas of some indicators, each once, in the order of the catalogue."""
    names: set[str] = set()
    for indicator in indicators:
        rule = indicator.from_forecast
        texts = {*map(indicator.formula_of, POINTS), rule.formula if rule else None}
        for text in texts - {None, SUM_OF_PARTS}:
            names |= set(parse_formula(str(text), indicator=indicator.code).names)
    return [given for name, given in programme.inputs.items() if name in names]


def _column(formula: Formula, inputs: dict[str, Quantity], persons: np.ndarray) -> np.ndarray:
    value = formula.evaluate(inputs | {APPLICANTS: quantity(persons, "persons")}).value
    return np.broadcast_to(np.asarray(value, dtype=float), persons.shape)


def _variable(code: str) -> str:
    return code.replace(".", "_")
