"""Length of stay from the mapping of a configuration file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from forecasting.errors import InputError
from forecasting.stocks.duration_units import UNITS, period_unit, periods_per
from forecasting.stocks.length_of_stay import (
    Exponential,
    Fixed,
    Gamma,
    LengthOfStay,
    Lognormal,
    Mixture,
    Weibull,
)
from forecasting.stocks.stay_checks import located
from forecasting.stocks.stay_curve import EXPONENTIAL_TAIL, Curve, read_stay_curve

_PARAMETERS = {
    "exponential": (Exponential, ("mean",)),
    "weibull": (Weibull, ("shape", "scale")),
    "lognormal": (Lognormal, ("mean", "cv")),
    "gamma": (Gamma, ("shape", "scale")),
    "fixed": (Fixed, ("value",)),
}
_DURATIONS = ("mean", "scale", "value")
_KEYS = {
    **{name: (*parameters, "unit") for name, (_, parameters) in _PARAMETERS.items()},
    "curve": ("file", "tail"),
    "mixture": ("parts",),
}

_OPTIONAL = ("unit", "tail")

LONGEST_PLAIN_MEAN = 36
"""A longer mean stay in months, without a stated unit, is taken for one in days and refused."""


def make_length_of_stay(
    spec: Mapping[str, Any], *, where: str, folder: Path | None = None, frequency: str = "M"
) -> LengthOfStay:
    """Make a length of stay from its mapping in a configuration.

    Parameters
    ----------
    spec : mapping
        ``distribution`` and its parameters: ``exponential {mean}``, ``weibull {shape, scale}``,
        ``lognormal {mean, cv}``, ``gamma {shape, scale}``, ``fixed {value}``, each with an
        optional ``unit: days | months | quarters | years`` of the durations among them;
        ``curve {file, tail}``, see `read_stay_curve`, with ``tail: exponential`` or
        ``tail: {maximum: months}``; ``mixture {parts}``, a list of such mappings, each with its
        ``weight``.
    where : str
        File and key of the mapping, for messages.
    folder : pathlib.Path, optional
        Folder a file is relative to. Default: the working directory.
    frequency : {"M", "Q", "Y"}
        Length of a period. A duration without a unit is in months if that is a month; with
        longer periods the unit has to be stated.

    Returns
    -------
    LengthOfStay
        In periods.

    Raises
    ------
    InputError
        For anything that cannot be used, with what was expected.
    """
    if not isinstance(spec, Mapping):
        raise InputError(f"{spec!r}", where=where, expected="a mapping with a distribution")
    name = spec.get("distribution")
    if name not in _KEYS:
        found = "no distribution" if name is None else f"distribution '{name}'"
        raise InputError(found, where=where, expected=" | ".join(_KEYS))
    _check_keys(spec, ("distribution", *_KEYS[name]), where)
    if name == "curve":
        return _curve(spec, where, folder).scaled(periods_per("months", frequency, where=where))
    if name == "mixture":
        return _mixture(spec, where, folder, frequency)
    return _parametric(name, spec, where, frequency)


def _parametric(name: str, spec: Mapping[str, Any], where: str, frequency: str) -> LengthOfStay:
    kind, parameters = _PARAMETERS[name]
    values = {key: _number(spec, key, where) for key in parameters}
    unit = _unit(spec, where, frequency)
    for key in set(_DURATIONS) & set(values):
        values[key] *= periods_per(unit, frequency, where=where)
    with located(where):
        stay: LengthOfStay = kind(**values)
    if "unit" not in spec and stay.mean > LONGEST_PLAIN_MEAN:
        raise InputError(
            f"a mean stay of {stay.mean:g} months: are these days?",
            where=where,
            expected=f"unit: days or unit: months beside a stay over {LONGEST_PLAIN_MEAN} months",
        )
    return stay


def _unit(spec: Mapping[str, Any], where: str, frequency: str) -> str:
    if "unit" in spec:
        return str(spec["unit"])
    if frequency != "M":
        raise InputError(
            f"no unit of the stay, with periods that are {period_unit(frequency)}",
            where=where,
            expected=f"unit: {' | '.join(UNITS)}",
        )
    return "months"


def _mixture(
    spec: Mapping[str, Any], where: str, folder: Path | None, frequency: str
) -> LengthOfStay:
    found = spec["parts"]
    if not isinstance(found, Sequence) or isinstance(found, str) or not found:
        raise InputError(f"parts {found!r}", where=where, expected="a list of distributions")
    parts = []
    for number, part in enumerate(found, start=1):
        place = f"{where}, part {number}"
        if not isinstance(part, Mapping) or "weight" not in part:
            raise InputError("no weight", where=place, expected="weight: a share of the arrivals")
        rest = {key: value for key, value in part.items() if key != "weight"}
        stay = make_length_of_stay(rest, where=place, folder=folder, frequency=frequency)
        parts.append((_number(part, "weight", place), stay))
    with located(where):
        return Mixture(tuple(parts))


def _curve(spec: Mapping[str, Any], where: str, folder: Path | None) -> Curve:
    tail = spec.get("tail")
    if isinstance(tail, Mapping):
        _check_keys(tail, ("maximum",), f"{where}, tail")
        tail = _number(tail, "maximum", f"{where}, tail")
    elif tail is not None and not isinstance(tail, str):
        raise InputError(
            f"tail {tail!r}",
            where=where,
            expected=f"tail: {EXPONENTIAL_TAIL}, or tail: {{maximum: months}}",
        )
    return read_stay_curve((folder or Path()) / str(spec["file"]), tail=tail)


def _check_keys(spec: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    unknown = [str(key) for key in spec if key not in known]
    missing = [key for key in known if key not in spec and key not in _OPTIONAL]
    if unknown or missing:
        parts = [f"key {', '.join(unknown)} not known"] if unknown else []
        parts += [f"key {', '.join(missing)} missing"] if missing else []
        raise InputError("; ".join(parts), where=where, expected=", ".join(known))


def _number(spec: Mapping[str, Any], key: str, where: str) -> float:
    value = spec[key]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(
            f"{key} {value!r} is not a number",
            where=where,
            expected="a number such as 4 or 2.5; the unit goes into a key of its own, unit: days",
        )
    return float(value)
