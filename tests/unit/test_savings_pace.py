"""The path of persons included and leaving, against closed forms where all is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecasting.distributions import Distribution
from forecasting.errors import InputError
from forecasting.paths import periods_of
from forecasting.savings.pace import chances_by_pace, leaving_on_plan, pace, project_inclusion
from forecasting.savings.project import load_project

KNOWN = {
    "inclusion_delivered": 100,
    "inclusion_pace_later": 10400 / 39,
    "inclusion_variation": 0,
    "share_leaving": 0.25,
    "months_to_exit": 9,
}


@pytest.fixture(scope="module")
def project():
    return load_project("si-p61")


@pytest.fixture(scope="module")
def drawn(project):
    return project_inclusion(project, paths=2000, seed=3)


def test_the_required_pace_is_five_times_the_planned_one(project):
    found = pace(project)
    assert found.planned == pytest.approx((1600 - 800) / 15)
    assert found.required == pytest.approx((12000 - 1600) / 39)
    assert found.ratio == pytest.approx(5)


def test_the_plan_itself_comes_to_fewer_than_it_promises(project):
    assert leaving_on_plan(project, 0) == 3000
    assert leaving_on_plan(project, 9) == pytest.approx(0.25 * (12000 - 9 * 10400 / 39))
    assert leaving_on_plan(project, 1000) == 0


def test_paths_run_from_the_last_count_to_the_last_plan(drawn):
    periods = periods_of(drawn.included)
    assert (str(periods[0]), str(periods[-1])) == ("2017-11", "2022-09")
    assert periods.equals(periods_of(drawn.leaving))
    assert drawn.included.attrs == {"unit": "persons", "kind": "stock"}
    assert drawn.planned["2019-06"] == 1600
    assert drawn.planned.iloc[-1] == drawn.included_target == 12000
    assert drawn.leaving_target == 3000


def test_counts_rise_and_only_who_was_included_leaves(drawn):
    included, leaving = drawn.included.to_numpy(), drawn.leaving.to_numpy()
    assert (included[:, 0] >= 597).all()
    assert (np.diff(included) >= 0).all()
    assert (np.diff(leaving) >= 0).all()
    assert (leaving[:, 2:] <= included[:, :-2]).all()  # nobody within the first months
    assert np.array_equal(included, np.rint(included))


def test_known_assumptions_give_the_plan_on_average(project):
    found = project_inclusion(project, paths=4000, seed=1, changes=KNOWN)
    means = found.included.mean("path").to_numpy()
    error = found.included.std("path").to_numpy() / np.sqrt(4000)
    assert (np.abs(means - found.planned.to_numpy()) < 5 * error).all()
    left = float(found.leaving[:, -1].mean())
    assert left == pytest.approx(leaving_on_plan(project, 9), abs=5)


def test_the_variance_of_a_month_is_that_of_a_gamma_poisson_count(project):
    changes = KNOWN | {"inclusion_variation": 50}
    found = project_inclusion(project, paths=20_000, seed=2, changes=changes)
    added = np.diff(found.included.to_numpy(), axis=1)[:, -1]
    mean = 10400 / 39
    assert added.mean() == pytest.approx(mean, rel=0.02)
    assert added.var() == pytest.approx(mean + (0.5 * mean) ** 2, rel=0.05)


def test_same_seed_same_paths_and_a_change_leaves_the_other_draws(project, drawn):
    again = project_inclusion(project, paths=2000, seed=3)
    assert again.included.identical(drawn.included)
    other = project_inclusion(project, paths=2000, seed=3, changes={"share_leaving": 0.25})
    assert other.included.identical(drawn.included)
    assert not other.leaving.identical(drawn.leaving)


def test_chances_are_shares_of_paths(drawn):
    last = drawn.included.to_numpy()[:, -1]
    assert drawn.p_included == np.mean(last >= 12000)
    assert 0 < drawn.p_leaving < drawn.p_included < 0.5


def test_chances_rise_with_the_pace(project):
    table = chances_by_pace(project, [53, 267, 320], paths=500)
    assert list(table.columns) == ["pace", "p_included", "p_leaving"]
    assert table["p_included"].is_monotonic_increasing
    assert table["p_included"].iloc[0] == 0
    assert isinstance(table, pd.DataFrame)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pace": 3}, "pace; expected: inclusion_delivered, inclusion_pace_later"),
        ({"share_leaving": 1.2}, "assumption 'share_leaving': 1.2; expected: 0 to 1"),
        (
            {"months_to_exit": Distribution(uniform=(-3, 3))},
            "assumption 'months_to_exit': {uniform: [-3, 3]}; expected: 0 to 120",
        ),
        (
            {"inclusion_pace_later": -1},
            "assumption 'inclusion_pace_later': -1; expected: 0 or more",
        ),
    ],
)
def test_what_cannot_be_assumed_is_refused(project, changes, message):
    with pytest.raises(InputError) as caught:
        project_inclusion(project, changes=changes)
    assert str(caught.value).startswith(message)


def test_no_paths_and_too_few_planned_points_are_refused(project):
    with pytest.raises(InputError, match="0 paths; expected: 1 or more"):
        project_inclusion(project, paths=0)
    inclusion = project.inclusion.model_copy(update={"planned": project.inclusion.planned[:2]})
    with pytest.raises(InputError, match="2 planned points; expected: three or more"):
        pace(project.model_copy(update={"inclusion": inclusion}))
