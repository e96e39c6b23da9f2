"""Names that become names of files: letters, digits and a few signs, so that none leads out."""

from __future__ import annotations

import re

from forecasting.errors import InputError
from forecasting.languages.messages import say

LONGEST_NAME = 100
"""Bytes in UTF-8; with an ending it stays below what file systems hold (255)."""

_NAME = re.compile(r"[^\W_](?:[\w. -]*[\w-])?")
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices, whatever their ending."""


def is_plain_name(name: str) -> bool:
    """Whether a text can be the name of a file in any folder, on any system.

    Letters, digits, ``.``, ``_``, ``-`` and blanks; begins with a letter or digit, ends with no dot
    or blank, at most 100 bytes; none of the names that Windows keeps for devices. So it leads to no
    folder, no drive and not upwards, and holds no control character.
    """
    return (
        _NAME.fullmatch(name) is not None
        and len(name.encode()) <= LONGEST_NAME
        and _DEVICES.fullmatch(name) is None
    )


def plain_name(name: str, *, where: str | None = None) -> str:
    """Return a name that may become part of a path, unchanged.

    Parameters
    ----------
    name : str
        An id or a title that somebody wrote.
    where : str, optional
        File and key, or option, in which it was found.

    Raises
    ------
    InputError
        If it is no plain name; see `is_plain_name`.
    """
    if is_plain_name(name):
        return name
    shown = name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}..."
    raise InputError(
        say("{name} cannot be the name of a file", name=ascii(shown)),
        where=where,
        expected=say(
            "letters, digits, '.', '_' and '-', at most {n} bytes, and no name of a device",
            n=LONGEST_NAME,
        ),
    )
