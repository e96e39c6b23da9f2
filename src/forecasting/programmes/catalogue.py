"""The catalogue of a programme: what it promises, from which inputs, by which formulas.

One YAML file per programme in ``data/programmes/``; a file loads only if every key is known, every
formula fits its inputs and its unit, and versions and codes are unambiguous.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
)

from forecasting.errors import InputError
from forecasting.locations import data_dir
from forecasting.periods import parse_month
from forecasting.programmes.quantities import Quantity, quantity
from forecasting.sources.reference import read_yaml

NotGiven = Literal["not given", "not legible in the scan", "not applicable"]
SUM_OF_PARTS = "sum of parts"
Quality = Literal["given", "reading", "implied", "assumed"]
Point = Literal["milestone", "target"]
POINTS: tuple[Point, ...] = ("milestone", "target")
LocalisedText = dict[str, StrictStr]
Number = StrictInt | StrictFloat


def _month(text: object) -> object:
    try:
        return parse_month(text) if isinstance(text, str) else text
    except InputError as problem:
        raise ValueError(str(problem)) from None  # so that pydantic names the key


Month = Annotated[pd.Period, BeforeValidator(_month)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Version(_Strict):
    """A version of the programme's methodology, with its date and reason."""

    version: StrictStr
    date: dt.date
    reason: LocalisedText


class Input(_Strict):
    """A named input of the formulas: an assumption with its unit, source and quality."""

    value: Number
    unit: StrictStr
    label: LocalisedText
    source: LocalisedText
    quality: Quality
    note: LocalisedText | None = None

    @property
    def quantity(self) -> Quantity:
        """The value with its unit, exact."""
        return quantity(self.value, self.unit)


class PublishedValues(_Strict):
    """What one version promises for one indicator; a result indicator has no milestone."""

    milestone: StrictInt | NotGiven | None = None
    target: StrictInt | NotGiven


class AsPublished(_Strict):
    """Formulas that re-derive the published values; ``sum of parts`` adds the sub-indicators."""

    milestone: StrictStr | None = None
    target: StrictStr
    unit: StrictStr | None = None


class FromForecast(_Strict):
    """How the indicator follows from the forecast persons over the operation's months."""

    formula: StrictStr
    starts: Month | None = None
    overlap_of_parts: Number | None = Field(default=None, ge=0, le=100)
    note: LocalisedText | None = None


class Indicator(_Strict):
    """An output or result indicator."""

    code: StrictStr
    kind: Literal["output", "result"]
    parent: StrictStr | None = None
    name: LocalisedText
    short_name: LocalisedText | None = None
    unit: StrictStr
    measures: tuple[StrictStr, ...]
    parts: tuple[StrictStr, ...] = ()
    baseline: StrictInt | NotGiven
    baseline_year: StrictInt | NotGiven | None = None
    published: dict[StrictStr, PublishedValues | NotGiven]
    operations: tuple[StrictStr, ...]
    breakdown: dict[StrictStr, tuple[StrictStr, ...]]
    data_source: LocalisedText
    rounding: StrictInt = Field(default=1, ge=1)
    as_published: AsPublished
    from_forecast: FromForecast | None = None

    @property
    def label(self) -> LocalisedText:
        """Short name for a table or a title; the official name where there is none."""
        return self.short_name or self.name

    def formula_of(self, point: Point) -> str | None:
        """Formula that re-derives the published milestone or target; None if there is none."""
        text = self.as_published.milestone if point == "milestone" else self.as_published.target
        return None if text in {None, "not given", "not legible in the scan"} else text


class Difference(_Strict):
    """A known difference between a published value and the one its inputs give."""

    indicator: StrictStr
    point: Point
    amount: StrictInt
    reason: LocalisedText


