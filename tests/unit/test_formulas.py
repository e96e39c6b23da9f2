"""Indicator formulas: published derivations, exact arithmetic, traces, positions of errors."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from forecasting.errors import InputError
from forecasting.languages import Language
from forecasting.programmes.formulas import parse_formula
from forecasting.programmes.quantities import quantity
from forecasting.programmes.units import parse_unit

NBSP = "\N{NO-BREAK SPACE}"
INPUTS = {
    "years": quantity(3, "years"),
    "applications_per_year": quantity(3548, "applications/year"),
    "adults": quantity(80, "persons"),
    "adult_rate": quantity(75, "%"),
    "minors": quantity(90, "persons"),
    "minor_rate": quantity(90, "%"),
    "nobody": quantity(0, "persons"),
    "fewer": quantity(-3, "persons"),
    "draws": quantity(np.arange(1.0, 11.0), "persons"),
    "šole": quantity(2, "1"),
}


def evaluate(text, inputs=INPUTS):
    return parse_formula(text, indicator="O.1.1").evaluate(inputs)


def test_published_values_of_the_slovenian_programme():
    inputs = {**INPUTS, "five_years": quantity(5, "years")}
    assert evaluate("years * applications_per_year").value == 10_644
    assert evaluate("five_years * applications_per_year", inputs).value == 17_740
    met = evaluate("adults * adult_rate + minors * minor_rate")
    assert (met.value, met.unit) == (141, parse_unit("persons"))


def test_units_combine():
    result = evaluate("years * applications_per_year")
    assert result.unit == parse_unit("applications")
    assert evaluate("adults / (years * minors)").unit == parse_unit("1/year")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.1 + 0.2", Fraction(3, 10)),
        ("1 / 3 + 1 / 3 + 1 / 3", 1),
        ("2 + 3 * 4", 14),
        ("(2 + 3) * 4", 20),
        ("8 / 2 / 2", 2),
        ("10 - 3 - 2", 5),
        ("-2 * -3", 6),
        ("--2", 2),
        (".5 + 1.", Fraction(3, 2)),
        ("min(3, 1, 2) + max(1, 2)", 3),
        ("round_up(7 / 2)", 4),
        ("round_up(-7 / 2)", -3),
        ("round_down(7 / 2)", 3),
        ("round_down(-7 / 2)", -4),
        ("round_to(12, 5)", 10),
        ("round_to(12.5, 5)", 15),
        ("round_to(-12.5, 5)", -10),
        ("round_to(0.123, 0.05)", Fraction(1, 10)),
        (" \n 2 *\n 3 ", 6),
        ("šole + 1", 3),
    ],
)
def test_arithmetic_is_exact(text, expected):
    assert evaluate(text).value == expected


def test_a_step_may_carry_the_unit_of_what_is_rounded():
    assert evaluate("round_to(minors, adults)").value == 80
    assert evaluate("round_to(adult_rate, 0.1)").value == Fraction(8, 10)


def test_names_are_those_of_the_inputs():
    formula = parse_formula("min(a, b) * (a - 1)", indicator="O.1")
    assert formula.names == {"a", "b"}


def test_sample_paths_are_evaluated_path_by_path():
    result = evaluate("min(round_down(draws / 2), 4 * draws / draws * nobody + minors / 30)")
    assert result.value.tolist() == [0, 1, 1, 2, 2, 3, 3, 3, 3, 3]
    assert result.unit == parse_unit("persons")
    twice = evaluate("draws * 2 - draws")
    assert twice.value.tolist() == INPUTS["draws"].value.tolist()


def test_sample_paths_and_exact_numbers_agree():
    text = "round_to(max(x * 3 / 7, 2), 0.5) - round_up(x / 4) + -x"
    values = [Fraction(n, 8) for n in range(-40, 41)]
    paths = evaluate(text, {"x": quantity(np.array(values, dtype=float), "1")}).value
    exact = [evaluate(text, {"x": quantity(value, "1")}).value for value in values]
    np.testing.assert_allclose(paths, np.array(exact, dtype=float), atol=1e-12)


def test_the_inputs_are_not_changed():
    before = INPUTS["draws"].value.copy()
    evaluate("round_up(-draws * 0.3)")
    np.testing.assert_array_equal(INPUTS["draws"].value, before)


@pytest.mark.parametrize(
    ("text", "english", "slovenian"),
    [
        (
            "years * applications_per_year",
            "3 years × 3,548 applications per year = 10,644 applications",
            "3 leta × 3.548 prošenj na leto = 10.644 prošenj",
        ),
        (
            "adults * adult_rate + minors * minor_rate",
            "80 persons × 75% + 90 persons × 90% = 141 persons",
            f"80 oseb × 75{NBSP}% + 90 oseb × 90{NBSP}% = 141 oseb",
        ),
        (
            "adults * (1 - adult_rate)",
            "80 persons × (1 − 75%) = 20 persons",
            f"80 oseb × (1 − 75{NBSP}%) = 20 oseb",
        ),
        (
            "adults * 10 / 3",
            f"80 persons × 10 / 3 = 266{NBSP}2/3 persons",
            f"80 oseb × 10 / 3 = 266{NBSP}2/3 osebe",
        ),
        (
            "round_up(adults * 10 / 3)",
            "round up(80 persons × 10 / 3) = 267 persons",
            "zaokroženo navzgor(80 oseb × 10 / 3) = 267 oseb",
        ),
        (
            "max(adults, minors - fewer)",
            "max(80 persons; 90 persons − (−3 persons)) = 93 persons",
            "max(80 oseb; 90 oseb − (−3 osebe)) = 93 oseb",
        ),
        ("adults", "80 persons", "80 oseb"),
    ],
)
def test_traces(text, english, slovenian):
    formula = parse_formula(text, indicator="O.1.1")
    assert formula.trace(INPUTS, Language("en")) == english
    assert formula.trace(INPUTS, Language("sl")) == slovenian


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 - (3 - 4)", "2 − (3 − 4) = 3"),
        ("2 - (3 + 4)", "2 − (3 + 4) = −5"),
        ("2 + (3 + 4)", "2 + 3 + 4 = 9"),
        ("(2 * 3) * 4", "2 × 3 × 4 = 24"),
        ("2 * (3 / 4)", "2 × (3 / 4) = 1.5"),
        ("2 / (3 * 4)", "2 / (3 × 4) = 1/6"),
        ("-(2 + 3)", "−(2 + 3) = −5"),
        ("2 - -3", "2 − (−3) = 5"),
        ("-2 - 3", "−2 − 3 = −5"),
        ("- -2", "−(−2) = 2"),
    ],
)
def test_a_trace_has_the_parentheses_it_needs(text, expected):
    assert parse_formula(text, indicator="O.1").trace({}, Language("en")) == expected


def test_a_divisor_that_is_a_fraction_is_held_together():
    inputs = {"x": quantity(Fraction(2, 3), "1")}
    trace = parse_formula("4 / x", indicator="O.1").trace(inputs, Language("en"))
    assert trace == "4 / (2/3) = 6"


def test_a_trace_with_sample_paths():
    trace = parse_formula("draws * 2", indicator="O.1").trace(INPUTS, Language("en"))
    assert trace == "5 persons (80%: 1 to 9) × 2 = 10 persons (80%: 2 to 18)"


BAD_FORMULAS = [
    ("adults + years", 8, r"\+ joins persons and years"),
    ("min(adults, years)", 1, "min joins persons and years"),
    ("2 * (minors - 1)", 13, "joins persons and 1"),
    ("adults.real", 7, r"attribute access '\.real'"),
    ("šole * adults.real", 14, r"attribute access '\.real'"),
    ("adults ** 2", 8, "a power"),
    ("adults // 2", 8, "'//' is not an operator"),
    ("75 % minors", 4, "give the percentage as an input"),
    ("2 * sum(adults)", 5, "function 'sum' is not known"),
    ("rond_up(adults)", 1, r"did you mean round_up\?"),
    ("__import__('os').system('ls')", 17, "attribute access"),
    ("__import__('os')", 1, "function '__import__' is not known"),
    ("2 * adlts", 5, r"'adlts' is not known; .*did you mean adults\?"),
    ("adults / nobody", 8, "division by zero"),
    ("1 / (2 - 2)", 3, "division by zero"),
    ("adults / (draws - 4 * (adults / 80))", 8, "division by zero on 1 of 10 paths"),
    ("", 1, "the formula is empty"),
    (" \t\n", 1, "the formula is empty"),
    ("1+" * 250 + "1", 501, "501 characters; expected: at most 500"),
    ("-" * 200 + "1", 102, "nested too deep"),
    ("(" * 300 + "1" + ")" * 100, 201, "cannot be read"),
    ("0,75 * adults", 2, "write decimals with a point"),
    ("()", 1, "parentheses around nothing"),
    ("adults +", 9, "the formula is not finished"),
    ("  adults minors", 10, "'minors' cannot be read"),
    ("adults # all", 8, "'#' is not part"),
    ("+adults", 1, "no minus"),
    ("not adults", 1, "no minus"),
    ("1e3", 1, "'1e3' is not a number"),
    ("1_000", 1, "'1_000' is not a number"),
    ("2j", 1, "'2j' is not a number"),
    ("0x1F", 1, "'0x1F' is not a number"),
    ("True", 1, "'True' is not a number"),
    ("'text'", 1, "is not a number"),
    ("f'{adults}'", 1, "a text"),
    ("adults[0]", 1, "an index"),
    ("adults < minors", 1, "a comparison"),
    ("adults or minors", 1, "a logical operator"),
    ("1 if adults else 2", 1, "a condition"),
    ("lambda: 1", 1, "a function definition"),
    ("[adults]", 1, "not part of the formula language"),
    ("(x := 1)", 2, "an assignment"),
    ("min(adults)", 1, "number of arguments of min: 1; expected: at least 2"),
    ("round_up(1, 2)", 1, "number of arguments of round_up: 2; expected: 1"),
    ("min(*adults, 1)", 5, "a starred argument"),
    ("min(adults, minors, key=years)", 4, "a named argument of min"),
    ("min(1, 2)(3)", 1, "a call of something that is not a function"),
    ("2 * max", 5, "max without its arguments"),
    ("round_up(adult_rate)", 1, r"round_to\(x, 0.01\)"),
    ("round_to(adults, 0)", 1, "not an exact number above 0"),
    ("round_to(adults, draws)", 1, "not an exact number above 0"),
    ("round_to(adults, years)", 1, "the step of round_to is in years"),
    ("adults\0", 7, "is not part"),
    ("2 * \ud800", 5, "is not part"),
]


@pytest.mark.parametrize(("text", "column", "message"), BAD_FORMULAS)
def test_an_error_names_indicator_and_column(text, column, message):
    with pytest.raises(
        InputError, match=rf"(?s)^indicator O\.1\.1, formula column {column}: .*{message}"
    ):
        evaluate(text)


def test_what_is_not_a_text_is_refused():
    with pytest.raises(InputError, match="is not a text"):
        parse_formula(None, indicator="O.1.1")  # type: ignore[arg-type]


def test_inputs_with_different_numbers_of_paths_are_refused():
    inputs = {"a": quantity(np.ones(3), "1"), "b": quantity(np.ones(1), "1")}
    with pytest.raises(InputError, match="column 3: inputs with 3 and with 1 paths"):
        evaluate("a + b", inputs)


def test_numbers_that_grow_without_bound_are_refused():
    huge = {"x": quantity(10**900, "1"), "draws": INPUTS["draws"]}
    with pytest.raises(InputError, match="column 3: a number of more than 1,000 digits"):
        evaluate("x * x", huge)
    with pytest.raises(InputError, match="column 7: a number too large"):
        evaluate("draws * x", huge)
    large = {"a": quantity(np.array([1e200]), "1")}
    with pytest.raises(InputError, match="column 3: 1 of 1 paths are not finite"):
        evaluate("a * a", large)
