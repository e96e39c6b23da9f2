"""Save a scenario: held against the rules first, never over a file without being asked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from forecasting.errors import InputError, describe_os_error
from forecasting.languages.messages import say
from forecasting.periods import format_period
from forecasting.scenarios.load import build_scenario
from forecasting.schemas import Strict
from forecasting.tables import write_bytes


def write_scenario(content: Mapping[str, Any], path: Path, *, overwrite: bool = False) -> Path:
    """Write a scenario file, whole or not at all.

    Parameters
    ----------
    content : mapping
        The keys of a scenario file; months as text or `pandas.Period`, a lever as keys or a
        `Lever`.
    path : pathlib.Path
        Ends in ``.yaml``; its folder exists.
    overwrite : bool
        Whether a file that exists may be replaced.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    InputError
        If the scenario cannot be used, or the file exists and is not to be replaced.
    OutputError
        If the file cannot be written.
    """
    path = Path(path)
    if path.suffix != ".yaml" or not path.parent.is_dir():
        expected = say("a name that ends in .yaml, in a folder that exists")
        raise InputError(f"'{path}'", expected=expected)
    text = yaml.safe_dump(_plain(content), sort_keys=False, allow_unicode=True, width=100)
    build_scenario(yaml.safe_load(text), path)
    if overwrite:
        write_bytes(text.encode(), path)
        return path
    try:
        path.open("x").close()  # taken at once, so that of two who save at a time one is refused
    except FileExistsError:
        raise InputError(
            say("the file exists"),
            where=str(path),
            expected=say("a name that is free"),
            action=say("choose another name, or say that it is to be replaced"),
        ) from None
    except OSError as problem:
        raise describe_os_error(problem, path) from problem
    try:
        write_bytes(text.encode(), path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _plain(content: Any) -> Any:
    """Write months as text and tuples as lists, which YAML knows."""
    if isinstance(content, pd.Period):
        return format_period(content)
    if isinstance(content, Strict):
        given = content.model_dump(by_alias=True, exclude_unset=True, exclude={"scenario"})
        return _plain(given)
    if isinstance(content, Mapping):
        return {str(key): _plain(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_plain(value) for value in content]
    return content
