"""Configurations of stocks: found by name or path, and changed for one run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, StrictInt, StrictStr

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.locations import data_dir
from forecasting.names import is_plain_name
from forecasting.schemas import Number, Strict, validate
from forecasting.sources.yaml_files import read_yaml

Localised = dict[StrictStr, StrictStr]
"""A text by language code."""

_Schema = TypeVar("_Schema", bound=Strict)


class Indicator(Strict):
    """An indicator of a programme that promises places.

    Attributes
    ----------
    code : str
    milestone, target : int or float
        Places promised.
    milestone_year, target_year : int
        By the end of which year.
    source : dict of str to str
        Document and its version, by language.
    not_stated : dict of str to str
        What the document leaves open, by language.
    """

    code: StrictStr
    milestone: Number = Field(gt=0)
    milestone_year: StrictInt
    target: Number = Field(gt=0)
    target_year: StrictInt
    source: Localised
    not_stated: Localised


def find_config(name: str | Path, *, folder: str = "stocks") -> Path:
    """Return a file by its name in a folder of ``data``, or by the path of a YAML file.

    Raises
    ------
    InputError
        If it is neither.
    """
    if str(name).endswith((".yaml", ".yml")):
        return Path(name)
    path = data_dir() / folder / f"{name}.yaml"
    if not (is_plain_name(str(name)) and path.is_file()):
        known = ", ".join(sorted(file.stem for file in (data_dir() / folder).glob("*.yaml")))
        raise InputError(
            say("project '{name}'", name=name)
            if folder == "projects"
            else say("configuration '{name}'", name=name),
            expected=say("{names}, or a file that ends in .yaml", names=known),
        )
    return path


def read_config(
    schema: type[_Schema], path: Path, changes: Mapping[str, Any], *, of: str
) -> _Schema:
    """Read a configuration with some of its values replaced.

    Parameters
    ----------
    schema : type of Strict
    path : pathlib.Path
    changes : mapping
        Keys and their other values; of keys that hold keys only those given are replaced.
    of : str
        What the file is, for messages.

    Raises
    ------
    InputError
        With all that is wrong, each fault named by file and key.
    """
    content = read_yaml(path)
    if isinstance(content, dict):
        content = _merged(content, changes)
    return validate(schema, content, path, of=of)


def _merged(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(content)
    for key, value in changes.items():
        before = both.get(key)
        nested = isinstance(before, Mapping) and isinstance(value, Mapping)
        both[key] = _merged(before, value) if nested else value  # type: ignore[arg-type]
    return both
