"""Indicator formulas: parsed once, evaluated on exact numbers or sample paths, and explained.

A formula such as ``years * applications_per_year`` names its inputs. Arithmetic is exact as long
as every input is; with sample paths it runs path by path. Units are checked at every step.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, reduce
from typing import TYPE_CHECKING

from forecasting.errors import InputError
from forecasting.programmes import quantities
from forecasting.programmes.formula_syntax import (
    Call,
    Name,
    Negation,
    Node,
    Number,
    Operation,
    children,
    formula_error,
    read_formula,
)
from forecasting.programmes.formula_trace import write_substituted
from forecasting.programmes.quantities import Quantity
from forecasting.programmes.quantity_text import format_quantity
from forecasting.programmes.units import Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from forecasting.languages import Language

__all__ = ["Formula", "parse_formula"]

_MOST_NAMED = 20

_OPERATIONS: dict[str, Callable[[Quantity, Quantity], Quantity]] = {
    "+": quantities.add,
    "-": quantities.subtract,
    "*": quantities.multiply,
    "/": quantities.divide,
}
_FUNCTIONS: dict[str, Callable[..., Quantity]] = {
    "min": lambda *arguments: reduce(quantities.smallest, arguments),
    "max": lambda *arguments: reduce(quantities.largest, arguments),
    "round_up": quantities.round_up,
    "round_down": quantities.round_down,
    "round_to": quantities.round_to,
}


@dataclass(frozen=True)
class Formula:
    """A parsed formula; made by `parse_formula`.

    Parameters
    ----------
    text : str
        The formula as written.
    indicator : str
        Code of the indicator it belongs to.
    root : Node
        Its tree.
    """

    text: str
    indicator: str
    root: Node

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of the inputs the formula uses."""
        return frozenset(_names(self.root))

    def evaluate(self, inputs: Mapping[str, Quantity]) -> Quantity:
        """Compute the formula.

        Parameters
        ----------
        inputs : mapping of str to Quantity
            At least the inputs in `names`. Sample paths must all have the same number of paths,
            and path *i* of one belongs to path *i* of the others.

        Returns
        -------
        Quantity
            An exact value, or sample paths where any input used is one.

        Raises
        ------
        InputError
            For an unknown name, units that do not fit, a division by zero or a number that is
            too large; names the indicator and the column.
        """
        return self._value(self.root, inputs)

    def trace(self, inputs: Mapping[str, Quantity], language: Language) -> str:
        """Write the formula with its numbers and its result.

        Parameters
        ----------
        inputs : mapping of str to Quantity
            As for `evaluate`.
        language : Language
            The reader's language.

        Returns
        -------
        str
            "3 years × 3,548 applications per year = 10,644 applications".

        Raises
        ------
        InputError
            As `evaluate`.
        """
        result = format_quantity(self.evaluate(inputs), language)
        substituted = write_substituted(self.root, inputs, language)
        return result if isinstance(self.root, Name | Number) else f"{substituted} = {result}"

    def _value(self, node: Node, inputs: Mapping[str, Quantity]) -> Quantity:
        if isinstance(node, Number):
            return Quantity(node.value, Unit())
        if isinstance(node, Name):
            return self._input(node, inputs)
        operands = [self._value(operand, inputs) for operand in children(node)]
        try:
            return _operation(node)(*operands)
        except InputError as error:
            raise formula_error(
                self.indicator, node.column, error.found, expected=error.expected
            ) from error

    def _input(self, node: Name, inputs: Mapping[str, Quantity]) -> Quantity:
        if node.name in inputs:
            return inputs[node.name]
        near = get_close_matches(node.name, inputs, n=1)
        named, more = sorted(inputs)[:_MOST_NAMED], max(0, len(inputs) - _MOST_NAMED)
        rest = f" and {more} more" if more else ""
        raise formula_error(
            self.indicator,
            node.column,
            f"input {node.name!r} is not known",
            expected=f"one of {', '.join(named)}{rest}" if inputs else None,
            action=f"did you mean {near[0]}?" if near else None,
        )


def parse_formula(text: str, *, indicator: str) -> Formula:
    """Read a formula.

    Parameters
    ----------
    text : str
        Names, decimal numbers, ``+ - * /``, parentheses, ``min``, ``max``, ``round_up(x)``,
        ``round_down(x)`` and ``round_to(x, step)``; at most 500 characters.
    indicator : str
        Code of the indicator, for error messages.

    Returns
    -------
    Formula
        Ready to be evaluated.

    Raises
    ------
    InputError
        If the text is anything else than a formula; names the indicator and the column.

    Examples
    --------
    >>> sorted(parse_formula("years * applications_per_year", indicator="O.1.1").names)
    ['applications_per_year', 'years']
    """
    return Formula(text, indicator, read_formula(text, indicator=indicator))


def _names(node: Node) -> Iterator[str]:
    if isinstance(node, Name):
        yield node.name
    for child in children(node):
        yield from _names(child)


def _operation(node: Negation | Operation | Call) -> Callable[..., Quantity]:
    if isinstance(node, Operation):
        return _OPERATIONS[node.symbol]
    return _FUNCTIONS[node.function] if isinstance(node, Call) else quantities.negate
