"""The grammar of indicator formulas: text to a small tree, or an error with its position.

Python's own parser reads the text, then only the nodes named here are let through; nothing is
ever executed. The tree keeps the column of every operator, name and function for later errors.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import TypeAlias

from forecasting.errors import InputError

__all__ = [
    "FUNCTIONS",
    "Call",
    "Name",
    "Negation",
    "Node",
    "Number",
    "Operation",
    "children",
    "formula_error",
    "read_formula",
]

FUNCTIONS = {  # name: least and greatest number of arguments, None for any
    "min": (2, None),
    "max": (2, None),
    "round_up": (1, 1),
    "round_down": (1, 1),
    "round_to": (2, 2),
}
MAX_LENGTH = 500
MAX_DEPTH = 100

_SYMBOLS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_DECIMAL = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")
_REFUSED = {
    ast.Subscript: "an index",
    ast.Compare: "a comparison",
    ast.BoolOp: "a logical operator",
    ast.IfExp: "a condition",
    ast.Lambda: "a function definition",
    ast.JoinedStr: "a text",
    ast.Tuple: "parentheses around nothing",
    ast.Starred: "a starred argument",
    ast.NamedExpr: "an assignment",
}
_ALLOWED = f"names, numbers with a decimal point, + - * /, parentheses, and {', '.join(FUNCTIONS)}"


@dataclass(frozen=True)
class Number:
    """A number written in the formula; it has no dimension."""

    value: Fraction
    column: int


@dataclass(frozen=True)
class Name:
    """A named input."""

    name: str
    column: int


@dataclass(frozen=True)
class Negation:
    """A minus sign before a term."""

    operand: Node
    column: int


@dataclass(frozen=True)
class Operation:
    """Two terms joined by ``+``, ``-``, ``*`` or ``/``."""

    symbol: str
    left: Node
    right: Node
    column: int


@dataclass(frozen=True)
class Call:
    """A call of one of `FUNCTIONS`."""

    function: str
    arguments: tuple[Node, ...]
    column: int


Node: TypeAlias = Number | Name | Negation | Operation | Call


def read_formula(text: str, *, indicator: str) -> Node:
    """Read a formula into its tree.

    Parameters
    ----------
    text : str
        The formula, at most 500 characters.
    indicator : str
        Code of the indicator, for error messages.

    Returns
    -------
    Node
        The root of the tree.

    Raises
    ------
    InputError
        If the text is anything else than a formula; names indicator and column.
    """
    if not isinstance(text, str):
        raise formula_error(indicator, 1, f"formula {text!r} is not a text")
    if not text.strip():
        raise formula_error(indicator, 1, "the formula is empty", expected=_ALLOWED)
    if len(text) > MAX_LENGTH:
        raise formula_error(
            indicator,
            MAX_LENGTH + 1,
            f"the formula has {len(text)} characters",
            expected=f"at most {MAX_LENGTH}",
        )
    return _Reader(re.sub(r"\s", " ", text), indicator).read()


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below a node, left to right.

    Parameters
    ----------
    node : Node
        Any node.

    Returns
    -------
    tuple of Node
        Empty for a number or a name.
    """
    match node:
        case Negation():
            return (node.operand,)
        case Operation():
            return (node.left, node.right)
        case Call():
            return node.arguments
        case _:
            return ()


def formula_error(
    indicator: str,
    column: int,
    found: str,
    *,
    expected: str | None = None,
    action: str | None = None,
) -> InputError:
    """Return the error for one place in a formula.

    Parameters
    ----------
    indicator : str
        Code of the indicator.
    column : int
        Position in the formula, from 1.
    found, expected, action : str, optional
        As in `InputError`.

    Returns
    -------
    InputError
        To be raised by the caller.
    """
    where = f"indicator {indicator}, formula column {column}"
    return InputError(found, where=where, expected=expected, action=action)


