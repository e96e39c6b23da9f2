"""The reference of the file formats: keys, kinds and defaults, from the schemas themselves."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pandas as pd
from pydantic import BaseModel
from pydantic.fields import FieldInfo


@dataclass(frozen=True)
class Format:
    """A kind of file.

    Attributes
    ----------
    name, title : str
        Of its page.
    schema : str
        Module and class of the keys, below ``forecasting``.
    words : str
        What it is for, and where it is explained.
    described_by : str
        Class of the same module whose docstring says what the keys mean; empty: the schema's.
    """

    name: str
    title: str
    schema: str
    words: str
    described_by: str = ""


FORMATS = (
    Format(
        "scenario", "Scenario file", "scenarios.schema:ScenarioFile",
        "`data/scenarios/*.yaml`, or a file of your own. How to write one, with every lever: "
        "[Scenarios](../../scenarios.md).",
    ),
    Format(
        "programme", "Programme file", "programmes.catalogue:Programme",
        "`data/programmes/*.yaml`, or a file of your own; start from a copy of "
        "`si-amif-2021-2027.yaml`. What is done with the values: "
        "[Proposals](../../methods/proposals.md).",
    ),
    Format(
        "plan", "Plan of a night", "runs.plans:PlanFile",
        "`data/plans/*.yaml`, or a file of your own: what "
        "[`forecasting night`](../commands/night.md) makes.",
        "Plan",
    ),
    Format(
        "source", "Source file", "sources.definitions:SourceFile",
        "`data/sources/*.yaml`, or a file of your own: what "
        "[`forecasting data refresh`](../commands/data.md) asks a publisher for.",
        "Source",
    ),
    Format(
        "mapping", "Mapping file", "sources.mapping:ImportMapping",
        "A file of your own: how [`forecasting data import`](../commands/data.md) reads a "
        "spreadsheet.",
    ),
    Format(
        "occupancy", "Occupancy of a centre", "stocks.occupancy_config:OccupancyConfig",
        "`data/stocks/*.yaml`, or a file of your own, for "
        "[`forecasting occupancy`](../commands/occupancy.md). What each key does: "
        "[Stocks](../../methods/stocks.md).",
    ),
    Format(
        "backlog", "Backlog of an office", "stocks.backlog_config:BacklogConfig",
        "`data/stocks/*.yaml`, or a file of your own, for "
        "[`forecasting backlog`](../commands/backlog.md). What each key does: "
        "[Stocks](../../methods/stocks.md).",
    ),
    Format(
        "savings", "Savings of a programme", "savings.schema:SavingsConfig",
        "`data/savings/*.yaml`, or a file of your own, for "
        "[`forecasting savings`](../commands/savings.md). What each key does: "
        "[Savings](../../methods/savings.md).",
    ),
)  # fmt: skip

_WORDS = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    pd.Period: "month `YYYY-MM`",
    date: "date",
    dict: "mapping",
    Any: "any value",
    type(None): "nothing",
}
_BOUNDS = {"ge": "from {}", "gt": "above {}", "le": "to {}", "lt": "below {}"}


def write_formats(folder: Path) -> None:
    """Write one page for every kind of file.

    Parameters
    ----------
    folder : pathlib.Path
        Made if it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for form in FORMATS:
        module_name, _, name = form.schema.partition(":")
        module = import_module(f"forecasting.{module_name}")
        described = _meanings(getattr(module, form.described_by or name))
        first, *parts = _schemas(getattr(module, name))
        lines = [
            f"# {form.title}\n",
            f"{_summary(first)} {form.words}\n",
            *_table(first, described),
        ]
        for part in parts:
            lines += [f"## {_title(part)}\n", f"{_summary(part)}\n", *_table(part, {})]
        (folder / f"{form.name}.md").write_text("\n".join(lines), encoding="utf-8")


def _schemas(schema: type[BaseModel]) -> list[type[BaseModel]]:
    """Return a schema and those of its parts, each once, in the order in which they are met."""
    found = [schema]
    for each in found:
        for field in each.model_fields.values():
            found += [part for part in _named(field.annotation) if part not in found]
    return found


