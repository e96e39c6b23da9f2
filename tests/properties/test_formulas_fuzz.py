"""Identities of the formula language and the target rule; hostile text gives only one error."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.errors import InputError
from forecasting.languages import Language
from forecasting.programmes.formulas import Formula, parse_formula
from forecasting.programmes.quantities import quantity
from forecasting.programmes.targets import (
    allocate,
    probability_met,
    target_at,
    unique_bounds,
    unique_persons,
)
from forecasting.programmes.units import Unit, parse_unit

NAMES = ("a", "b", "c_1")
TOKENS = [
    *NAMES,
    *["min", "max", "round_up", "round_down", "round_to", "__import__", "eval", "lambda", "if"],
    *["0", "1", "2.5", ".5", "1e9", "9" * 60, "0x1", "1_0", "'os'", "f'{a}'", "True", "None"],
    *["+", "-", "*", "/", "**", "//", "%", "@", "<", ":=", "~", "not", "and", "=", ":", ";"],
    *["(", ")", "[", "]", "{", "}", ",", ".", "#", "\\", "\n", "\0", " ", "š", "\u0301", "\ud800"],
]
NUMBERS = {
    "a": quantity(Fraction(7, 3), "1"),
    "b": quantity(-2, "1"),
    "c_1": quantity(np.array([0.5, -3.0, 4.0]), "1"),
}
hostile_texts = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(TOKENS), max_size=40).map("".join),
    st.lists(st.sampled_from(TOKENS), max_size=40).map(" ".join),
    st.tuples(st.sampled_from(TOKENS), st.integers(1, 600)).map(lambda pair: pair[0] * pair[1]),
)


def refusal(text):
    """Return the error a text is refused with, or None if it is a formula."""
    try:
        assert isinstance(parse_formula(text, indicator="X.1"), Formula)
    except InputError as error:
        return error
    return None


@given(hostile_texts)
def test_any_text_gives_a_formula_or_the_documented_error(text):
    error = refusal(text)
    if error is not None:
        found = re.fullmatch(r"indicator X\.1, formula column (\d+)", error.where)
        assert 1 <= int(found[1]) <= len(text) + 1
        return
    formula = parse_formula(text, indicator="X.1")
    try:
        trace = formula.trace(NUMBERS, Language("sl"))
    except InputError:
        return
    assert trace


@given(hostile_texts)
def test_any_text_gives_a_unit_or_the_documented_error(text):
    try:
        unit = parse_unit(text)
    except InputError:
        return
    assert isinstance(unit, Unit)
    assert parse_unit(str(unit)) == unit


decimals = st.decimals(0, 1000, places=2).map(str)


def _grow(inner):
    return st.one_of(
        st.tuples(st.sampled_from("+-*/"), inner, inner),
        st.tuples(st.sampled_from(["min", "max"]), inner, inner),
        st.tuples(st.sampled_from(["-", "round_up", "round_down"]), inner),
    )


trees = st.recursive(st.one_of(decimals, st.sampled_from(NAMES)), _grow, max_leaves=12)


def _write(tree):
    match tree:
        case str():
            return tree
        case (("min" | "max") as function, left, right):
            return f"{function}({_write(left)}, {_write(right)})"
        case (symbol, left, right):
            return f"({_write(left)} {symbol} {_write(right)})"
        case ("-", operand):
            return f"-{_write(operand)}"
        case (function, operand):
            return f"{function}({_write(operand)})"
    raise AssertionError(tree)


def _compute(tree, values):
    if isinstance(tree, str):
        return values[tree] if tree in values else Fraction(tree)
    head, *parts = tree
    numbers = [_compute(part, values) for part in parts]
    if len(numbers) == 1:
        (number,) = numbers
        up, down = Fraction(math.ceil(number)), Fraction(math.floor(number))
        return {"-": -number, "round_up": up, "round_down": down}[head]
    left, right = numbers
    if head == "/":
        return left / right
    return {
        "+": left + right,
        "-": left - right,
        "*": left * right,
        "min": min(left, right),
        "max": max(left, right),
    }[head]


@given(trees, st.tuples(*[st.fractions(-100, 100, max_denominator=50)] * 3))
def test_valid_formulas_agree_with_exact_arithmetic(tree, numbers):
    values = dict(zip(NAMES, numbers, strict=True))
    formula = parse_formula(_write(tree), indicator="X.1")
    inputs = {name: quantity(value, "1") for name, value in values.items()}
    try:
        expected = _compute(tree, values)
    except ZeroDivisionError:
        with pytest.raises(InputError, match="division by zero"):
            formula.evaluate(inputs)
        return
    assert formula.evaluate(inputs).value == expected


@given(trees, st.tuples(*[st.fractions(-9, 9, max_denominator=9)] * 3))
def test_a_trace_reads_back_as_the_same_number(tree, numbers):
    """Parentheses left out of a trace never change its value."""
    values = dict(zip(NAMES, numbers, strict=True))
    formula = parse_formula(_write(tree), indicator="X.1")
    inputs = {name: quantity(value, "1") for name, value in values.items()}
    try:
        expected = formula.evaluate(inputs).value
    except InputError:
        return
    left = formula.trace(inputs, Language("en")).rpartition(" = ")[0]
    if not left:
        return
    text = left.replace(",", "").replace(";", ",").replace("×", "*").replace("−", "-")
    text = text.replace("round up", "round_up").replace("round down", "round_down")
    if "\N{NO-BREAK SPACE}" in text or len(text) > 500:  # mixed numbers are not read back
        return
    assert parse_formula(text, indicator="X.1").evaluate({}).value == expected


draws_strategy = st.lists(st.integers(-50, 50), min_size=1, max_size=60)
probabilities = st.decimals("0.01", "0.99", places=2)


@given(draws_strategy, probabilities)
def test_a_target_is_the_largest_number_attained_with_its_probability(draws, probability):
    target = target_at(draws, probability)
    share = Fraction(str(probability))
    attained = sum(draw >= target for draw in draws)
    attained_by_one_more = sum(draw >= target + 1 for draw in draws)
    assert target in draws
    assert attained >= share * len(draws)
    assert attained_by_one_more < share * len(draws)
    assert probability_met(draws, target) == pytest.approx(attained / len(draws))


@given(draws_strategy, probabilities, st.integers(1, 20))
def test_rounding_only_lowers_a_target(draws, probability, rounding):
    exact = target_at(draws, probability)
    rounded = target_at(draws, probability, rounding=rounding)
    assert rounded % rounding == 0
    assert exact - rounding < rounded <= exact


@given(draws_strategy, probabilities, probabilities)
def test_a_surer_target_is_never_higher(draws, one, other):
    low, high = sorted((one, other))
    assert target_at(draws, high) <= target_at(draws, low)


@given(st.integers(0, 10_000), st.lists(st.integers(0, 500), min_size=1, max_size=12))
def test_an_allocation_adds_up_and_is_fair(total, weights):
    if not any(weights):
        with pytest.raises(InputError):
            allocate(total, weights)
        return
    parts = allocate(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1
    assert allocate(sum(weights), weights) == weights
    assert allocate(total, [3 * weight for weight in weights]) == parts
    assert [p for _, p in sorted(zip(weights, parts, strict=True))] == sorted(parts)


@given(
    st.lists(st.integers(0, 1000), min_size=1, max_size=6),
    st.fractions(0, 1, max_denominator=100),
)
def test_unique_persons_stay_within_their_bounds(counts, overlap):
    most, total = unique_bounds(counts)
    assert most <= unique_persons(counts, overlap=overlap) <= total