class _Reader:
    """Lets the permitted nodes of Python's syntax tree through."""

    def __init__(self, text: str, indicator: str) -> None:
        self._indicator = indicator
        self._line = text.strip(" ")
        self._offset = len(text) - len(text.lstrip(" "))

    def read(self) -> Node:
        for place, character in enumerate(self._line):
            if character in "#\\" or not character.isprintable():
                found = f"{character!r} is not part of the formula language"
                raise self._error(place, found, expected=_ALLOWED)
        return self._node(self._parse(), 0)

    def _parse(self) -> ast.expr:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(self._line, mode="eval").body
        except SyntaxError as error:
            end = len(self._line)
            place = min(error.offset - 1, end) if error.offset else end  # 0 stands for the end
        except (ValueError, RecursionError, MemoryError):  # numbers too long, nested too deep
            place = 0
        rest = self._line[place : place + 20].strip()
        found = f"{rest!r} cannot be read" if rest else "the formula is not finished"
        raise self._error(place, found, expected=_ALLOWED)

    def _node(self, node: ast.expr, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self._error(
                self._start(node), "nested too deep", expected=f"at most {MAX_DEPTH} levels"
            )
        column = self._start(node) + self._offset + 1
        match node:
            case ast.Constant():
                return Number(self._number(node), column)
            case ast.Name():
                if node.id in FUNCTIONS:
                    raise self._error(self._start(node), f"{node.id} without its arguments")
                return Name(node.id, column)
            case ast.UnaryOp(op=ast.USub()):
                return Negation(self._node(node.operand, depth + 1), column)
            case ast.BinOp():
                return self._operation(node, depth)
            case ast.Call():
                return self._call(node, depth)
        raise self._refuse(node)

    def _number(self, node: ast.Constant) -> Fraction:
        written = self._line[self._start(node) : self._end(node)]
        if not _DECIMAL.fullmatch(written):
            raise self._error(
                self._start(node), f"{written!r} is not a number", expected="digits such as 12.5"
            )
        return Fraction(written.removesuffix("."))

    def _operation(self, node: ast.BinOp, depth: int) -> Operation:
        between = self._line[self._end(node.left) : self._start(node.right)]
        place = self._end(node.left) + len(between) - len(between.lstrip(") "))
        symbol = _SYMBOLS.get(type(node.op))
        if symbol is None:
            raise self._refuse_operator(between.strip("() "), place)
        left, right = self._node(node.left, depth + 1), self._node(node.right, depth + 1)
        return Operation(symbol, left, right, place + self._offset + 1)

    def _call(self, node: ast.Call, depth: int) -> Call:
        place = self._start(node)
        if not isinstance(node.func, ast.Name):
            self._node(node.func, depth + 1)
            raise self._error(place, "a call of something that is not a function")
        function = node.func.id
        if function not in FUNCTIONS:
            raise self._error(
                place,
                f"function {function!r} is not known",
                expected=f"one of {', '.join(FUNCTIONS)}",
                action=_did_you_mean(function),
            )
        if node.keywords:
            raise self._error(self._end(node.func), f"a named argument of {function}")
        least, greatest = FUNCTIONS[function]
        if not least <= len(node.args) <= (greatest or len(node.args)):
            expected = f"{least}" if greatest else f"at least {least}"
            found = f"number of arguments of {function}: {len(node.args)}"
            raise self._error(place, found, expected=expected)
        arguments = tuple(self._node(argument, depth + 1) for argument in node.args)
        return Call(function, arguments, place + self._offset + 1)

    def _refuse_operator(self, symbol: str, place: int) -> InputError:
        actions = {
            "**": "write a product instead of a power",
            "%": "give the percentage as an input with the unit %",
        }
        found = "a power" if symbol == "**" else f"{symbol!r} is not an operator"
        return self._error(place, found, expected="+ - * /", action=actions.get(symbol))

    def _refuse(self, node: ast.expr) -> InputError:
        place, action = self._start(node), None
        found = _REFUSED.get(type(node), "something that is not part of the formula language")
        match node:
            case ast.Attribute():
                place, found = self._end(node.value), f"attribute access '.{node.attr}'"
            case ast.Tuple(elts=[first, *_]):
                place, found = self._line.index(",", self._end(first)), "a comma outside a call"
                action = "write decimals with a point, as in 0.75"
            case ast.UnaryOp():
                found = "a sign or 'not' that is no minus"
        return self._error(place, found, expected=_ALLOWED, action=action)

    def _start(self, node: ast.expr) -> int:
        return self._place(node.col_offset)

    def _end(self, node: ast.expr) -> int:
        return self._place(node.end_col_offset or node.col_offset)

    def _place(self, byte: int) -> int:
        """Turn the parser's count of UTF-8 bytes into characters."""
        return len(self._line.encode()[:byte].decode(errors="ignore"))

    def _error(
        self, place: int, found: str, *, expected: str | None = None, action: str | None = None
    ) -> InputError:
        column = place + self._offset + 1
        return formula_error(self._indicator, column, found, expected=expected, action=action)


def _did_you_mean(function: str) -> str | None:
    near = get_close_matches(function, FUNCTIONS, n=1)
    return f"did you mean {near[0]}?" if near else None
