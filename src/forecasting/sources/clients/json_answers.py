"""Answers in JSON: read whole, or refused with what came instead."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any, cast

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.sources.definitions import Limits
from forecasting.sources.http import Answer, Query, Transport, place

_PERIODS = {
    "M": (re.compile(r"([0-9]{4})-?M?(0[1-9]|1[0-2])"), "{}-{}"),
    "Q": (re.compile(r"([0-9]{4})-?Q([1-4])"), "{}-Q{}"),
    "Y": (re.compile(r"([0-9]{4})"), "{}"),
}


def ask_json(
    transport: Transport, query: Query, target: Path, limits: Limits
) -> tuple[Answer, dict[str, Any]]:
    """Ask unconditionally for an answer that is one JSON object, and read it.

    Raises
    ------
    InputError
        If there is none, or it is empty, cut off, a page for a browser, or another thing.
    """
    answer = cast(Answer, transport.fetch(query, target, limits=limits))
    return answer, _read(answer)


def _read(answer: Answer) -> dict[str, Any]:
    content = answer.path.read_bytes().decode("utf-8-sig", errors="replace").strip()
    if not content:
        raise unexpected(answer, say("an empty answer"))
    if content.startswith("<"):
        is_page = re.match(r"<(!doctype\s+html|html)\b", content, re.IGNORECASE)
        raise unexpected(answer, say("a page for a browser (HTML)") if is_page else "XML")
    try:
        found = json.loads(content)
    except ValueError:
        raise unexpected(answer, say("broken off, or not JSON")) from None
    if not isinstance(found, dict):
        raise unexpected(answer, say("JSON of another form"))
    return found


def unexpected(answer: Answer, found: str) -> InputError:
    """Make the error of an answer that is none."""
    return InputError(
        found,
        where=place(answer.address),
        expected=say("figures as JSON"),
        action=say("try again later; until then the newest vintage held is used"),
    )


def changed(answer: Answer, found: str, expected: str) -> InputError:
    """Make the error of an answer whose columns, variables or codes are not those expected."""
    return InputError(
        found,
        where=place(answer.address),
        expected=expected,
        action=say("the publisher has changed the table; adapt the definition of the source"),
    )


def period_text(code: str, frequency: str) -> str | None:
    """Write a publisher's code of a period, such as ``2024M07``, as the store does; None if none.

    Parameters
    ----------
    code : str
    frequency : {"M", "Q", "Y"}
    """
    pattern, form = _PERIODS[frequency]
    found = pattern.fullmatch(code)
    return form.format(*found.groups()) if found else None


def number(value: object, *, missing: frozenset[str] = frozenset()) -> float | None:
    """Read a number, or a number as text; NaN for what stands for none; None for anything else.

    Parameters
    ----------
    value : object
    missing : frozenset of str
        Texts that stand for none, as ``null`` does.
    """
    if value is None or (isinstance(value, str) and value in missing):
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None
