"""Messages about data in the language of the process: how it is chosen, and that it is whole."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

import forecasting
from forecasting.errors import InputError
from forecasting.languages import Language, language_codes
from forecasting.languages.messages import (
    ENVIRONMENT,
    all_of,
    environment_language,
    message_language,
    message_words,
    one_of,
    say,
    say_n,
    set_message_language,
)
from forecasting.savings.config import load_savings
from forecasting.series import read_series
from forecasting.sources.parameters import load_parameters
from forecasting.stocks.backlog_config import load_backlog
from forecasting.stocks.caseload_file import read_drivers
from forecasting.stocks.occupancy_config import load_occupancy

SOURCE = Path(forecasting.__file__).parent
FOREIGN = [code for code in language_codes() if code != "en"]
ENGLISH = frozenset(
    {"the", "of", "and", "with", "without", "which", "not", "no", "is", "are", "each", "every"}
    | {"expected", "found", "row", "sheet", "column", "header", "month", "year", "or"}
)
PLAIN = re.compile(r"'[^']*'|\{[^}]*\}|\w+[_-]\w+|\w+=")
HEADER = "series_id,period,value\n"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("en", "x.csv: no such file; expected: a CSV file"),
        ("sl", "x.csv: datoteke ni; pričakovano: datoteka CSV"),
        ("sv", "x.csv: filen finns inte; förväntat: en CSV-fil"),
        ("fi", "x.csv: tiedostoa ei ole; odotettu: CSV-tiedosto"),
    ],
)
def test_a_message_is_written_in_the_language_chosen(code, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with message_language(code), pytest.raises(InputError) as caught:
        read_series(Path("x.csv"))
    assert str(caught.value) == message
    assert message_words() == Language("en")


def test_an_unknown_language_is_refused_and_the_old_one_stays():
    with pytest.raises(InputError, match=r"'de' is not known; expected: one of en, fi, sl, sv"):
        set_message_language("de")
    assert message_words().code == "en"


def test_counts_have_the_forms_of_the_language():
    rows = [say_n("{n} rows", "{n} rows", n) for n in (1, 2)]
    assert rows == ["1 rows", "2 rows"]
    with message_language("sl"):
        rows = [say_n("{n} rows", "{n} rows", n) for n in (1, 2, 3, 5, 101)]
    assert rows == ["1 vrstica", "2 vrstici", "3 vrstice", "5 vrstic", "101 vrstica"]


def test_words_are_joined_in_the_language_of_messages():
    assert one_of(["a", "b", "c"]) == "a or b or c"
    assert all_of(["a"]) == "a"
    with message_language("fi"):
        assert (one_of(["a", "b"]), all_of(["a", "b"])) == ("a tai b", "a ja b")


def test_what_a_user_typed_is_not_taken_for_a_placeholder():
    assert say("value '{text}' is not a number", text="{x}") == "value '{x}' is not a number"


@pytest.mark.parametrize("code", FOREIGN)
def test_no_message_about_data_holds_an_english_word(code):
    found = extract_from_dir(
        SOURCE, method_map=[("**.py", "python")], keywords={"say": None, "say_n": (1, 2)}
    )
    messages = {message for path, _, message, _, _ in found if not path.startswith("briefing")}
    assert len(messages) > 300
    words = Language(code)
    for message in messages:
        text = words.gettext(message) if isinstance(message, str) else words.ngettext(*message, 5)
        left = {word.casefold() for word in re.findall(r"[^\W\d]+", PLAIN.sub("", text))}
        assert not left & ENGLISH, (message, text)


@pytest.mark.parametrize(
    ("read", "content"),
    [
        (read_series, HEADER),
        (read_series, "series_id;period;value\nx;2024-01;3\n"),
        (read_series, "name,period\nx,2024-01\n"),
        (read_series, HEADER + "x,2024-01\n"),
        (read_series, HEADER + "x,2024-01,3,5\nx,2024-02,7\n"),
        (read_series, HEADER + "x,2024-01,about 30\n"),
        (read_series, HEADER + "x,2024-01,1.234\nx,2024-02,17\n"),
        (read_series, HEADER + "x,2024-13,3\n"),
        (read_series, HEADER + "x,2024-01,3\nx,2024-01,4\n"),
        (read_series, HEADER + "x,2024-02,3\nx,2024-01,4\n"),
        (read_series, HEADER + "x,2024-01,3\nx,2024-Q2,4\n"),
        (read_series, HEADER + "x,2023-01,3\nx,2024-03,4\n"),
        (read_series, HEADER + "x,2024-01,-3\n"),
        (read_series, HEADER + "x,2024-01,3\ny,2024-01,4\n"),
        (read_drivers, HEADER + "x,2024-01,3\nx,2024-01,4\n"),
        (read_drivers, HEADER + "x,2024-01,3\ny,2024-Q1,4\n"),
        (load_parameters, "- {id: a, value: 2, unit: '1', valid_from: 2024-01, quality: given}\n"),
        (load_parameters, "a: 1\n"),
        (load_parameters, "- {a: [}\n"),
        (load_parameters, "- {a: 1, a: 2}\n"),
        (load_occupancy, "arrivals: {constant: x}\nplaces: 3\nstart: 2024\n"),
        (load_occupancy, "- a list\n"),
        (load_occupancy, "horizon: 1.000\nstart: '2024-01'\nat_capacity: queue\n"),
        (load_backlog, "start: 2025-01\nhorizon: 12\ninflow: {}\n"),
        (load_savings, "horizon_months: '48'\ncohorts: 3\ndeadweight: {uniform: [1]}\n"),
    ],
)
def test_a_bad_file_of_any_kind_is_refused_without_an_english_word(tmp_path, read, content):
    path = tmp_path / ("f.csv" if content.startswith(("series_id", "name,")) else "f.yaml")
    path.write_text(content, encoding="utf-8")
    seen = set()
    for code in language_codes():
        with message_language(code), pytest.raises(InputError) as caught:
            read(str(path)) if read is load_parameters else read(path)
        text = PLAIN.sub("", str(caught.value).replace(str(path), ""))
        seen.add(text)
        left = {word.casefold() for word in re.findall(r"[^\W\d]+", text)} & ENGLISH
        assert code == "en" or not left, str(caught.value)
    assert len(seen) == len(language_codes())


# choosing the language


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({}, "en"),
        ({"LANG": "sl_SI.UTF-8"}, "sl"),
        ({"LANG": "sl_SI.UTF-8", "LC_MESSAGES": "fi_FI"}, "fi"),
        ({"LANG": "sl_SI.UTF-8", "LC_MESSAGES": "fi_FI", "LC_ALL": "sv_SE@euro"}, "sv"),
        ({"LANG": "sl_SI.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "sl_SI.UTF-8", "LC_ALL": ""}, "sl"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "sl_SI.UTF-8", ENVIRONMENT: "sv"}, "sv"),
        ({"LANG": "sl_SI.UTF-8", ENVIRONMENT: ""}, "sl"),
        ({"LANG": "sl_SI.UTF-8", ENVIRONMENT: "en"}, "en"),
    ],
)
def test_the_language_of_the_environment(environment, code):
    assert environment_language(environment) == code


def test_the_command_line_speaks_the_language_of_the_environment(run, monkeypatch):
    command = ("forecast", "none.csv", "--horizon", 3, "--output", "f.csv")
    monkeypatch.setenv("LANG", "sl_SI.UTF-8")
    assert run(*command).stderr == "napaka: none.csv: datoteke ni; pričakovano: datoteka CSV\n"
    monkeypatch.setenv(ENVIRONMENT, "fi")
    assert run(*command).stderr.startswith("virhe: none.csv: tiedostoa ei ole; odotettu: ")
    monkeypatch.setenv(ENVIRONMENT, "en")
    assert run(*command).stderr.startswith("error: none.csv: no such file; expected: ")
    assert message_words().code == "en"


def test_an_unknown_language_of_the_environment_is_an_error_with_the_codes(run, monkeypatch):
    monkeypatch.setenv(ENVIRONMENT, "de")
    result = run("check")
    assert result.exit_code == 2
    assert result.stderr == (
        "error: environment variable FORECASTING_LANGUAGE: language 'de'; expected: one of "
        f"{', '.join(language_codes())}\n"
    )


def test_the_option_language_counts_before_the_environment(run, monkeypatch):
    monkeypatch.setenv(ENVIRONMENT, "fi")
    command = ("template", "stays", "--output", "s.xlsx")
    assert run(*command).exit_code == 0
    found = run(*command, "--language", "sv")
    assert found.exit_code == 2
    assert found.stderr.startswith("fel: s.xlsx: filen finns redan; ")
    assert run(*command).stderr.startswith("virhe: s.xlsx: tiedosto on jo olemassa; ")
    assert message_words().code == "en"


def test_a_process_is_told_the_language_by_the_environment():
    program = "from forecasting.languages.messages import say; print(say('no such file'))"
    found = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, ENVIRONMENT: "sl", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=True,
    )
    assert found.stdout.decode().strip() == "datoteke ni"
