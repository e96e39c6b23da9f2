"""The catalogue of a programme: what it promises, from which inputs, by which formulas.

One YAML file per programme in ``data/programmes/``; a file loads only if every key is known, every
formula fits its inputs and its unit, and versions and codes are unambiguous.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import yaml
from pydantic import (
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    TypeAdapter,
    ValidationInfo,
    field_validator,
)

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.locations import data_dir
from forecasting.programmes.drivers import DrivenBy
from forecasting.programmes.parts import (
    Allocation,
    Call,
    Factor,
    InterventionShare,
    LocalisedText,
    Measure,
    NotGiven,
    Objective,
    Operation,
    ProgrammeRule,
    Quality,
    Relation,
    SupportRate,
)
from forecasting.programmes.quantities import Quantity, quantity
from forecasting.programmes.units import parse_unit
from forecasting.schemas import Month, Number, Strict, validate
from forecasting.sources.yaml_files import read_yaml

SUM_OF_PARTS = "sum of parts"
Point = Literal["milestone", "target"]
POINTS: tuple[Point, ...] = ("milestone", "target")
NoNumber = Literal[NotGiven, "done"]
"""What a published value may be beside a number; ``done``: a deliverable, such as a protocol."""


class Version(Strict):
    """A version of the programme's methodology, with its date and reason.

    `method_changed`: codes of the indicators whose calculation it changed.
    """

    version: StrictStr
    date: dt.date
    reason: LocalisedText
    method_changed: tuple[StrictStr, ...] = ()


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

    milestone: Number | NoNumber | None = None
    target: Number | NoNumber


class PublishedCounts(PublishedValues):
    """Published values in a unit that is counted: whole numbers."""

    milestone: StrictInt | NoNumber | None = None
    target: StrictInt | NoNumber


_COUNT: TypeAdapter[Any] = TypeAdapter(StrictInt | NotGiven)
_COUNTS: TypeAdapter[Any] = TypeAdapter(dict[StrictStr, PublishedCounts | NotGiven])


class AsPublished(Strict):
    """Formulas that re-derive the published values; ``sum of parts`` adds the sub-indicators."""

    milestone: StrictStr | None = None
    target: StrictStr = "not given"
    unit: StrictStr | None = None


class FromForecast(Strict):
    """How the indicator follows from the forecast persons over the operation's months."""

    formula: StrictStr
    starts: Month | None = None
    overlap_of_parts: Number | None = Field(default=None, ge=0, le=100)
    note: LocalisedText | None = None


class Indicator(Strict):
    """An output or result indicator.

    The dates are those of the programme unless the indicator has its own.

    Attributes
    ----------
    code : str
        As printed, such as ``O.1.1.1``.
    parent : str or None
        Code of the indicator of which this one is a part.
    parts : tuple of str
        Codes of the indicators that add up to this one.
    is_change : bool
        The values are changes against the baseline year, in percent.
    published : mapping of str to PublishedValues
        Milestone and target, by version.
    operations : tuple of str
        Names of the operations in which it is counted.
    monitored_from : pandas.Period or None
        The document says that monitoring begins only then.
    rounding : int
        A proposal is a multiple of this.
    as_published : AsPublished
        How the document calculates its values.
    from_forecast : FromForecast or None
        How it follows from the forecast.
    driven_by : DrivenBy or None
        Of an indicator without `from_forecast`; without either a published number is a plan.
    """

    code: StrictStr
    kind: Literal["output", "result"]
    parent: StrictStr | None = None
    name: LocalisedText
    short_name: LocalisedText | None = None
    unit: StrictStr
    measures: tuple[StrictStr, ...]
    parts: tuple[StrictStr, ...] = ()
    baseline: Number | NotGiven
    baseline_year: StrictInt | NotGiven | None = None
    is_change: StrictBool = False
    milestone_date: Month | None = None
    target_date: Month | None = None
    published: dict[StrictStr, PublishedValues | NotGiven]
    operations: tuple[StrictStr, ...] = ()
    breakdown: dict[StrictStr, tuple[StrictStr, ...]] | NotGiven = "not given"
    data_source: LocalisedText | NotGiven = "not given"
    monitored: StrictBool = True
    monitored_from: Month | None = None
    not_monitored_because: LocalisedText | None = None
    rounding: StrictInt = Field(default=1, ge=1)
    as_published: AsPublished = AsPublished()
    from_forecast: FromForecast | None = None
    driven_by: DrivenBy | None = None
    note: LocalisedText | None = None

    @field_validator("baseline", mode="before")
    @classmethod
    def _whole_baseline(cls, value: object, info: ValidationInfo) -> object:
        return _COUNT.validate_python(value) if _is_counted(info.data) else value

    @field_validator("published", mode="before")
    @classmethod
    def _whole_values(cls, value: object, info: ValidationInfo) -> object:
        return _COUNTS.validate_python(value) if _is_counted(info.data) else value

    @property
    def label(self) -> LocalisedText:
        """Short name for a table or a title; the official name where there is none."""
        return self.short_name or self.name

    def formula_of(self, point: Point) -> str | None:
        """Formula that re-derives the published milestone or target; None if there is none."""
        text = self.as_published.milestone if point == "milestone" else self.as_published.target
        return None if text in {None, "not given", "not legible in the scan"} else text


