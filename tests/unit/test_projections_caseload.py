"""Recipients under a scenario, and the elasticity by which they move."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting.errors import InputError, ModelError
from forecasting.paths import periods_of
from forecasting.projections import prepare_reference, project
from forecasting.projections.caseload import project_caseload
from forecasting.projections.elasticity import estimate_elasticity
from forecasting.scenarios import Lever, lever_values
from forecasting.series import RegularSeries, read_series
from forecasting.sources.synthetic_recipients import _LEAD, _PULL
from forecasting.stocks.caseload_plan import CaseloadOptions, run_caseload

N_PATHS = 100
NONE = {"unemployment": (), "minimum_income": ()}


@pytest.fixture(scope="module")
def reference():
    return prepare_reference("reference", n_paths=N_PATHS, seed=3, parts=("caseload",))


@pytest.fixture(scope="module")
def base(reference):
    return project(reference, reference.scenario)


def lever(name, value, **keys):
    keys = {key: pd.Period(v, "M") if key in ("start", "end") else v for key, v in keys.items()}
    keys.setdefault("label", name)
    return Lever(lever=name, value=value, unit="1", source={"en": "a test"}, scenario="x", **keys)


def under(reference, *levers):
    return project(reference, replace(reference.scenario, id="x", levers=levers))


def test_the_reference_is_run_caseload_and_ends_after_sixty_months(base):
    expected = run_caseload(CaseloadOptions(horizon=60, paths=N_PATHS, seed=3))
    np.testing.assert_array_equal(base.recipients, expected.recipients)
    np.testing.assert_array_equal(base.expenditure, expected.spent)
    assert periods_of(base.recipients)[-1] == expected.series.origin + 60


def test_unemployment_moves_recipients_by_the_elasticity_of_the_path_after_its_lead(
    reference, base
):
    own = lever("unemployment.multiply", 1.26, start="2025-01", end="2026-12", shape="ramp")
    found, material = under(reference, own), reference.caseload
    months, lead = periods_of(base.recipients), material.elasticity.lead
    logs = np.log(lever_values(own, months))
    for path in (0, 7, 99):
        moved = np.log(found.recipients[path] / base.recipients[path]).to_numpy()
        np.testing.assert_allclose(moved[:lead], 0, atol=1e-12)
        expected = material.elasticities[path] * logs[:-lead]
        np.testing.assert_allclose(moved[lead:], expected, atol=1e-12)
    ratios = found.expenditure / base.expenditure
    np.testing.assert_allclose(ratios, found.recipients / base.recipients)


def test_the_draws_of_the_elasticity_have_its_mean_and_standard_error(reference):
    many = reference.caseload
    error = many.elasticity.standard_error
    assert many.elasticities.mean() == pytest.approx(many.elasticity.value, abs=4 * error / 10)
    assert many.elasticities.std() == pytest.approx(error, rel=0.3)


def test_the_basic_amount_moves_expenditure_and_nobody(reference, base):
    found = under(reference, lever("minimum_income.multiply", 1.1))
    assert found.recipients is base.recipients
    np.testing.assert_allclose(found.expenditure, 1.1 * base.expenditure)


def test_what_happens_to_unemployment_before_the_last_figure_has_happened(reference, base):
    found = under(reference, lever("unemployment.multiply", 2.0, start="2020-01", end="2024-12"))
    np.testing.assert_array_equal(found.recipients, base.recipients)


def test_without_figures_of_unemployment_a_lever_on_it_is_refused(reference):
    without = replace(reference.caseload, elasticity=None)
    project_caseload(without, NONE)
    with pytest.raises(InputError, match="without registered unemployment"):
        project_caseload(without, NONE | {"unemployment": (lever("unemployment.multiply", 1.1),)})


# --- The elasticity


def simulated(n, *, effect, momentum, lead, seed=1):
    """Two series whose log changes follow the model of the estimate."""
    rng = np.random.default_rng(seed)
    moved, own = 0.01 * rng.standard_normal(n), np.zeros(n)
    for t in range(1, n):
        led = moved[t - lead] if t >= lead else 0.0
        own[t] = momentum * own[t - 1] + effect * led + 0.002 * rng.standard_normal()
    periods = pd.period_range("1990-01", periods=n, freq="M")
    level = (np.exp(np.cumsum(each)) * 1e6 for each in (own, moved))
    return [
        RegularSeries(name, pd.Series(values, periods), "persons", "stock")
        for name, values in zip(("caseload", "unemployed"), level, strict=True)
    ]


@pytest.mark.parametrize(("effect", "momentum", "lead"), [(0.3, 0.4, 6), (0.5, 0.0, 0)])
def test_the_elasticity_of_a_known_process_is_found(effect, momentum, lead):
    errors = []
    for seed in range(12):
        series, driver = simulated(360, effect=effect, momentum=momentum, lead=lead, seed=seed)
        found = estimate_elasticity(series, driver)
        assert found.lead == lead
        errors.append((found.value - effect / (1 - momentum)) / found.standard_error)
    assert np.abs(np.mean(errors)) < 1  # a year of lags costs a little
    assert 0.4 < np.std(errors) < 1.8


def test_the_elasticity_of_the_demonstration_series_is_near_what_it_was_made_with():
    recipients, unemployed = (
        read_series(f"si-recipients-synthetic/{name}")
        for name in ("recipients", "registered_unemployed")
    )
    found = estimate_elasticity(recipients, unemployed)
    assert found.lead == _LEAD
    assert abs(found.value - _PULL) < 2 * found.standard_error


def test_too_few_months_in_common_are_refused():
    series, driver = simulated(60, effect=0.3, momentum=0.4, lead=6)
    with pytest.raises(ModelError, match="too few"):
        estimate_elasticity(series.until(pd.Period("1992-06", "M")), driver)