class Programme(_Strict):
    """A programme with its versions, inputs, operations and indicators."""

    id: StrictStr
    name: LocalisedText
    short_name: LocalisedText
    geo: StrictStr
    source: LocalisedText
    counting_starts: Month
    milestone_date: Month
    target_date: Month
    driver: StrictStr
    headline: StrictStr
    versions: tuple[Version, ...] = Field(min_length=1)
    inputs: dict[StrictStr, Input]
    operations: dict[StrictStr, LocalisedText]
    indicators: tuple[Indicator, ...] = Field(min_length=1)
    differences: tuple[Difference, ...] = ()

    def indicator(self, code: str) -> Indicator:
        """Return the indicator of that code.

        Raises
        ------
        InputError
            If there is none.
        """
        for indicator in self.indicators:
            if indicator.code == code:
                return indicator
        known = ", ".join(indicator.code for indicator in self.indicators)
        raise InputError(f"indicator '{code}'", where=self.id, expected=known)

    def date_of(self, point: Point) -> pd.Period:
        """Month by whose end a milestone or target is due."""
        return self.milestone_date if point == "milestone" else self.target_date

    def published_version(self, as_of: pd.Period | None) -> Version:
        """Version whose values count at a date: the last one adopted by then that gives values.

        Before the first such version, the first: the reader is told that it came later.
        """
        given = [v for v in self.versions if self._gives_values(v.version)]
        adopted = [v for v in given if as_of is None or pd.Period(v.date, freq="M") <= as_of]
        return adopted[-1] if adopted else given[0]

    def published_value(self, code: str, point: Point, version: str) -> int | None:
        """Published value of an indicator, or None where the document gives none."""
        values = self.indicator(code).published.get(version)
        value = getattr(values, point, None)
        return value if isinstance(value, int) else None

    def _gives_values(self, version: str) -> bool:
        return any(
            isinstance(indicator.published.get(version), PublishedValues)
            for indicator in self.indicators
        )


def list_programmes() -> list[str]:
    """Ids of the programmes that ship with the suite, sorted."""
    return sorted(path.stem for path in (data_dir() / "programmes").glob("*.yaml"))


def find_programme(name: str) -> Path:
    """Return the file of a programme given its id, or a path to a YAML file of one's own.

    Raises
    ------
    InputError
        If there is neither.
    """
    if name.endswith((".yaml", ".yml")):
        return Path(name)
    known = list_programmes()
    if name not in known:
        raise InputError(
            f"programme '{name}'", expected=f"{', '.join(known)}, or a file that ends in .yaml"
        )
    return data_dir() / "programmes" / f"{name}.yaml"


def load_programme(name: str) -> Programme:
    """Load a programme by id or file and hold it against every rule of the catalogue.

    Raises
    ------
    InputError
        With all that is wrong, each fault named by file and key.
    """
    from forecasting.programmes.rules import rule_violations

    path = find_programme(name)
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise InputError("not a mapping", where=str(path), expected="the keys of a programme")
    try:
        programme = Programme.model_validate(content)
    except ValidationError as problem:
        raise InputError("\n".join(_faults(problem, content, path))) from None
    violations = rule_violations(programme, written=_values_as_written(path))
    if violations:
        raise InputError("\n".join(f"{path}: {violation}" for violation in violations))
    return programme


def _values_as_written(path: Path) -> dict[str, str]:
    """Value of each input as the file writes it, before 3.5480 becomes 3.548."""

    def entries(node: yaml.Node | None) -> dict[str, yaml.Node]:
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        return {key.value: value for key, value in pairs if isinstance(key, yaml.ScalarNode)}

    root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    values = {
        name: entries(given).get("value")
        for name, given in entries(entries(root).get("inputs")).items()
    }
    return {name: node.value for name, node in values.items() if isinstance(node, yaml.ScalarNode)}


def _faults(problem: ValidationError, content: object, path: Path) -> list[str]:
    """Write one line per key; a fault inside a value speaks for the value."""
    places: dict[tuple[str | int, ...], list[Any]] = {}
    for error in problem.errors():
        places.setdefault(_place(error, content), []).append(error)
    return [
        f"{path}, key '{_named(place, content)}': {_describe(errors)}"
        for place, errors in places.items()
        if not any(len(p) > len(place) and p[: len(place)] == place for p in places)
    ]


