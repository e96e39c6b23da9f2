"""Dated, sourced values: ``data/parameters/*.yaml``.

A file is a list of entries; several entries of one id with different dates say how a value changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
    model_validator,
)

from forecasting.distributions import FORMS, Distribution, Uncertain
from forecasting.errors import InputError
from forecasting.languages.messages import one_of, say
from forecasting.languages.texts import for_all_languages, lacking_languages
from forecasting.locations import data_dir
from forecasting.names import is_plain_name
from forecasting.periods import format_period, frequency_of, parse_month
from forecasting.schemas import key_place, stated
from forecasting.sources.yaml_files import read_yaml

Text = Annotated[StrictStr, Field(min_length=1)]
Number = Annotated[StrictInt | StrictFloat, Field(ge=0, allow_inf_nan=False)]


def _month(text: object) -> pd.Period:
    try:
        return parse_month(str(text))
    except InputError as problem:
        raise ValueError(str(problem)) from None  # so that pydantic names the key


def _fault(found: str, expected: str) -> ValueError:
    """Make an error that pydantic takes, worded like all others."""
    return ValueError(str(InputError(found, expected=expected)))


def _by_language(text: object) -> object:
    """Take a bare text for all languages, and refuse one that lacks a language."""
    if isinstance(text, str):
        return for_all_languages(text)
    if isinstance(text, Mapping) and (lacking := lacking_languages(text)):
        raise ValueError(say("no text in {languages}", languages=", ".join(lacking)))
    return text


Texts = Annotated[dict[StrictStr, Text], BeforeValidator(_by_language)]
"""A text by language code; a bare text of a user's own file is shown as it is."""


class Entry(BaseModel):
    """One value of a parameter from a month on.

    Attributes
    ----------
    id : str
        Name of the parameter, for example ``hours_per_case_interview``.
    value : int or float
        0 or more; a number of the unit ``1`` is a share and at most 1.
    unit : str
        Such as ``hours/case``; see `forecasting.programmes.units`.
    valid_from : pandas.Period
        First month in which the value holds, until a later entry of the same id.
    source : dict of str to str
        Document and place, or that it is an assumption, by language.
    quality : {"given", "assumed", "unknown"}
        Printed in the source, an assumption of the suite, or nothing known: a wide distribution.
    distribution : Distribution or None
        What is known around the value, which is its centre; None for a value taken as fixed.
    note : dict of str to str or None
        What a reader must know, by language.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    id: Text
    value: Number
    unit: Text
    valid_from: Annotated[pd.Period, BeforeValidator(_month)]
    source: Texts
    quality: Literal["given", "assumed", "unknown"]
    distribution: Distribution | None = None
    note: Texts | None = None

    @property
    def uncertain(self) -> Uncertain:
        """The distribution, or the value where there is none."""
        return self.distribution or self.value

    @model_validator(mode="after")
    def _share(self) -> Entry:
        if self.unit == "1" and self.value > 1:
            raise _fault(
                say("value {value} in the unit 1", value=f"{self.value:g}"),
                say("a share from 0 to 1"),
            )
        return self

    @model_validator(mode="after")
    def _spread(self) -> Entry:
        spread = self.distribution
        if spread is None:
            if self.quality == "unknown":
                raise _fault(say("quality unknown without a distribution"), say("a wide one"))
            return self
        if not spread.low <= self.value <= spread.high:
            raise _fault(
                say(
                    "value {value} outside its distribution {distribution}",
                    value=f"{self.value:g}",
                    distribution=spread,
                ),
                say("{low} to {high}", low=f"{spread.low:g}", high=f"{spread.high:g}"),
            )
        if spread.low < 0 or (self.unit == "1" and spread.high > 1):
            raise _fault(
                say(
                    "distribution {distribution} in the unit {unit}",
                    distribution=spread,
                    unit=self.unit,
                ),
                say("{low} to {high}", low=0, high=1) if self.unit == "1" else say("0 or more"),
            )
        return self


@dataclass(frozen=True)
class ParameterFile:
    """The entries of a file.

    Attributes
    ----------
    path : pathlib.Path
    entries : tuple of Entry
        As in the file; an id and a month stand together once.
    """

    path: Path
    entries: tuple[Entry, ...]

    def entry(self, name: str, *, on: pd.Period) -> Entry:
        """Return the entry of an id that is valid in a month: the last one that has begun by then.

        Raises
        ------
        InputError
            If there is no such id, or none of its entries has begun.
        """
        where = key_place(self.path, name)
        if frequency_of(on) != "M":
            raise InputError(
                say("period {period}", period=format_period(on)),
                where=where,
                expected=say("a month"),
            )
        own = [entry for entry in self.entries if entry.id == name]
        if not own:
            known = ", ".join(sorted({entry.id for entry in self.entries}))
            raise InputError(say("no such parameter"), where=where, expected=known)
        begun = [entry for entry in own if entry.valid_from <= on]
        if not begun:
            first = min(entry.valid_from for entry in own)
            raise InputError(
                say("no value for {periods}", periods=format_period(on)),
                where=where,
                expected=say("a month from {month} on", month=format_period(first)),
                action=say("add an entry with an earlier valid_from and its source"),
            )
        return max(begun, key=lambda entry: entry.valid_from)

    def value(self, name: str, *, on: pd.Period) -> float:
        """Return the value of an id that is valid in a month; see `entry`."""
        return float(self.entry(name, on=on).value)


def load_parameters(name: str) -> ParameterFile:
    """Load a file of parameters.

    Parameters
    ----------
    name : str
        Name of a file of ``data/parameters/`` without its ending, or a path that ends in ``.yaml``.

    Returns
    -------
    ParameterFile

    Raises
    ------
    InputError
        With all that is wrong, each fault named by file and key.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else _shipped(name)
    content = read_yaml(path)
    if not isinstance(content, list) or not content:
        raise InputError(say("not a list"), where=str(path), expected=say("one entry per value"))
    entries, faults = [], []
    for place, given in enumerate(content, start=1):
        try:
            entries.append(Entry.model_validate(given))
        except ValidationError as problem:
            where = say("{path}, entry {number}", path=path, number=place)
            faults += _faults(problem, given, where)
    faults += _repeated(entries, path)
    if faults:
        raise InputError("\n".join(faults))
    return ParameterFile(path, tuple(entries))


