"""What `import forecasting` offers, and how little it loads."""

from __future__ import annotations

import subprocess
import sys

import pytest

import forecasting

HEAVY = ("statsforecast", "prophet", "statsmodels", "matplotlib", "papermill", "nbconvert", "typst")


def loaded_after(statement):
    """Return the top-level modules that a fresh interpreter holds after a statement."""
    code = f"{statement}\nimport sys; print(*sorted({{n.split('.')[0] for n in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_the_public_names_are_sorted_and_stand_once():
    assert forecasting.__all__ == sorted(set(forecasting.__all__))
    assert dir(forecasting) == forecasting.__all__
    assert set(forecasting._HOMES) == set(forecasting.__all__)


@pytest.mark.parametrize("name", forecasting.__all__)
def test_every_public_name_can_be_imported_and_is_documented(name):
    found = getattr(forecasting, name)
    assert found.__name__ == name
    assert found.__module__.startswith("forecasting.")
    assert found.__doc__.strip()


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'forecasting' has no attribute 'predict'"):
        _ = forecasting.predict


def test_the_import_loads_nothing_heavy():
    assert not loaded_after("import forecasting") & {*HEAVY, "pydantic", "scipy"}


def test_reading_a_series_needs_no_model_library():
    statement = "from forecasting import *; read_series('asylum-applicants/SI', as_of='2021-12')"
    loaded = loaded_after(statement)
    assert {"pandas", "xarray"} <= loaded
    assert not loaded & set(HEAVY)


def test_the_help_of_every_verb_loads_nothing_heavy():
    statement = """
from click.testing import CliRunner
from forecasting.cli import main
for verb in [[], ["brief"], ["forecast"], ["targets"], ["check"], ["programme", "check"]]:
    assert CliRunner().invoke(main, [*verb, "--help"]).exit_code == 0
"""
    assert not loaded_after(statement) & {*HEAVY, "pandas", "xarray"}
