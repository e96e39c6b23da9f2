"""Languages: numbers, dates, plurals, and catalogues that lack nothing."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import forecasting
from forecasting.errors import ForecastingError, InputError
from forecasting.languages import (
    Language,
    MissingTranslationError,
    language_codes,
)
from forecasting.locations import data_dir
from forecasting.programmes.formulas import parse_formula
from forecasting.programmes.quantities import quantity

SOURCE = Path(forecasting.__file__).parent
CATALOGUES = sorted((SOURCE / "languages" / "locale").glob("*.po"))
PLACEHOLDER = re.compile(r"\{[^}]*\}")


def read_catalogue(path: Path) -> Catalog:
    with path.open(encoding="utf-8") as file:
        return read_po(file, locale=path.stem, abort_invalid=True)


def entries(path: Path) -> list[Message]:
    return [message for message in read_catalogue(path) if message.id]


def forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


@pytest.fixture(scope="module")
def msgids() -> set[str | tuple[str, str]]:
    found = extract_from_dir(
        SOURCE,
        method_map=[("**.py", "python")],
        keywords={"gettext": None, "ngettext": (1, 2), "say": None, "say_n": (1, 2)},
    )
    return {message for _, _, message, _, _ in found}


def key(message_id: str | list[str] | tuple[str, ...]) -> str | tuple[str, ...]:
    return message_id if isinstance(message_id, str) else tuple(message_id)


def test_the_extractor_finds_messages_and_the_catalogue_exists(msgids):
    assert ("{number} person", "{number} persons") in msgids
    assert [path.stem for path in CATALOGUES] == ["fi", "sl", "sv"]
    assert language_codes() == tuple(sorted(["en", *(path.stem for path in CATALOGUES)]))


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_catalogue_has_every_message_of_the_source_and_no_other(path, msgids):
    translated = {key(message.id) for message in entries(path)}
    assert sorted(map(str, msgids - translated)) == []
    assert sorted(map(str, translated - msgids)) == []


@pytest.mark.parametrize(
    ("code", "trace"),
    [
        ("en", "3 years × 3,548 applications per year = 10,644 applications"),
        ("sl", "3 leta × 3.548 prošenj na leto = 10.644 prošenj"),
        ("sv", "3 år × 3 548 ansökningar per år = 10 644 ansökningar"),
        ("fi", "3 vuotta × 3 548 hakemusta vuodessa = 10 644 hakemusta"),
    ],
)
def test_a_calculation_is_written_in_four_languages(code, trace):
    inputs = {"n": quantity(3, "years"), "a": quantity(3548, "applications/year")}
    found = parse_formula("n * a", indicator="O.1").trace(inputs, Language(code))
    assert found.replace("\N{NO-BREAK SPACE}", " ") == trace


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_no_entry_is_empty_fuzzy_or_obsolete(path):
    catalogue = read_catalogue(path)
    assert [m.id for m in entries(path) if m.fuzzy] == []
    assert [m.id for m in entries(path) if not all(forms(m.string))] == []
    plurals = [m for m in entries(path) if m.pluralizable]
    assert [m.id for m in plurals if len(forms(m.string)) != catalogue.num_plurals] == []
    assert list(catalogue.obsolete) == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_every_placeholder_of_a_message_is_in_its_translation(path):
    for message in entries(path):
        expected = set(PLACEHOLDER.findall(forms(message.id)[-1]))
        for form in forms(message.string):
            assert set(PLACEHOLDER.findall(form)) == expected, message.id


def test_an_unknown_language_is_refused_with_the_codes_there_are():
    with pytest.raises(InputError, match=r"'de' is not known; expected: one of en, .*sl"):
        Language("de")


@pytest.mark.parametrize("code", ["", "../sl", "SL", "sl.po"])
def test_a_language_code_is_taken_literally(code):
    with pytest.raises(InputError):
        Language(code)


def test_a_missing_translation_raises_and_names_message_and_language():
    with pytest.raises(MissingTranslationError, match=r"sl\.po .*'no such message'"):
        Language("sl").gettext("no such message")
    with pytest.raises(ForecastingError, match=r"sl\.po .*'one thing'"):
        Language("sl").ngettext("one thing", "many things", 2)
    with pytest.raises(MissingTranslationError):
        Language("sl").gettext("")


def test_english_is_the_message_itself():
    english = Language("en")
    assert english.gettext("no such message") == "no such message"
    assert [english.ngettext("year", "years", n) for n in (0, 1, 2, -1)] == [
        "years",
        "year",
        "years",
        "year",
    ]


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        *[(0, "let"), (1, "leto"), (2, "leti"), (3, "leta"), (4, "leta"), (5, "let")],
        *[(11, "let"), (100, "let"), (101, "leto"), (102, "leti"), (111, "let"), (-2, "leti")],
    ],
)
def test_slovenian_has_four_forms(n, expected):
    form = Language("sl").ngettext("{number} year", "{number} years", n)
    assert form == "{number} " + expected


@pytest.mark.parametrize(
    ("value", "decimals", "english", "slovenian"),
    [
        (1234.5, 1, "1,234.5", "1.234,5"),
        (17740, 0, "17,740", "17.740"),
        (-28, 0, "\N{MINUS SIGN}28", "\N{MINUS SIGN}28"),
        (-0.4, 0, "0", "0"),
        (2.5, 0, "3", "3"),
        (-2.5, 0, "\N{MINUS SIGN}3", "\N{MINUS SIGN}3"),
        (0.15, 1, "0.2", "0,2"),
        (0.05, 2, "0.05", "0,05"),
        (Fraction(2, 3), 3, "0.667", "0,667"),
        (Decimal("1e6"), 0, "1,000,000", "1.000.000"),
        (np.int64(999999), 0, "999,999", "999.999"),
        (np.float64(999.95), 1, "1,000.0", "1.000,0"),
    ],
)
def test_numbers(value, decimals, english, slovenian):
    assert Language("en").number(value, decimals) == english
    assert Language("sl").number(value, decimals) == slovenian


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN")])
def test_a_number_that_is_not_finite_is_refused(value):
    with pytest.raises(InputError, match="not a finite number"):
        Language("en").number(value)


def test_percentages():
    assert Language("en").percent(0.28) == "28%"
    assert Language("sl").percent(0.28) == "28\N{NO-BREAK SPACE}%"
    assert Language("sl").percent(Fraction(1, 8), 1) == "12,5\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize("month", ["2024-09", pd.Period("2024-09", freq="M")])
def test_months(month):
    assert Language("en").month(month) == "September 2024"
    assert Language("sl").month(month) == "september 2024"


@pytest.mark.parametrize("month", ["2024-13", "2024", pd.Period("2024Q3"), "0000-01"])
def test_what_is_not_a_month_is_refused(month):
    with pytest.raises(InputError, match="expected: YYYY-MM"):
        Language("en").month(month)


def test_dates():
    day = datetime.date(2024, 11, 27)
    assert Language("en").date(day) == "27 November 2024"
    assert Language("sl").date(day) == "27. november 2024"


def test_lists_in_a_sentence():
    assert Language("en").join(["a", "b", "c"]) == "a, b and c"
    assert Language("sl").join(["a", "b", "c"]) == "a, b in c"
    assert Language("en").join(["a"]) == "a"
    assert Language("en").join([]) == ""


def official_terms() -> list[dict[str, str]]:
    page = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
    lines = page[page.index("## Official terms") :].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    return [dict(zip(("en", "sl", "sv", "fi"), row, strict=True)) for row in rows[2:]]


@pytest.mark.parametrize("code", ["sl", "sv", "fi"])
def test_official_terms_are_the_words_that_pages_use(code):
    texts = [(SOURCE / "languages" / "locale" / f"{code}.po").read_text(encoding="utf-8")]
    texts += [path.read_text(encoding="utf-8") for path in data_dir().rglob("*.yaml")]
    used = " ".join(texts).lower()
    terms = [row[code] for row in official_terms()]
    assert len(terms) > 15
    stems = [" ".join(word[: max(4, len(word) - 2)] for word in term.split()) for term in terms]
    unused = [
        term
        for term, stem in zip(terms, stems, strict=True)
        if not re.search(r"\w*\s+".join(map(re.escape, stem.lower().split())), used)
    ]
    assert unused == []
