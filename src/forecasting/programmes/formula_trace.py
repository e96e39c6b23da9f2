"""A formula with its numbers put in: "3 years × 3,548 applications per year"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecasting.programmes.formula_syntax import Call, Name, Negation, Node, Number, Operation
from forecasting.programmes.quantity_text import format_exact, format_quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecasting.languages import Language
    from forecasting.programmes.quantities import Quantity

__all__ = ["write_substituted"]

_MINUS = "\N{MINUS SIGN}"
_SIGNS = {"+": "+", "-": _MINUS, "*": "\N{MULTIPLICATION SIGN}", "/": "/"}
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2}
_ATOM = 3


def write_substituted(node: Node, inputs: Mapping[str, Quantity], language: Language) -> str:
    """Write a formula with every name replaced by its value and unit.

    Parameters
    ----------
    node : Node
        Root of the formula's tree.
    inputs : mapping of str to Quantity
        A value for every name.
    language : Language
        The reader's language.

    Returns
    -------
    str
        With parentheses only where the order of operations needs them.
    """

    def write(part: Node) -> str:
        return write_substituted(part, inputs, language)

    match node:
        case Number():
            return format_exact(node.value, language)
        case Name():
            return format_quantity(inputs[node.name], language)
        case Negation():
            operand = write(node.operand)
            needed = _precedence(node.operand) < _ATOM or operand.startswith(_MINUS)
            return _MINUS + (f"({operand})" if needed else operand)
        case Operation():
            left, right = write(node.left), write(node.right)
            if _precedence(node.left) < _PRECEDENCE[node.symbol]:
                left = f"({left})"
            if _needs_parentheses(node, right):
                right = f"({right})"
            return f"{left} {_SIGNS[node.symbol]} {right}"
        case Call():
            return _write_call(node.function, [write(part) for part in node.arguments], language)


def _precedence(node: Node) -> int:
    return _PRECEDENCE[node.symbol] if isinstance(node, Operation) else _ATOM


def _needs_parentheses(node: Operation, right: str) -> bool:
    """Say whether the right side of an operation must be held together."""
    if right.startswith(_MINUS):
        return True
    if not isinstance(node.right, Operation):
        return node.symbol == "/" and "/" in right  # 4 / (2/3)
    if node.right.symbol == node.symbol and node.symbol in "+*":
        return False
    return _PRECEDENCE[node.right.symbol] <= _PRECEDENCE[node.symbol]


def _write_call(function: str, arguments: list[str], language: Language) -> str:
    templates = {
        "min": language.gettext("min({values})"),
        "max": language.gettext("max({values})"),
        "round_up": language.gettext("round up({values})"),
        "round_down": language.gettext("round down({values})"),
        "round_to": language.gettext("round to a multiple({values})"),
    }
    return templates[function].format(values="; ".join(arguments))
