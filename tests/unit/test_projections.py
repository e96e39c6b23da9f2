"""The chain under a scenario: the same numbers as its parts, and differences that are exact."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting.errors import InputError
from forecasting.forecasts.summary import persons_by_month
from forecasting.paths import periods_of, with_observed
from forecasting.programmes.catalogue import load_programme
from forecasting.programmes.proposals import propose_targets
from forecasting.projections import prepare_reference, project
from forecasting.projections.reference import _KEPT
from forecasting.savings.config import load_savings, run_savings
from forecasting.scenarios import Lever, apply_arrivals, load_scenario, scenario_names
from forecasting.series import read_series
from forecasting.stocks.backlog import project_backlog
from forecasting.stocks.backlog_config import OUTPUTS, load_backlog
from forecasting.stocks.exceedance import exceedance
from forecasting.stocks.occupancy import expected_occupancy
from forecasting.stocks.service_level import overflow, person_nights

FLOWS = ("arrivals", "targets", "centres", "backlog", "savings")
N_PATHS = 400
RECEPTION, CENTRE = "si-reception-centres", "si-centre-for-foreigners"


@pytest.fixture(scope="module")
def reference():
    return prepare_reference("reference", n_paths=N_PATHS, seed=7, parts=FLOWS)


@pytest.fixture(scope="module")
def base(reference):
    return project(reference, reference.scenario)


def lever(name, value, unit="1", **keys):
    keys = {key: pd.Period(v, "M") if key in ("start", "end") else v for key, v in keys.items()}
    keys.setdefault("label", f"{name} {keys.get('on', '')}")
    return Lever(lever=name, value=value, unit=unit, source={"en": "a test"}, scenario="x", **keys)


def under(reference, *levers, parts=None):
    scenario = replace(reference.scenario, id="x", parents=("reference",), levers=levers)
    return project(reference, scenario, parts=parts)


def arrays(projection):
    """Every array of a projection, by name."""
    found = {"arrivals": projection.arrivals}
    for target in projection.targets:
        found[f"{target.indicator.code} {target.point}"] = target.draws
    for centre in projection.centres:
        found |= {f"{centre.name} {key}": each for key, each in vars(centre).items()}
    found |= {name: getattr(projection.backlog, name) for name in OUTPUTS}
    found |= vars(projection.savings)
    return {
        name: np.asarray(each)
        for name, each in found.items()
        if each is not None and not isinstance(each, str | dict)
    }


def centre_of(projection, name):
    return next(each for each in projection.centres if each.name == name)


def mean(paths):
    return paths.to_numpy().mean(axis=0)


# --- The reference


def test_a_scenario_without_levers_is_the_reference_itself(reference, base):
    again = under(reference)
    assert again.arrivals is base.arrivals is reference.flow.paths
    assert again.targets is base.targets
    assert again.backlog is base.backlog
    assert again.savings is base.savings
    assert all(one is other for one, other in zip(again.centres, base.centres, strict=True))


def test_a_lever_at_its_neutral_value_changes_no_byte(reference, base):
    """Computed anew, through every lever of a factor."""
    found = under(
        reference,
        lever("arrivals.multiply", 1.0),
        lever("arrivals.multiply", 1.0, on=CENTRE),
        lever("arrivals.add", 0.0, "persons/month", start="2025-06"),
        lever("stay.multiply", 1.0),
        lever("staff.multiply", 1.0),
        lever("exit_rate.multiply", 1.0),
        lever("capacity.add", 0, "places", on=RECEPTION, start="2026-01"),
        lever("savings.activation_share", 0.25),
    )
    assert found.arrivals is not base.arrivals
    for name, values in arrays(found).items():
        np.testing.assert_array_equal(values, arrays(base)[name], err_msg=name)


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(reference, base):
    parts = ("arrivals", "centres")
    again = prepare_reference("reference", n_paths=N_PATHS, seed=7, parts=parts)
    other = prepare_reference("reference", n_paths=N_PATHS, seed=8, parts=parts)
    for own in (again, other):
        found = project(own, own.scenario)
        same = np.array_equal(found.centres[1].present, base.centres[1].present)
        assert same == (own is again)


def test_every_part_runs_to_the_last_month_of_the_chain(reference, base):
    last = reference.scenario.chain.until
    assert periods_of(base.arrivals)[0] == reference.flow.origin + 1
    for paths in (base.arrivals, base.backlog.backlog, *(each.present for each in base.centres)):
        assert periods_of(paths)[-1] == last
        assert len(paths) == N_PATHS


def test_only_the_parts_asked_for_are_prepared_and_projected():
    steps = []
    own = prepare_reference("reference", n_paths=100, parts=("savings",), on_step=steps.append)
    found = project(own, own.scenario)
    assert steps == ["savings"]
    assert own.flow is None
    assert (found.arrivals, found.targets, found.centres, found.backlog) == (None, (), (), None)
    assert found.savings.gross_eur.mean() > 0
    with pytest.raises(InputError, match="part 'backlog'; expected: some of savings"):
        project(own, own.scenario, parts=("backlog",))
    with pytest.raises(InputError, match="part 'flows'"):
        prepare_reference("reference", parts=("flows",))


def test_a_reference_is_found_from_a_scenario_that_extends_it():
    own = prepare_reference(load_scenario("surge-and-delay"), n_paths=50, parts=("savings",))
    assert own.scenario.id == "reference"
    assert own.scenario.levers == ()


def test_a_forecast_that_is_there_already_is_taken(reference):
    own = prepare_reference("reference", flow=reference.flow, parts=("arrivals", "targets"))
    assert own.n_paths == N_PATHS
    assert project(own, own.scenario).arrivals is reference.flow.paths
    shorter = replace(reference.flow, paths=reference.flow.paths[:, :-1])
    with pytest.raises(InputError, match="2031-11"):
        prepare_reference("reference", flow=shorter, parts=("arrivals",))


@pytest.mark.parametrize("name", sorted({*scenario_names()} - {"reference-fi"}))
def test_every_shipped_scenario_of_the_chain_runs_and_moves_something(reference, base, name):
    scenario = load_scenario(name)
    found = project(reference, scenario)
    before = arrays(base)
    moved = [key for key, each in arrays(found).items() if not np.array_equal(each, before[key])]
    # of low-growth only the caseload moves; a quarter is the share that is configured
    assert bool(moved) == (name not in ("reference", "low-growth", "activation-25"))


# --- Each part is what the part's own engine gives


def assert_proposed(targets, proposals):
    found = {(each.indicator.code, each.point): each for each in targets}
    driven = [each for each in proposals if each.driver == "forecast"]
    assert set(found) == {(each.indicator.code, each.point) for each in driven}
    for proposal in driven:
        own = found[proposal.indicator.code, proposal.point]
        np.testing.assert_array_equal(own.draws, proposal.draws)
        assert own.proposals == proposal.proposals
        assert (own.date, own.published) == (proposal.date, proposal.published)
        assert own.probability == proposal.probability


@pytest.mark.parametrize("factor", [None, 0.7, 3.0])
def test_targets_are_those_of_propose_targets(reference, factor):
    programme, flow = load_programme("si-amif-2021-2027"), reference.flow
    levers = () if factor is None else (lever("arrivals.multiply", factor, start="2026-05"),)
    found = under(reference, *levers, parts=("targets",))
    moved = replace(flow, paths=apply_arrivals(flow.paths, levers))
    proposals = propose_targets(programme, persons_by_month(moved), origin=flow.origin)
    assert_proposed(found.targets, proposals)


def test_targets_under_another_coverage_are_those_of_the_programme_with_it(reference):
    programme, flow = load_programme("si-amif-2021-2027"), reference.flow
    used = {name for formula in reference.targets.formulas.values() for name in formula.names}
    name = next(each for each in programme.inputs if each in used)
    found = under(reference, lever("coverage.multiply", 0.5, on=name), parts=("targets",))
    given = programme.inputs[name]
    halved = given.model_copy(update={"value": given.value / 2})
    changed = programme.model_copy(update={"inputs": {**programme.inputs, name: halved}})
    proposals = propose_targets(changed, persons_by_month(flow), origin=flow.origin)
    for own in found.targets:
        other = next(
            p for p in proposals if (p.indicator.code, p.point) == (own.indicator.code, own.point)
        )
        np.testing.assert_allclose(own.draws, other.draws, rtol=1e-12)
        assert own.proposals == other.proposals


def test_the_backlog_is_that_of_its_engine_on_the_same_paths(reference, base):
    config = load_backlog(
        "si-asylum-backlog", check_only=True, horizon=base.backlog.backlog.sizes["period"]
    )
    flow = reference.flow
    start = config.config.start
    inflow = flow.paths
    if start <= flow.origin:
        inflow = with_observed(flow.paths, flow.series.values[start:])
    else:
        inflow = flow.paths[:, start.ordinal - flow.origin.ordinal - 1 :]
    expected = project_backlog(replace(config.inputs, inflow=inflow))
    for name in OUTPUTS:
        np.testing.assert_array_equal(getattr(base.backlog, name), getattr(expected, name))


def test_savings_are_those_of_their_engine(base):
    expected = run_savings(load_savings("si-p61-full"))
    np.testing.assert_array_equal(base.savings.gross_eur, expected.savings.gross.sum(axis=1))
    np.testing.assert_array_equal(base.savings.net_eur, expected.savings.net.sum(axis=1))
    assert base.savings.cost_eur == 41_500_000
    leaving = 3000 * expected.assumptions.delivery
    np.testing.assert_allclose(base.savings.leaving, leaving)


def test_centres_have_the_moments_and_chances_of_their_groups(reference, base):
    for material, found in zip(reference.centres, base.centres, strict=True):
        horizon = len(material.plan.periods)
        expected = expected_occupancy(material.plan.groups, horizon)
        spread = np.sqrt(expected.variance.to_numpy() / N_PATHS)
        error = np.abs(mean(found.present) - expected.mean.to_numpy())
        assert (error < 4 * spread).all()
        exact = exceedance(material.plan.groups, horizon, capacity=found.capacity).probability
        share = (found.over.to_numpy() > 0).mean(axis=0)
        chance = exact.to_numpy()
        assert (np.abs(share - chance) < 0.01 + 4 * np.sqrt(chance.clip(0.001) / N_PATHS)).all()


def test_nights_and_cost_follow_from_those_present(reference, base):
    for material, found in zip(reference.centres, base.centres, strict=True):
        over = overflow(found.present, found.capacity)
        np.testing.assert_array_equal(found.over, over)
        at_start = max(material.at_start - found.capacity[0], 0)
        np.testing.assert_array_equal(found.nights_over, person_nights(over, initial=at_start))
        price = material.plan.config.cost_eur_per_night
        assert (found.cost_eur is None) == (price is None)
        if price is not None:
            np.testing.assert_array_equal(found.cost_eur, found.nights_over * price)


def test_the_reception_is_fed_by_the_flow_and_starts_with_those_left(reference):
    reception, centre = reference.centres
    assert (reception.fed, centre.fed) == ((True,), (False,))
    paths = reception.plan.groups[0].arrivals.paths
    np.testing.assert_array_equal(paths, reference.flow.paths)
    observed = read_series("asylum-applicants/SI").values
    assert reception.at_start == pytest.approx(
        expected_occupancy(reception.plan.groups, 1).initial.mean()
    )
    assert 0 < reception.at_start < observed.iloc[-24:].sum()


# --- Levers


def test_twice_the_arrivals_are_twice_the_arrivals_on_every_path(reference, base):
    found = under(reference, lever("arrivals.multiply", 2.0))
    np.testing.assert_array_equal(found.arrivals, 2 * base.arrivals)
    assert found.savings is base.savings


def test_a_part_that_no_lever_touches_is_the_object_of_the_reference(reference, base):
    found = under(reference, lever("stay.multiply", 2.0, on=RECEPTION))
    assert found.arrivals is base.arrivals
    assert found.targets is base.targets
    assert found.backlog is base.backlog
    assert centre_of(found, CENTRE) is centre_of(base, CENTRE)
    assert centre_of(found, RECEPTION) is not centre_of(base, RECEPTION)
    found = under(reference, lever("staff.multiply", 2.0))
    assert found.centres[0] is base.centres[0]
    assert found.backlog is not base.backlog
    found = under(reference, lever("capacity.add", 40, "places", on=RECEPTION, start="2027-01"))
    assert found.centres[0].present is base.centres[0].present


def test_the_difference_to_the_reference_is_hardly_noise(reference, base):
    """A hundred persons in one month: as many present as the stay says, on every path."""
    surge = lever("arrivals.surge", 100, "persons", start="2026-01", end="2026-01")
    found = under(reference, surge, parts=("centres",))
    own = centre_of(found, RECEPTION)
    difference = (own.present - centre_of(base, RECEPTION).present).to_numpy()
    reception = reference.centres[0]
    month = (pd.Period("2026-01", "M") - reception.plan.periods[0]).n
    assert not difference[:, :month].any()
    expected = 100 * reception.groups[0].presence[0, month, month:]
    np.testing.assert_allclose(difference.mean(axis=0)[month:], expected, atol=0.5)
    assert np.abs(difference[:, month:] - expected).max() < 15  # of 2,000; two draws differ by 60


def test_a_centre_follows_the_median_of_the_flow(reference, base):
    found = under(reference, lever("arrivals.multiply", 1.5, start="2026-01"), parts=("centres",))
    ratio = mean(centre_of(found, CENTRE).present) / mean(centre_of(base, CENTRE).present)
    periods = reference.centres[1].plan.periods
    assert ratio[: list(periods).index(pd.Period("2026-01", "M"))] == pytest.approx(1, abs=1e-12)
    assert ratio[-24:].mean() == pytest.approx(1.5, abs=0.03)


def test_levers_on_a_centre_leave_the_flow_alone(reference, base):
    found = under(
        reference,
        lever("arrivals.surge", 120, "persons", on=CENTRE, start="2026-01", end="2026-12"),
    )
    assert found.arrivals is base.arrivals
    assert centre_of(found, RECEPTION) is centre_of(base, RECEPTION)
    more = mean(centre_of(found, CENTRE).present) - mean(centre_of(base, CENTRE).present)
    assert more.sum() == pytest.approx(120 * 0.6, rel=0.1)  # by Little's law, a stay of 0.6 months


def test_dispersion_widens_the_paths_and_the_counts_of_a_centre(reference, base):
    found = under(reference, lever("arrivals.dispersion", 1.5), parts=("arrivals",))
    wider, before = (np.log1p(each.arrivals.to_numpy()) for each in (found, base))
    np.testing.assert_allclose(np.median(wider, axis=0), np.median(before, axis=0))
    assert (wider.std(axis=0) > 1.2 * before.std(axis=0)).all()  # none falls below 0
    found = under(reference, lever("arrivals.dispersion", 0.0, on=CENTRE), parts=("centres",))
    spread = centre_of(found, CENTRE).present.to_numpy().var(axis=0).mean()
    assert spread == pytest.approx(12.7, rel=0.1)  # Poisson: the variance is the mean


def test_those_present_at_the_start_keep_their_stay(reference, base):
    longer = under(reference, lever("stay.multiply", 5.0, on=CENTRE), parts=("centres",))
    material = reference.centres[1]
    nobody = under(
        reference,
        lever("stay.multiply", 5.0, on=CENTRE),
        lever("arrivals.multiply", 0.0, on=CENTRE),
        parts=("centres",),
    )
    left = material.groups[0].initial.mean[0]
    error = np.abs(mean(centre_of(nobody, CENTRE).present) - left)
    assert (error < 4 * np.sqrt(left / N_PATHS) + 0.05).all()
    ratio = mean(centre_of(longer, CENTRE).present) / mean(centre_of(base, CENTRE).present)
    assert ratio[-12:].mean() == pytest.approx(5, abs=0.15)


def test_longer_stays_can_end_again(reference, base):
    found = under(
        reference,
        lever("stay.multiply", 2.0, on=CENTRE, start="2026-01", end="2026-12"),
        parts=("centres",),
    )
    ratio = mean(centre_of(found, CENTRE).present) / mean(centre_of(base, CENTRE).present)
    years = np.asarray(reference.centres[1].plan.periods.year)
    assert ratio[years == 2025] == pytest.approx(1, abs=1e-12)
    assert ratio[years == 2026][3:].mean() == pytest.approx(2, abs=0.1)
    assert ratio[years == 2030].mean() == pytest.approx(1, abs=0.01)


def test_places_are_added_from_their_month_on_and_steps_come_later(reference, base):
    found = under(
        reference,
        lever("capacity.delay", 24, "months", on=CENTRE),
        lever("capacity.add", 10, "places", on=CENTRE, start="2026-01"),
    )
    own = centre_of(found, CENTRE)
    places = pd.Series(own.capacity, reference.centres[1].plan.periods)
    assert places["2025-12"] == 60
    assert places["2026-01"] == 70
    assert places["2031-11"] == 70
    assert places["2031-12"] == 130
    assert centre_of(base, CENTRE).capacity[-25] == 120
    assert own.present is centre_of(base, CENTRE).present


def test_more_staff_and_a_higher_exit_rate_shorten_the_queue(reference, base):
    for own in (lever("staff.multiply", 3.0), lever("exit_rate.multiply", 1.5)):
        found = under(reference, own, parts=("backlog",)).backlog
        assert (found.backlog <= base.backlog.backlog + 1e-9).all()
    first = reference.flow.origin + 1
    moved = under(reference, lever("staff.multiply", 3.0), parts=("backlog",)).backlog
    observed = periods_of(moved.backlog) < first
    np.testing.assert_array_equal(
        moved.backlog.to_numpy()[:, observed], base.backlog.backlog.to_numpy()[:, observed]
    )


def test_another_model_gives_its_own_paths(reference, base):
    found = under(reference, lever("model.flow", "theta-log"), parts=("arrivals", "targets"))
    assert found.arrivals.shape == base.arrivals.shape
    assert not np.allclose(mean(found.arrivals), mean(base.arrivals), rtol=0.01)


def test_activation_scales_the_savings_and_deadweight_the_net_ones(reference, base):
    found = under(reference, lever("savings.activation_share", 0.35), parts=("savings",)).savings
    np.testing.assert_allclose(found.gross_eur, base.savings.gross_eur * 0.35 / 0.25)
    np.testing.assert_allclose(found.leaving, base.savings.leaving * 1.4)
    assert found.cost_eur == base.savings.cost_eur
    found = under(
        reference, lever("savings.included_persons", 6000, "persons"), parts=("savings",)
    ).savings
    np.testing.assert_allclose(found.net_eur, base.savings.net_eur / 2)
    found = under(reference, lever("savings.deadweight", 0.3), parts=("savings",)).savings
    expected = run_savings(load_savings("si-p61-full", deadweight=0.3))
    np.testing.assert_allclose(found.net_eur, expected.savings.net.sum(axis=1), rtol=1e-9)
    np.testing.assert_array_equal(found.gross_eur, base.savings.gross_eur)


# --- What cannot be


@pytest.mark.parametrize(
    ("own", "message"),
    [
        (lever("capacity.delay", 12, "months", on=RECEPTION), "the same in all months"),
        (
            lever("capacity.add", -60, "places", on=CENTRE, start="2026-01"),
            "0 places in 2026-01",
        ),
        (lever("exit_rate.multiply", 20), "exit rate 5.34; expected: a hazard"),
        (lever("staff.multiply", 0.0), "capacity 0 in 2031-12, the last month"),
    ],
)
def test_what_a_lever_asks_for_and_cannot_be_is_said(reference, own, message):
    with pytest.raises(InputError, match=message):
        under(reference, own)


def test_a_scenario_of_another_chain_is_refused(reference):
    chain = reference.scenario.chain.model_copy(update={"backlog": None})
    other = replace(reference.scenario, id="other", chain=chain)
    with pytest.raises(InputError, match="scenario other of another chain"):
        project(reference, other)


def test_a_chain_that_ends_before_its_targets_are_due_is_refused(reference):
    root = reference.scenario
    short = root.chain.model_copy(update={"until": pd.Period("2028-12", "M")})
    with pytest.raises(InputError, match=r"a chain until 2028-12; expected: 2029-12 or later"):
        prepare_reference(replace(root, chain=short), n_paths=50, parts=("targets",))


# --- Many at once


def test_threads_share_a_reference(reference):
    def total(factor):
        found = under(reference, lever("arrivals.multiply", factor), parts=("arrivals", "backlog"))
        return float(found.arrivals.sum()), float(found.backlog.backlog.sum())

    factors = [1 + place / 10 for place in range(12)] * 3
    alone = [total(factor) for factor in factors[:12]]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(total, factors))
    assert together == alone * 3


def test_no_more_results_are_kept_than_a_few(reference):
    for place in range(2 * _KEPT):
        under(reference, lever("arrivals.multiply", 3 + place / 10), parts=("arrivals",))
    assert len(reference.kept["arrivals"]) == _KEPT
