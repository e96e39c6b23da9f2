"""The catalogue of a programme: what it promises, from which inputs, by which formulas.

One YAML file per programme in ``data/programmes/``; a file loads only if every key is known, every
formula fits its inputs and its unit, and versions and codes are unambiguous.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

import pandas as pd
import yaml
from pydantic import Field, StrictInt, StrictStr

from forecasting.errors import InputError
from forecasting.locations import data_dir
from forecasting.programmes.quantities import Quantity, quantity
from forecasting.schemas import Month, Number, Strict, validate
from forecasting.sources.reference import read_yaml

NotGiven = Literal["not given", "not legible in the scan", "not applicable"]
SUM_OF_PARTS = "sum of parts"
Quality = Literal["given", "reading", "implied", "assumed"]
Point = Literal["milestone", "target"]
POINTS: tuple[Point, ...] = ("milestone", "target")
LocalisedText = dict[str, StrictStr]


class Version(Strict):
    """A version of the programme's methodology, with its date and reason."""

    version: StrictStr
    date: dt.date
    reason: LocalisedText


class Input(Strict):
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


class PublishedValues(Strict):
    """What one version promises for one indicator; a result indicator has no milestone."""

    milestone: StrictInt | NotGiven | None = None
    target: StrictInt | NotGiven


class AsPublished(Strict):
    """Formulas that re-derive the published values; ``sum of parts`` adds the sub-indicators."""

    milestone: StrictStr | None = None
    target: StrictStr
    unit: StrictStr | None = None


class FromForecast(Strict):
    """How the indicator follows from the forecast persons over the operation's months."""

    formula: StrictStr
    starts: Month | None = None
    overlap_of_parts: Number | None = Field(default=None, ge=0, le=100)
    note: LocalisedText | None = None


class Indicator(Strict):
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


class Difference(Strict):
    """A known difference between a published value and the one its inputs give."""

    indicator: StrictStr
    point: Point
    amount: StrictInt
    reason: LocalisedText


class Programme(Strict):
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
    programme = validate(Programme, content, path, of="the catalogue")
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
