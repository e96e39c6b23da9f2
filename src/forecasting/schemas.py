"""Files of keys and values held against a schema, every fault named by file and key."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import pandas as pd
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StrictFloat,
    StrictInt,
    ValidationError,
)

from forecasting.errors import InputError
from forecasting.periods import parse_month

Number = StrictInt | StrictFloat


def _month(text: object) -> object:
    try:
        return parse_month(text) if isinstance(text, str) else text
    except InputError as problem:
        raise ValueError(str(problem)) from None  # so that pydantic names the key


Month = Annotated[pd.Period, BeforeValidator(_month)]


class Strict(BaseModel):
    """A schema that knows all its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


_Schema = TypeVar("_Schema", bound=BaseModel)


def validate(schema: type[_Schema], content: object, path: Path, *, of: str) -> _Schema:
    """Hold the content of a file against a schema.

    Parameters
    ----------
    schema : type of pydantic.BaseModel
    content : object
        As read from the file.
    path : pathlib.Path
        For the messages.
    of : str
        What the file is, for the messages: ``the catalogue``.

    Raises
    ------
    InputError
        With all that is wrong, each fault named by file and key.
    """
    if not isinstance(content, dict):
        raise InputError("not a mapping", where=str(path), expected=f"the keys of {of}")
    try:
        return schema.model_validate(content)
    except ValidationError as problem:
        raise InputError("\n".join(_faults(problem, content, path, of))) from None


def _faults(problem: ValidationError, content: object, path: Path, of: str) -> list[str]:
    """Write one line per key; a fault inside a value speaks for the value."""
    places: dict[tuple[str | int, ...], list[Any]] = {}
    for error in problem.errors():
        places.setdefault(_place(error, content), []).append(error)
    return [
        f"{path}, key '{_named(place, content)}': {_describe(errors, of)}"
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
    "bool_type": "true or false",
    "finite_number": "a finite number",
}


def _describe(errors: list[Mapping[str, Any]], of: str) -> str:
    """Say in plain words what was found under a key and what is expected there."""
    given = errors[0]["input"]
    kinds = {error["type"]: error.get("ctx", {}) for error in errors}
    if "extra_forbidden" in kinds:
        return f"is not a key of {of}"
    if "missing" in kinds:
        return "is missing"
    if "stated" in kinds:  # by a schema of its own accord
        return "found {found}; expected: {expected}".format(**kinds["stated"])
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
    """Write a place in the file, an entry of a list by its code or label if it has one."""
    words: list[str] = []
    for step in (step for step in steps if step != "[key]"):
        try:
            content = content[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            content = None
        named = content if isinstance(content, dict) else {}
        codes = (named.get(key) for key in ("code", "label"))
        words.append(next((code for code in codes if isinstance(code, str)), str(step)))
    return ".".join(words)
