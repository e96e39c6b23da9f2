"""Parameters a notebook declares, and the check of those a caller hands in.

A notebook declares its parameters in the one code cell tagged ``parameters``, one literal a line::

    language = "en"        # {en, sl} language of every word a reader sees
    paths = 5000           # [100..100000] number of joint sample paths

The name, the default and the type come from the code. ``[a..b]`` at the start of the comment is an
inclusive range, ``{x, y}`` the allowed values; the rest of the comment is the help text.
"""

from __future__ import annotations

import ast
import difflib
import io
import json
import math
import re
import tokenize
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from forecasting.errors import InputError

Value: TypeAlias = bool | int | float | str

_TAG = "parameters"
_KINDS = {bool: "True or False", int: "a whole number", float: "a number", str: "text in quotes"}
_RANGE = re.compile(r"\[\s*(?P<low>[^\s\]]+?)\s*\.\.\s*(?P<high>[^\s\]]+?)\s*\]\s*(?P<help>.*)")
_MOST_NAMES = 20
_CHOICES = re.compile(r"\{(?P<choices>[^{}]*)\}\s*(?P<help>.*)")
_READS_AS = {
    bool: re.compile(r"true|false", re.IGNORECASE),
    int: re.compile(r"[+-]?[0-9]{1,300}"),
    float: re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE),
}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a notebook, as its ``parameters`` cell declares it.

    Attributes
    ----------
    name : str
        Name of the variable in the notebook.
    default : bool, int, float or str
        Value the notebook uses when none is given.
    help : str
        What the parameter means, from the comment beside it; may be empty.
    minimum, maximum : int or float, optional
        Inclusive range of a number.
    choices : tuple, optional
        The only values allowed; empty if any value of the type will do.
    """

    name: str
    default: Value
    help: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Value, ...] = ()

    @property
    def kind(self) -> type[Value]:
        """Type of the default, which a given value must have too."""
        return type(self.default)

    @property
    def expected(self) -> str:
        """What the parameter accepts, in words."""
        if self.choices:
            return "one of " + ", ".join(repr(choice) for choice in self.choices)
        kind = _KINDS[self.kind]
        return kind if self.minimum is None else f"{kind} from {self.minimum} to {self.maximum}"

    def check(self, value: object) -> Value:
        """Return `value` as the notebook will see it.

        Parameters
        ----------
        value : object
            The value given. A whole number is accepted for a number; nothing else is converted.

        Raises
        ------
        InputError
            If the type is wrong, the value is not finite, out of range or not an allowed one.
        """
        if self.kind is float and type(value) is int:
            try:
                value = float(value)
            except OverflowError:
                raise self._refused("a number of more than 300 digits") from None
        if not isinstance(value, self.kind) or type(value) is not self.kind:
            raise self._refused(f"{value!r} is {_describe_type(value)}")
        if isinstance(value, float) and not math.isfinite(value):
            raise self._refused(f"{value!r} is not a finite number")
        if self.choices and value not in self.choices:
            raise self._refused(f"{value!r} is not an allowed value")
        if self.minimum is not None and not self._in_range(value):
            raise self._refused(f"{value!r} is out of range")
        return value

    def parse(self, text: str) -> Value:
        """Return the value that a text on a command line stands for, checked.

        Parameters
        ----------
        text : str
            ``true`` or ``false`` for a truth value, digits for a whole number, ``0.25`` or ``1e-3``
            for a number; text is taken as it is.

        Raises
        ------
        InputError
            If it does not read as the type of the default, or the value is not accepted.
        """
        if self.kind is str:
            return self.check(text)
        pattern = _READS_AS[self.kind]
        if not pattern.fullmatch(text):
            raise InputError(
                f"'{text}'", where=f"parameter {self.name}", expected=self.expected.lower()
            )
        return self.check(text.lower() == "true" if self.kind is bool else self.kind(text))

    def _in_range(self, value: Value) -> bool:
        assert self.minimum is not None  # noqa: S101 - both ends are set together
        assert self.maximum is not None  # noqa: S101
        return not isinstance(value, str) and self.minimum <= value <= self.maximum

    def _refused(self, found: str) -> InputError:
        return InputError(found, where=f"parameter {self.name}", expected=self.expected)


def read_parameters(notebook: Path) -> dict[str, Parameter]:
    """Read the parameters a notebook declares, without running any of it.

    Parameters
    ----------
    notebook : Path
        Notebook file in Jupyter's format 4.

    Returns
    -------
    dict of str to Parameter
        The parameters in the order of the cell.

    Raises
    ------
    InputError
        If the file is no notebook, has no or more than one cell tagged ``parameters``, or that
        cell holds anything but assignments of literals.
    """
    source = _read_parameters_cell(notebook)
    where = f"{notebook}, parameters cell"
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        raise InputError(f"{error.msg}, line {error.lineno}", where=where) from error
    comments = _read_comments(source)
    parameters: dict[str, Parameter] = {}
    for statement in statements:
        line = statement.end_lineno or statement.lineno
        parameter = _read_statement(statement, comments.get(line, ""), f"{where}, line {line}")
        if parameter.name in parameters:
            raise InputError(f"{parameter.name!r} is assigned twice", where=f"{where}, line {line}")
        parameters[parameter.name] = parameter
    return parameters


def check_parameters(
    declared: Mapping[str, Parameter], given: Mapping[str, object]
) -> dict[str, object]:
    """Check given values against the declared parameters and fill in the defaults.

    Parameters
    ----------
    declared : mapping of str to Parameter
        As returned by `read_parameters`.
    given : mapping of str to object
        Values by name; any may be left out.

    Returns
    -------
    dict of str to object
        A value for every declared parameter, in the order of the declaration.

    Raises
    ------
    InputError
        If a name is unknown or a value is not accepted.
    """
    for name in given:
        if name not in declared:
            raise unknown_name(name, declared)
    return {
        name: parameter.check(given[name]) if name in given else parameter.default
        for name, parameter in declared.items()
    }


def parse_parameters(
    declared: Mapping[str, Parameter], given: Sequence[tuple[str, str]]
) -> dict[str, Value]:
    """Read values from a command line by the types of the declared parameters, and check them.

    Parameters
    ----------
    declared : mapping of str to Parameter
        As returned by `read_parameters`.
    given : sequence of (str, str)
        Names and texts.

    Returns
    -------
    dict of str to Value
        Those that were given.

    Raises
    ------
    InputError
        If a name is unknown or there twice, or a text cannot be read as its type.
    """
    values: dict[str, Value] = {}
    for name, text in given:
        if name not in declared:
            raise unknown_name(name, declared)
        if name in values:
            raise InputError(f"parameter {name!r} is given twice", expected="one value each")
        values[name] = declared[name].parse(text)
    return values


def unknown_name(name: str, declared: Collection[str]) -> InputError:
    """Make the error about a name that no parameter has, with the nearest one."""
    nearest = difflib.get_close_matches(name, declared, n=1)
    shown = [*declared][:_MOST_NAMES]
    more = f" and {len(declared) - len(shown)} more" if len(declared) > len(shown) else ""
    return InputError(
        f"unknown parameter {name!r}",
        expected=", ".join(shown) + more or "no parameters at all",
        action=f"did you mean {nearest[0]!r}?" if nearest else None,
    )


def _read_parameters_cell(notebook: Path) -> str:
    cells = [cell for cell in _read_cells(notebook) if _TAG in _read_tags(cell)]
    if len(cells) != 1:
        raise InputError(
            f"{len(cells)} cells tagged 'parameters'",
            where=str(notebook),
            expected="exactly one code cell with that tag",
        )
    source = cells[0].get("source", "")
    return source if isinstance(source, str) else "".join(source)


def _read_cells(notebook: Path) -> list[dict[str, Any]]:
    try:
        content = json.loads(notebook.read_text(encoding="utf-8"))
        return [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    except OSError as error:
        raise InputError(
            f"notebook cannot be read: {error.strerror}", where=str(notebook)
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            "file is not a notebook",
            where=str(notebook),
            expected="a Jupyter notebook (.ipynb) of format 4",
        ) from error


def _read_tags(cell: Mapping[str, Any]) -> list[str]:
    tags = cell.get("metadata", {}).get("tags", [])
    return tags if isinstance(tags, list) else []


def _read_comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        token.start[0]: token.string.lstrip("#").strip()
        for token in tokens
        if token.type == tokenize.COMMENT
    }


def _read_statement(statement: ast.stmt, comment: str, where: str) -> Parameter:
    expected = "name = literal, where the literal is a text, a number, True or False"
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        raise InputError("statement is not a plain assignment", where=where, expected=expected)
    target = statement.targets[0]
    if not isinstance(target, ast.Name):
        raise InputError("assignment to more than a name", where=where, expected=expected)
    try:
        default = ast.literal_eval(statement.value)
    except ValueError as error:
        found = f"value of {target.id!r} is not a literal"
        raise InputError(found, where=where, expected=expected) from error
    if type(default) not in _KINDS:
        found = f"default of {target.id!r} is {_describe_type(default)}"
        raise InputError(found, where=where, expected=expected)
    return _declare(target.id, default, comment, where)


def _declare(name: str, default: Value, comment: str, where: str) -> Parameter:
    """Build the parameter from its default and comment, and check the one against the other."""
    parameter = Parameter(name, default, comment)
    try:
        if comment.startswith("["):
            low, high, text = _parse_range(comment, type(default))
            parameter = Parameter(name, default, text, minimum=low, maximum=high)
        elif comment.startswith("{"):
            choices, text = _parse_choices(comment, type(default))
            parameter = Parameter(name, default, text, choices=choices)
        parameter.check(default)
    except ValueError as error:
        raise InputError(
            f"comment of {name!r} begins with {comment.split(maxsplit=1)[0]!r}",
            where=where,
            expected="[low..high] beside a number, or {value, value}",
        ) from error
    except InputError as error:
        found = f"default of {name!r} is refused: {error.found}"
        raise InputError(found, where=where, expected=error.expected) from error
    return parameter


def _parse_range(comment: str, kind: type[Value]) -> tuple[float, float, str]:
    match = _RANGE.fullmatch(comment)
    if match is None or kind not in (int, float):
        raise ValueError(comment)
    low, high = (_parse_number(match[end], kind) for end in ("low", "high"))
    if low > high:
        raise ValueError(comment)
    return low, high, match["help"]


def _parse_choices(comment: str, kind: type[Value]) -> tuple[tuple[Value, ...], str]:
    match = _CHOICES.fullmatch(comment)
    if match is None or kind is bool:
        raise ValueError(comment)
    texts = [text.strip() for text in match["choices"].split(",")]
    if kind is str:
        return tuple(text.strip("\"'") for text in texts), match["help"]
    return tuple(_parse_number(text, kind) for text in texts), match["help"]


def _parse_number(text: str, kind: type[Value]) -> float:
    return int(text) if kind is int else float(text)


def _describe_type(value: object) -> str:
    words = {bool: "a truth value", int: "a whole number", float: "a number", str: "text"}
    return words.get(type(value), f"of type {type(value).__name__}")
