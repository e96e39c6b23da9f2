"""Files of keys and values held against a schema, every fault named by file and key."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from functools import reduce
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
from forecasting.languages.messages import one_of, say
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
        What the file is, in the language of messages: ``the catalogue``.

    Raises
    ------
    InputError
        With all that is wrong, each fault named by file and key.
    """
    if not isinstance(content, dict):
        raise InputError(
            say("not a mapping"), where=str(path), expected=say("the keys of {file}", file=of)
        )
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
        str(InputError(_describe(errors, of), where=key_place(path, _named(place, content))))
        for place, errors in places.items()
        if not any(len(p) > len(place) and p[: len(place)] == place for p in places)
    ]


def key_place(path: Path | str, key: str) -> str:
    """Name a key of a file in a message."""
    return say("{path}, key '{key}'", path=path, key=key)


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


def stated(given: Mapping[str, Any]) -> str:
    """Word an error that a schema makes of its own accord, with ``found`` and ``expected``."""
    return str(InputError(say("found {value}", value=given["found"]), expected=given["expected"]))


def _expected(kind: str, given: Mapping[str, Any]) -> str:
    """Say what a key takes, by pydantic's kind of error and what it says of it."""
    if kind == "literal_error":  # 'a', 'b' or 'c'
        return one_of(str(given["expected"]).rsplit(" or ", 1))
    if kind == "greater_than_equal":
        return say("{low} or more", low=given["ge"])
    if kind == "less_than_equal":
        return say("at most {number}", number=given["le"])
    if kind.startswith("date_"):
        return say("a date such as 2024-02-09")
    return {
        "string_type": say("text"),
        "dict_type": say("keys with values"),
        "model_type": say("keys with values"),
        "tuple_type": say("a list"),
        "too_short": say("at least one entry"),
        "is_instance_of": say("a month written YYYY-MM"),
        "value_error": say("a month written YYYY-MM"),
        "float_type": say("a number such as {examples}", examples=one_of(["1234", "3.5"])),
        "int_type": say("a whole number"),
        "bool_type": say("true or false"),
        "finite_number": say("a finite number"),
    }.get(kind) or say("another value")


def _describe(errors: list[Mapping[str, Any]], of: str) -> str:
    """Say in plain words what was found under a key and what is expected there."""
    given = errors[0]["input"]
    kinds = {error["type"]: error.get("ctx", {}) for error in errors}
    if "extra_forbidden" in kinds:
        return say("is not a key of {file}", file=of)
    if "missing" in kinds:
        return say("is missing")
    if "stated" in kinds:
        return stated(kinds["stated"])
    if errors[0]["loc"][-1] == "[key]":
        return str(
            InputError(say("found {value}", value=repr(given)), expected=say("a key in quotes"))
        )
    whole = "float_type" not in kinds
    wanted = {kind: ctx for kind, ctx in kinds.items() if whole or kind != "int_type"}
    if len(wanted) > 1 and "literal_error" in wanted:  # 'a', 'b', or something else
        listed = str(wanted["literal_error"]["expected"]).replace("' or '", "', '")
        wanted["literal_error"] = {"expected": listed}
    words = [_expected(kind, ctx) for kind, ctx in wanted.items()]
    found = say("found {value}", value=_shown(given))
    expected = reduce(lambda one, other: say("{one}, or {other}", one=one, other=other), words)
    hint = _hint(given, whole=whole) if "int_type" in kinds else None
    return str(InputError(found, expected=expected, action=hint))


def _shown(value: object) -> str:
    names = {dict: say("keys with values"), list: say("a list"), type(None): say("nothing")}
    if isinstance(value, dt.date):
        return value.isoformat()
    return names.get(type(value)) or repr(value)


def _hint(value: object, *, whole: bool) -> str | None:
    """Say how to write a number that was written as text, or with a thousands point."""
    if isinstance(value, float) and whole:
        return say("write {number}, not {value}", number="1000", value="1.000")
    text = "".join(value.split()) if isinstance(value, str) else ""
    grouped = re.fullmatch(r"[1-9]\d{0,2}([.,])\d{3}(\1\d{3})*", text)
    plain = re.sub("[.,]", "", text)
    if grouped and not whole and text.count(",") == 1:  # Slovenian 3.548, or English 3548
        choice = one_of([plain, f"{text.replace(',', '.')}0"])
        return say("write {number}, not {value}", number=choice, value=value)
    if grouped:
        return say("write {number}, not {value}", number=plain, value=value)
    if text.isdecimal() or (not whole and re.fullmatch(r"\d+\.\d+", text)):
        return say("write {number} without quotes", number=text)
    if not whole and re.fullmatch(r"(\d+|[1-9]\d{0,2}(\.\d{3})+),\d+", text):
        number = text.replace(".", "").replace(",", ".")
        return say("write {number}, not {value}", number=number, value=value)
    return None


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
