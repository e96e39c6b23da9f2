"""Parameters of a notebook: read from its code, and checked before anything runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.errors import InputError
from forecasting.runs.parameters import (
    Parameter,
    check_parameters,
    parse_parameters,
    read_parameters,
)

CELL = """\
programme = "si-amif-2021-2027"   # programme id, or "" for none
as_of = ""             # YYYY-MM; empty: the newest figures held
language = "en"        # {en, sl} language of every word a reader sees
paths = 5000           # [100..100000] number of joint sample paths
seed = 1               # [0..4294967295] seed of the random numbers
# a remark on a line of its own
probability = 0.8      # [0.5..0.99] share of paths
lag = -1               # {-1, 0, 2} months
draft = False
"""


def write_notebook(path: Path, *cells: str, tag: str = "parameters") -> Path:
    content = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{number}",
                "metadata": {"tags": [tag]},
                "source": cell.splitlines(keepends=True),
                "outputs": [],
                "execution_count": None,
            }
            for number, cell in enumerate(cells)
        ],
    }
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.fixture
def declared(tmp_path: Path) -> dict[str, Parameter]:
    return read_parameters(write_notebook(tmp_path / "n.ipynb", CELL))


def test_everything_about_a_parameter_comes_from_its_line(
    declared: dict[str, Parameter],
) -> None:
    assert list(declared.values()) == [
        Parameter("programme", "si-amif-2021-2027", 'programme id, or "" for none'),
        Parameter("as_of", "", "YYYY-MM; empty: the newest figures held"),
        Parameter("language", "en", "language of every word a reader sees", choices=("en", "sl")),
        Parameter("paths", 5000, "number of joint sample paths", minimum=100, maximum=100000),
        Parameter("seed", 1, "seed of the random numbers", minimum=0, maximum=4294967295),
        Parameter("probability", 0.8, "share of paths", minimum=0.5, maximum=0.99),
        Parameter("lag", -1, "months", choices=(-1, 0, 2)),
        Parameter("draft", False),
    ]


def test_defaults_fill_what_is_not_given(declared: dict[str, Parameter]) -> None:
    given_values = {"language": "sl", "seed": 7}
    checked = check_parameters(declared, given_values)
    assert checked == {name: parameter.default for name, parameter in declared.items()} | {
        "language": "sl",
        "seed": 7,
    }
    assert given_values == {"language": "sl", "seed": 7}
    assert check_parameters(declared, checked) == checked


def test_a_whole_number_is_a_number(declared: dict[str, Parameter]) -> None:
    ratio = Parameter("ratio", 1.5)
    value = check_parameters({"ratio": ratio}, {"ratio": 2})["ratio"]
    assert value == 2.0
    assert type(value) is float


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("paths", "5000", "'5000' is text; expected: a whole number from 100 to 100000"),
        ("paths", 5000.0, "5000.0 is a number; expected: a whole number"),
        ("paths", True, "True is a truth value; expected: a whole number"),
        ("paths", 99, "99 is out of range; expected: a whole number from 100 to 100000"),
        ("paths", 100001, "100001 is out of range"),
        ("probability", 1, "1.0 is out of range; expected: a number from 0.5 to 0.99"),
        ("probability", float("nan"), "nan is not a finite number"),
        ("probability", True, "True is a truth value"),
        ("draft", "true", "'true' is text; expected: True or False"),
        ("draft", 1, "1 is a whole number; expected: True or False"),
        ("language", "de", "'de' is not an allowed value; expected: one of 'en', 'sl'"),
        ("lag", 1, "1 is not an allowed value; expected: one of -1, 0, 2"),
        ("programme", None, "None is of type NoneType; expected: text"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_expected(
    declared: dict[str, Parameter], name: str, value: object, message: str
) -> None:
    with pytest.raises(InputError) as error:
        check_parameters(declared, {name: value})
    assert str(error.value).startswith(f"parameter {name}: {message}")


def test_a_misspelt_name_is_refused_with_the_nearest(declared: dict[str, Parameter]) -> None:
    with pytest.raises(InputError, match=r"unknown parameter 'langauge'.*did you mean 'language'"):
        check_parameters(declared, {"langauge": "sl"})


def test_an_unknown_name_is_refused_with_the_known_ones(declared: dict[str, Parameter]) -> None:
    with pytest.raises(InputError, match="unknown parameter 'xyzzy'; expected: programme, as_of"):
        check_parameters(declared, {"xyzzy": 1})


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("paths = 10 * 500", "line 1: value of 'paths' is not a literal"),
        ("a = 1\nb = a", "line 2: value of 'b' is not a literal"),
        ("a = __import__('os').getcwd()", "value of 'a' is not a literal"),
        ("import os", "statement is not a plain assignment"),
        ("a = b = 1", "statement is not a plain assignment"),
        ("a, b = 1, 2", "assignment to more than a name"),
        ("a = [1, 2]", "default of 'a' is of type list"),
        ("a = None", "default of 'a' is of type NoneType"),
        ("a = 1\na = 2", "'a' is assigned twice"),
        ("%matplotlib inline", "parameters cell: invalid syntax"),
        ("a = 1e999", "default of 'a' is refused: inf is not a finite number"),
        ("a = 5 # [10..20] number", "default of 'a' is refused: 5 is out of range"),
        ("a = 'x' # {y, z} letter", "default of 'a' is refused: 'x' is not an allowed value"),
        ("a = 5 # [1-20] number", "comment of 'a' begins with '[1-20]'"),
        ("a = 5 # [20..1] number", "comment of 'a' begins with"),
        ("a = 5 # [1..many] number", "comment of 'a' begins with"),
        ("a = 'x' # [a..z] letter", "comment of 'a' begins with"),
        ("a = 5 # {1, five} number", "comment of 'a' begins with"),
        ("a = True # {True, False}", "comment of 'a' begins with"),
    ],
)
def test_a_parameters_cell_holds_literals_only(tmp_path: Path, cell: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        read_parameters(write_notebook(tmp_path / "n.ipynb", cell))
    assert message in str(error.value)
    assert "n.ipynb" in str(error.value)


def test_a_literal_over_several_lines_has_the_comment_of_its_last(tmp_path: Path) -> None:
    cell = 'title = (\n    "one "  # first\n    "two"\n)  # the title'
    title = read_parameters(write_notebook(tmp_path / "n.ipynb", cell))["title"]
    assert (title.default, title.help) == ("one two", "the title")


def test_a_notebook_needs_a_parameters_cell(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="0 cells tagged 'parameters'"):
        read_parameters(write_notebook(tmp_path / "n.ipynb", "a = 1", tag="other"))


def test_a_notebook_has_only_one_parameters_cell(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="2 cells tagged 'parameters'; expected: exactly one"):
        read_parameters(write_notebook(tmp_path / "n.ipynb", "a = 1", "b = 1"))


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b'{"cells": [1]}', b"\xff\xfe\x00", b"a,b\n"]
)
def test_a_file_that_is_no_notebook_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(content)
    with pytest.raises(InputError, match="file is not a notebook"):
        read_parameters(path)


def test_a_missing_notebook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="notebook cannot be read: No such file"):
        read_parameters(tmp_path / "n.ipynb")


@given(st.one_of(st.booleans(), st.integers(), st.text(), st.floats(allow_nan=False)))
def test_a_value_is_accepted_only_by_its_own_type(value: object) -> None:
    for default in (True, 1, "x", 1.5):
        parameter = Parameter("p", default)
        whole_as_number = type(value) is int and type(default) is float
        try:
            accepted = parameter.check(value)
        except InputError:
            finite = value not in (float("inf"), float("-inf"))
            assert type(value) is not type(default) or not finite
        else:
            assert accepted == (float(value) if whole_as_number else value)
            assert type(accepted) is type(default)
            assert type(value) is type(default) or whole_as_number


def test_texts_are_read_by_the_type_of_the_default(declared: dict[str, Parameter]) -> None:
    given = [("lag", "-1"), ("draft", "TRUE"), ("probability", "5e-1"), ("as_of", " 2021-12")]
    expected = {"lag": -1, "draft": True, "probability": 0.5, "as_of": " 2021-12"}
    assert parse_parameters(declared, given) == expected


@given(st.integers(100, 100_000), st.floats(0.5, 0.99))
def test_what_python_writes_is_read_back(paths: int, share: float) -> None:
    kinds = Parameter("paths", 100), Parameter("share", 0.5)
    assert [kind.parse(str(value)) for kind, value in zip(kinds, (paths, share), strict=True)] == [
        paths,
        share,
    ]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("paths", "", "parameter paths: ''; expected: a whole number from 100 to 100000"),
        ("paths", " 200", "parameter paths: ' 200'; expected: "),
        ("paths", "\u0662\u0660\u0660", "expected: a whole number"),
        ("lag", "1", "parameter lag: 1 is not an allowed value; expected: one of -1, 0, 2"),
        ("draft", "1", "parameter draft: '1'; expected: true or false"),
        ("probability", "0,8", "parameter probability: '0,8'; expected: a number from 0.5"),
        ("language", "de", "'de' is not an allowed value; expected: one of 'en', 'sl'"),
        ("path", "1", "unknown parameter 'path'; expected: .*; did you mean 'paths'?"),
    ],
)
def test_a_text_that_does_not_read_as_its_type_is_refused(
    declared: dict[str, Parameter], name: str, text: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        parse_parameters(declared, [(name, text)])
