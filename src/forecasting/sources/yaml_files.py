"""YAML files read without building objects from their tags, each key once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from forecasting.errors import InputError
from forecasting.languages.messages import library_words, say

MOST_NESTING = 100
"""Lists and mappings in each other, above which Python's slower reader is asked."""


class _RepeatedKeyError(yaml.constructor.ConstructorError):
    """A key stands twice."""


class _UniqueKeys(yaml.constructor.SafeConstructor):
    """Refuses a key that stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise _RepeatedKeyError(
                    None, None, say("key '{key}' stands twice", key=key), key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


class _StrictLoader(_UniqueKeys, yaml.SafeLoader):
    """The safe loader with unique keys."""


class _QuickLoader(_UniqueKeys, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The same on libyaml, where PyYAML has it."""


def _load_yaml(text: str) -> Any:
    """Read with libyaml, and what it cannot read once more, for the better message.

    Its composer is recursive in C and has no limit of its own: deep nesting is left to Python's.
    """
    try:
        if not _is_deep(text):
            return yaml.load(text, Loader=_QuickLoader)  # noqa: S506
    except yaml.YAMLError:
        pass
    return yaml.load(text, Loader=_StrictLoader)  # noqa: S506


def _is_deep(text: str) -> bool:
    """Whether more than `MOST_NESTING` lists and mappings stand in each other."""
    depth = 0
    for event in yaml.parse(text, Loader=_QuickLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_NESTING:
            return True
    return False


def read_yaml(path: Path) -> Any:
    """Read a YAML file without building objects from its tags.

    Raises
    ------
    InputError
        If the file is missing, not UTF-8 or not plain YAML; names line and column.
    """
    try:
        return _load_yaml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(say("no such file"), where=str(path)) from None
    except OSError as problem:
        words = library_words(str(problem.strerror), otherwise=say("cannot be read"))
        raise InputError(words, where=str(path), expected=say("plain YAML")) from None
    except UnicodeDecodeError as problem:
        raise InputError(
            say("byte {byte} is not UTF-8", byte=f"0x{problem.object[problem.start]:02x}"),
            where=str(path),
            expected=say("text in UTF-8"),
        ) from None
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = str(path)
        if mark:
            numbers = {"row": mark.line + 1, "column": mark.column + 1}
            where = say("{path}, row {row}, column {column}", path=path, **numbers)
        words = str(getattr(problem, "problem", None) or problem).split("\n")[0]
        if not isinstance(problem, _RepeatedKeyError):
            words = library_words(words, otherwise=say("cannot be read as YAML"))
        raise InputError(words, where=where, expected=say("plain YAML without tags")) from None
    except (RecursionError, TypeError, ValueError) as problem:  # 2024-02-30, or a list as a key
        words = library_words(str(problem), otherwise=say("cannot be read as YAML"))
        raise InputError(words, where=str(path), expected=say("plain YAML")) from None