def _named(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    parts = [part for each in get_args(annotation) for part in _named(each)]
    return list(dict.fromkeys(parts))


def _table(schema: type[BaseModel], described: Mapping[str, str]) -> Iterator[str]:
    meanings = {**_meanings(schema), **described}
    shown = any(name in meanings for name in schema.model_fields)
    yield "| key | value | default |" + (" meaning |" if shown else "")
    yield "|---|---|---|" + ("---|" if shown else "")
    for name, field in schema.model_fields.items():
        cells = [f"`{field.alias or name}`", _value(field), _default(field)]
        yield "| " + " | ".join([*cells, meanings.get(name, "")] if shown else cells) + " |"
    yield ""


def _value(field: FieldInfo) -> str:
    """Say what a key takes, with its bounds."""
    bounds = _bounds(field.metadata)
    kind = _kind(field.annotation, optional=not field.is_required())
    return f"{kind}, {bounds}" if bounds else kind


def _bounds(metadata: Iterable[Any]) -> str:
    found = {name: each for one in metadata for name, each in _limits(one)}
    return " ".join(_BOUNDS[name].format(f"{found[name]:,}") for name in _BOUNDS if name in found)


def _limits(metadata: Any) -> list[tuple[str, Any]]:
    inner = getattr(metadata, "metadata", [metadata])  # of a Field, those that it was made of
    return [(name, getattr(one, name)) for one in inner for name in _BOUNDS if hasattr(one, name)]


def _kind(annotation: Any, *, optional: bool = False) -> str:
    """Say in words what a type is; parts with keys of their own lead to them."""
    origin, args = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        title = _title(annotation)
        return f"[{title}](#{title.lower().replace(' ', '-')})"
    if origin is Annotated:
        bounds = _bounds(args[1:])
        return f"{_kind(args[0])}, {bounds}" if bounds else _kind(args[0])
    if origin in (Union, types.UnionType):
        return _one_of([each for each in args if not (optional and each is type(None))])
    words = {
        Literal: lambda: " or ".join(f"`{each}`" for each in args),
        tuple: lambda: f"list of {_kind(args[0])}",
        dict: lambda: f"mapping {_kind(args[0])} → {_kind(args[1])}",
    }
    return words[origin]() if origin in words else _WORDS[annotation]


def _one_of(annotations: Iterable[Any]) -> str:
    """Name several types, those without parts first."""
    kinds = list(dict.fromkeys(map(_kind, annotations)))
    if "number" in kinds:
        kinds = [kind for kind in kinds if kind != "whole number"]
    return ", or ".join(sorted(kinds, key=lambda kind: kind not in _WORDS.values()))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        return "as below"
    shown = ", ".join(map(str, value)) if isinstance(value, tuple) else value
    return f"`{shown}`" if value not in (None, "", (), {}) else ""


def _title(schema: type[BaseModel]) -> str:
    name = re.sub("(Source|File)$", "", schema.__name__)
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", name).split()
    return " ".join([words[0], *map(str.lower, words[1:])])


def _summary(schema: type[BaseModel]) -> str:
    text = inspect.cleandoc(schema.__doc__ or "")
    return _markdown(re.split(r"\n\w+\n-{3,}\n", text)[0].strip())


def _meanings(described: type) -> dict[str, str]:
    """Return what the section ``Attributes`` of a docstring says of each key."""
    text = inspect.cleandoc(described.__doc__ or "")
    section = re.search(r"^Attributes\n-+\n(.*?)(?=\n\n\w+\n-+\n|\Z)", text, re.S | re.M)
    found: dict[str, str] = {}
    for entry in re.split(r"\n(?=\S)", section[1]) if section else []:
        head, _, words = entry.partition("\n")
        for name in head.partition(" : ")[0].split(", "):
            found[name] = _markdown(" ".join(words.split()))
    return found


def _markdown(text: str) -> str:
    return re.sub(r"`+([^`]+)`+", r"`\1`", text).replace("|", r"\|")
