"""Every notebook, found by name: a thin reader of public names; test_words_of_pages runs them."""

from __future__ import annotations

import ast

import nbformat
import pytest

import forecasting
from forecasting.locations import notebooks_dir
from forecasting.runs.parameters import read_parameters

NOTEBOOKS = sorted(notebooks_dir().glob("*.ipynb"))
MAX_CODE_CELLS = 15


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def code(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_notebooks():
    expected = {
        "10_asylum_flows",
        "20_detention_occupancy",
        "21_processing_backlog",
        "30_social_assistance",
        "40_scenarios",
        "41_explorer",
        "50_targets",
        "60_savings",
        "90_briefing",
    }
    assert expected <= {path.stem for path in NOTEBOOKS}


def test_it_declares_its_parameters_as_literals_with_a_word_each(path):
    parameters = read_parameters(path)
    assert parameters
    assert all(parameter.help for parameter in parameters.values())


def test_it_is_short_and_defines_nothing(code):
    assert len(code) <= MAX_CODE_CELLS
    forbidden = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    for cell in code:
        nodes = list(ast.walk(ast.parse(cell.source)))
        assert not [node for node in nodes if isinstance(node, forbidden)], cell.source


def test_it_is_committed_without_outputs(code):
    for cell in code:
        assert (cell.outputs, cell.execution_count) == ([], None)


def test_it_uses_public_names_only(code):
    imported = set()
    for cell in code:
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Import):
                assert not [a.name for a in node.names if a.name.startswith("forecasting")]
            if isinstance(node, ast.ImportFrom) and node.module.startswith("forecasting"):
                assert node.module == "forecasting"
                imported |= {alias.name for alias in node.names}
    assert imported
    assert imported <= set(forecasting.__all__)


def test_every_step_has_a_heading(path):
    notebook = nbformat.read(path, as_version=4)
    assert notebook.cells[0].cell_type == "markdown"
    assert notebook.cells[0].source.startswith("# ")