def _shipped(name: str) -> Path:
    folder = data_dir() / "parameters"
    path = folder / f"{name}.yaml"
    if not (is_plain_name(name) and path.is_file()):
        known = ", ".join(sorted(file.stem for file in folder.glob("*.yaml")))
        raise InputError(
            say("parameters '{name}'", name=name),
            expected=say("{names}, or a file that ends in .yaml", names=known),
        )
    return path


def _repeated(entries: list[Entry], path: Path) -> list[str]:
    seen, faults = set(), []
    for entry in entries:
        key = (entry.id, entry.valid_from)
        if key in seen:
            month = format_period(entry.valid_from)
            where = key_place(path, entry.id)
            found = say("valid_from {month} stands twice", month=month)
            faults.append(str(InputError(found, where=where)))
        seen.add(key)
    return faults


def _expected(kind: str) -> str:
    """Say what a key takes, by pydantic's kind of error."""
    if kind.startswith("string_") or kind == "dict_type":
        return say("text")
    if kind in {"int_type", "float_type"}:
        return say("a number such as {examples}", examples=one_of(["6", "0.75"]))
    return {
        "greater_than_equal": say("0 or more"),
        "finite_number": say("a finite number"),
        "literal_error": say("given, assumed or unknown"),
        "model_type": say("keys with values"),
    }.get(kind) or say("another value")


def _faults(problem: ValidationError, given: object, where: str) -> list[str]:
    """Write one line per key, with the id of the entry where it has one."""
    if isinstance(given, Mapping) and isinstance(given.get("id"), str):
        where += f" ({given['id']})"
    lines: dict[str, str] = {}
    for error in problem.errors():
        steps = [str(step) for step in error["loc"]]
        key = ".".join(steps[: 2 if steps[:1] == ["distribution"] else 1])
        place = key_place(where, key) if key else where
        lines.setdefault(key, f"{place}: {_describe(error)}")
    return list(lines.values())


def _describe(error: Mapping[str, Any]) -> str:
    kind = error["type"]
    if kind == "missing":
        return say("is missing")
    if kind == "extra_forbidden":
        known = Entry.model_fields if len(error["loc"]) == 1 else FORMS
        return str(InputError(say("is not known"), expected=", ".join(known)))
    if kind == "value_error":
        return str(error["ctx"]["error"])
    if kind == "stated":
        return stated(error["ctx"])
    found = say("found {value}", value=repr(error["input"]))
    return str(InputError(found, expected=_expected(kind)))
