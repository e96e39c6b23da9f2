"""Units: reading, combining, writing, and quantities with them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from forecasting.errors import InputError
from forecasting.languages import Language
from forecasting.programmes import quantities
from forecasting.programmes.quantities import Quantity, quantity
from forecasting.programmes.quantity_text import format_quantity
from forecasting.programmes.units import BASE_UNITS, Unit, parse_unit

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("text", "exponents"),
    [
        ("persons", {"persons": 1}),
        ("person", {"persons": 1}),
        (" applications / year ", {"applications": 1, "years": -1}),
        ("EUR/(person*month)", {"EUR": 1, "persons": -1, "months": -1}),
        ("EUR/person/month", {"EUR": 1, "persons": -1, "months": -1}),
        ("months*EUR/months", {"EUR": 1}),
        ("years*years", {"years": 2}),
        ("1/year", {"years": -1}),
        ("1", {}),
        ("%", {}),
    ],
)
def test_units_are_read(text, exponents):
    assert parse_unit(text).exponents == exponents


@pytest.mark.parametrize("base", BASE_UNITS)
def test_singular_and_plural_are_one_unit(base):
    assert parse_unit(base) == parse_unit(BASE_UNITS[base])


@pytest.mark.parametrize("text", ["persons", "applications/year", "EUR/(person*month)", "1", "%"])
def test_a_unit_is_written_as_it_is_read(text):
    assert str(parse_unit(text)) == text
    assert parse_unit(str(parse_unit(text))) == parse_unit(text)


def test_an_unknown_base_unit_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"si\.yaml: unit 'peoples' is not known.*persons.*years"):
        parse_unit("peoples/year", where="si.yaml")


@pytest.mark.parametrize(
    "text",
    [
        *["", " ", "/", "persons/", "*persons", "persons year", "(persons", "persons)", "()"],
        *["2", "persons^2", "%/year", "persons/%", "_", "(" * 60, "persons*" * 50, None, 7],
    ],
)
def test_what_is_not_a_unit_is_refused(text):
    with pytest.raises(InputError):
        parse_unit(text)


def test_a_percentage_is_hundredths_and_has_no_dimension():
    rate = quantity(75, "%")
    assert rate.value == Fraction(3, 4)
    assert rate.unit == Unit() == parse_unit("1")


@pytest.mark.parametrize(
    ("operation", "left", "right", "unit"),
    [
        (quantities.multiply, "%", "%", "%"),
        (quantities.multiply, "1", "%", "%"),
        (quantities.multiply, "persons", "%", "persons"),
        (quantities.divide, "%", "1", "%"),
        (quantities.divide, "%", "%", "1"),
        (quantities.divide, "1", "%", "1"),
        (quantities.divide, "persons", "persons", "1"),
        (quantities.add, "1", "%", "%"),
        (quantities.subtract, "%", "1", "%"),
    ],
)
def test_a_percentage_stays_one_where_it_reads_as_one(operation, left, right, unit):
    assert str(operation(quantity(3, left), quantity(5, right)).unit) == unit


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.1, Fraction(1, 10)),
        (np.float64(0.1), Fraction(1, 10)),
        (Decimal("0.10"), Fraction(1, 10)),
        (np.int64(3), Fraction(3)),
        (Fraction(1, 3), Fraction(1, 3)),
        (10**900, Fraction(10**900)),
    ],
)
def test_a_written_number_is_exact(value, expected):
    assert quantity(value, "persons").value == expected


@pytest.mark.parametrize(
    "value",
    [
        *[True, "3", None, float("nan"), float("inf"), Decimal("NaN"), 10**1100],
        *[np.array([]), np.array([[1.0]]), np.array([1.0, np.nan])],
        *[np.array(["a"]), np.array([True])],
    ],
)
def test_what_is_not_a_number_is_refused(value):
    with pytest.raises(InputError):
        quantity(value, "persons")


def test_a_quantity_itself_refuses_what_is_neither_exact_nor_paths():
    with pytest.raises(InputError, match="neither a Fraction nor an array"):
        Quantity(3, Unit())  # type: ignore[arg-type]
    with pytest.raises(InputError, match="1 of 2 paths are not finite"):
        Quantity(np.array([1.0, np.inf]), Unit())


def test_sample_paths_are_copied():
    draws = np.array([1.0, 2.0])
    held = quantity(draws, "persons")
    draws[0] = 99
    assert held.value.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("value", "unit", "english", "slovenian"),
    [
        (1, "years", "1 year", "1 leto"),
        (2, "years", "2 years", "2 leti"),
        (3, "years", "3 years", "3 leta"),
        (5, "years", "5 years", "5 let"),
        (3.5, "years", "3.5 years", "3,5 leta"),
        (-1, "person", "\N{MINUS SIGN}1 person", "\N{MINUS SIGN}1 oseba"),
        (0, "months", "0 months", "0 mesecev"),
        (3548, "applications/year", "3,548 applications per year", "3.548 prošenj na leto"),
        (
            250,
            "EUR/(person*month)",
            "250 EUR per person per month",
            "250 EUR na osebo na mesec",
        ),
        (75, "%", "75%", f"75{NBSP}%"),
        (Fraction(100, 3), "%", f"33{NBSP}1/3%", f"33{NBSP}1/3{NBSP}%"),
        (Fraction(800, 3), "persons", f"266{NBSP}2/3 persons", f"266{NBSP}2/3 osebe"),
        (Fraction(-1, 3), "1", "\N{MINUS SIGN}1/3", "\N{MINUS SIGN}1/3"),
        (Fraction(1, 8), "1", "0.125", "0,125"),
        (4, "1/year", "4 per year", "4 na leto"),
        (7, "persons*persons", "7 persons²", "7 oseb²"),
        (12, "persons*months", "12 persons · months", "12 oseb · mesecev"),
    ],
)
def test_exact_quantities_as_words(value, unit, english, slovenian):
    assert format_quantity(quantity(value, unit), Language("en")) == english
    assert format_quantity(quantity(value, unit), Language("sl")) == slovenian


@pytest.mark.parametrize("base", BASE_UNITS)
@pytest.mark.parametrize("code", ["en", "sl"])
def test_every_unit_has_its_words(base, code):
    language = Language(code)
    for value in (1, 2, 3, 5, 0.5):
        assert format_quantity(quantity(value, base), language).startswith(
            language.number(value, int(value == 0.5)) + " "
        )
    assert " " in format_quantity(quantity(3, f"1/{base}"), language)


def test_sample_paths_as_words():
    draws = quantity(np.arange(17_001.0, 18_001.0), "persons")
    assert format_quantity(draws, Language("en")) == "17,500 persons (80%: 17,100 to 17,900)"
    assert format_quantity(draws, Language("sl")) == (
        f"17.500 oseb (80{NBSP}%: od 17.100 do 17.900)"
    )
    shares = quantity(np.array([12.25] * 10), "%")
    assert format_quantity(shares, Language("en")) == "12.3% (80%: 12.3 to 12.3)"


def test_whole_numbers_are_not_lost_to_floating_point():
    nearly = np.array([0.1]) * 3 / 0.1  # 3.0000000000000004
    assert quantities.round_up(quantity(nearly, "persons")).value.tolist() == [3.0]
    below = np.array([0.7]) * 100 / 10 - 4  # 2.9999999999999996 or so
    assert quantities.round_down(quantity(below, "persons")).value.tolist() == [3.0]
    assert quantities.snap(np.array([2.999])).tolist() == [2.999]