def _is_counted(known: dict[str, Any]) -> bool:
    """Whether the unit read before says so; an unknown unit is a matter of the rules."""
    try:
        return parse_unit(known.get("unit", "1")).is_counted
    except InputError:
        return False


class Difference(Strict):
    """A known difference between a published value and the one its inputs give."""

    indicator: StrictStr
    point: Point
    amount: StrictInt
    reason: LocalisedText


class Programme(Strict):
    """A programme with its versions, inputs, operations and indicators.

    Attributes
    ----------
    id : str
        That of the file.
    name, short_name, source, note : dict of str to str
        By language.
    geo : str
        Country, by Eurostat's code.
    counting_starts : pandas.Period
        First month that counts.
    milestone_date, target_date : pandas.Period
        Last month that counts.
    driver : str or None
        Reference figures whose forecast drives the indicators.
    headline : str or None
        Code of the indicator that a briefing begins with.
    in_briefing : tuple of str
        Codes of the indicators whose calculation a briefing shows; none: all.
    framework : {"cpr"} or None
        ``cpr`` where Regulation (EU) 2021/1060, Articles 16 and 17, sets the rules.
    factors : tuple of Factor
        Those that all objectives share.
    inputs : mapping of str to Input
        What the formulas calculate with, by name.
    differences : tuple of Difference
        What does not come out, with its amount and reason.
    outlook : str or None
        Name of an outlook in ``data/parameters``.
    project, savings : str or None
        Its record in ``data/projects`` and its configuration in ``data/savings``.
    """

    id: StrictStr
    name: LocalisedText
    short_name: LocalisedText
    geo: StrictStr
    source: LocalisedText
    counting_starts: Month
    milestone_date: Month
    target_date: Month
    driver: StrictStr | None = None
    headline: StrictStr | None = None
    in_briefing: tuple[StrictStr, ...] = ()
    framework: Literal["cpr"] | None = None
    versions: tuple[Version, ...] = Field(min_length=1)
    factors: tuple[Factor, ...] = ()
    objectives: tuple[Objective, ...] = ()
    measures: tuple[Measure, ...] = ()
    inputs: dict[StrictStr, Input] = Field(default_factory=dict)
    operations: dict[StrictStr, Operation] = Field(default_factory=dict)
    indicators: tuple[Indicator, ...] = Field(min_length=1)
    differences: tuple[Difference, ...] = ()
    relations: tuple[Relation, ...] = ()
    intervention_shares: tuple[InterventionShare, ...] = ()
    allocations: tuple[Allocation, ...] = ()
    calls: tuple[Call, ...] = ()
    support_rates: tuple[SupportRate, ...] = ()
    rules: tuple[ProgrammeRule, ...] = ()
    outlook: StrictStr | None = None
    project: StrictStr | None = None
    savings: StrictStr | None = None
    note: LocalisedText | None = None

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

    def published_version(self, as_of: pd.Period | None, code: str) -> Version:
        """Version whose values of an indicator count at a date: the last adopted that gives some.

        Before the first such version, the first: the reader is told that it came later. The last
        version of all where none gives values.
        """
        published = self.indicator(code).published
        given = [v for v in self.versions if isinstance(published.get(v.version), PublishedValues)]
        adopted = [v for v in given if as_of is None or pd.Period(v.date, freq="M") <= as_of]
        return adopted[-1] if adopted else (given or self.versions[-1:])[0]

    def published_value(self, code: str, point: Point, version: str) -> int | float | None:
        """Published value of an indicator, or None where the document gives none."""
        values = self.indicator(code).published.get(version)
        value = getattr(values, point, None)
        return value if isinstance(value, int | float) else None


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
    programme = validate(Programme, content, path, of=say("the catalogue"))
    violations = rule_violations(programme, written=_values_as_written(path))
    if violations:
        raise InputError("\n".join(f"{path}: {violation}" for violation in violations))
    return programme


def _values_as_written(path: Path) -> dict[str, str]:
    """Value of each input as the file writes it, before 3.5480 becomes 3.548."""

    def entries(node: yaml.Node | None) -> dict[str, yaml.Node]:
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        return {key.value: value for key, value in pairs if isinstance(key, yaml.ScalarNode)}

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the quick one where libyaml is there
    root = yaml.compose(path.read_text(encoding="utf-8"), Loader=loader)
    values = {
        name: entries(given).get("value")
        for name, given in entries(entries(root).get("inputs")).items()
    }
    return {name: node.value for name, node in values.items() if isinstance(node, yaml.ScalarNode)}