def _place(error: Mapping[str, Any], content: object) -> tuple[str | int, ...]:
    """Where in the file: of pydantic's steps those that are not a form of a union it tried."""
    steps, place = list(error["loc"]), []
    is_key = steps[-1] == "[key]"
    for step in steps[:-2] if is_key else steps:
        known = content if isinstance(content, dict) else ()
        if step in known or (isinstance(content, list) and isinstance(step, int)):
            content = content[step]  # type: ignore[index]
            place.append(step)
    if error["type"] == "missing":
        place.append(steps[-1])
    return (*place, str(error["input"]), "[key]") if is_key else tuple(place)


_EXPECTED = {
    "string_type": "text",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "tuple_type": "a list",
    "too_short": "at least one entry",
    "is_instance_of": "a month written YYYY-MM",
    "value_error": "a month written YYYY-MM",
    "float_type": "a number such as 1234 or 3.5",
    "int_type": "a whole number",
    "greater_than_equal": "{ge} or more",
    "less_than_equal": "at most {le}",
    "literal_error": "{expected}",
}


def _describe(errors: list[Mapping[str, Any]]) -> str:
    """Say in plain words what was found under a key and what is expected there."""
    given = errors[0]["input"]
    kinds = {error["type"]: error.get("ctx", {}) for error in errors}
    if "extra_forbidden" in kinds:
        return "is not a key of the catalogue"
    if "missing" in kinds:
        return "is missing"
    if errors[0]["loc"][-1] == "[key]":
        return f"found {given!r}; expected: a key in quotes"
    whole = "float_type" not in kinds
    words = [
        "a date such as 2024-02-09"
        if kind.startswith("date_")
        else _EXPECTED.get(kind, "another value").format(**ctx)
        for kind, ctx in kinds.items()
        if whole or kind != "int_type"
    ]
    if len(words) > 1:
        words = [text.replace("' or '", "', '") for text in words]
    hint = _hint(given, whole=whole) if "int_type" in kinds else ""
    return f"found {_shown(given)}; expected: {', or '.join(words)}{hint}"


def _shown(value: object) -> str:
    names = {dict: "keys with values", list: "a list", type(None): "nothing"}
    if isinstance(value, dt.date):
        return value.isoformat()
    return names.get(type(value)) or repr(value)


def _hint(value: object, *, whole: bool) -> str:
    """Say how to write a number that was written as text, or with a thousands point."""
    if isinstance(value, float) and whole:
        return "; write 1000, not 1.000"
    text = "".join(value.split()) if isinstance(value, str) else ""
    grouped = re.fullmatch(r"[1-9]\d{0,2}([.,])\d{3}(\1\d{3})*", text)
    plain = re.sub("[.,]", "", text)
    if grouped and not whole and text.count(",") == 1:  # Slovenian 3.548, or English 3548
        return f"; write {plain} or {text.replace(',', '.')}0, not {value}"
    if grouped:
        return f"; write {plain}, not {value}"
    if text.isdecimal() or (not whole and re.fullmatch(r"\d+\.\d+", text)):
        return f"; write {text} without quotes"
    if not whole and re.fullmatch(r"(\d+|[1-9]\d{0,2}(\.\d{3})+),\d+", text):
        return f"; write {text.replace('.', '').replace(',', '.')}, not {value}"
    return ""


def _named(steps: Sequence[str | int], content: object) -> str:
    """Write a place in the file, lists of indicators by code instead of by number."""
    words: list[str] = []
    for step in (step for step in steps if step != "[key]"):
        try:
            content = content[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            content = None
        code = content.get("code") if isinstance(content, dict) else None
        words.append(str(code or step))
    return ".".join(words)
