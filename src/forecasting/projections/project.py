"""The chain under a scenario: only what its levers move is computed anew."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass

import xarray as xr

from forecasting.distributions import Distribution
from forecasting.errors import InputError
from forecasting.forecasts import Forecast
from forecasting.projections.backlog import project_waiting
from forecasting.projections.caseload import Caseload, project_caseload
from forecasting.projections.centres import CentreMaterial, hold_against_places, project_present
from forecasting.projections.flow import forecast_flow
from forecasting.projections.projection import (
    CentreProjection,
    Projection,
    SavingsTotals,
    TargetProjection,
)
from forecasting.projections.reference import Reference, check_parts
from forecasting.projections.savings import project_totals
from forecasting.projections.targets import coverage_levers, project_targets
from forecasting.scenarios import Lever, Scenario, apply_arrivals, levers_on
from forecasting.stocks.backlog import BacklogResult


def project(
    reference: Reference, scenario: Scenario, *, parts: Collection[str] | None = None
) -> Projection:
    """Run the chain under a scenario, on the random numbers of its reference.

    Path i of a scenario belongs to path i of the reference. A part that no lever touches is the
    very object that the reference has, so the difference to it is exactly 0.

    Parameters
    ----------
    reference : Reference
        From `prepare_reference`.
    scenario : Scenario
        Of the same chain; the reference itself for the projection without levers.
    parts : collection of str, optional
        Of those prepared; default: all of them.

    Returns
    -------
    Projection

    Raises
    ------
    InputError
        If the scenario has another chain, a part was not prepared, or what a lever asks for cannot
        be.
    """
    if scenario.chain != reference.scenario.chain:
        raise InputError(
            f"scenario {scenario.id} of another chain",
            where=f"reference {reference.scenario.id}",
            expected=f"a scenario that extends {reference.scenario.id}",
        )
    wanted = reference.parts if parts is None else parts
    check_parts(wanted, reference.parts)
    run = _Run(reference, scenario)
    caseload = run.caseload() if "caseload" in wanted else None
    return Projection(
        scenario=scenario,
        arrivals=run.arrivals() if "arrivals" in wanted else None,
        targets=run.targets() if "targets" in wanted else (),
        centres=run.centres() if "centres" in wanted else (),
        backlog=run.backlog() if "backlog" in wanted else None,
        recipients=None if caseload is None else caseload.recipients,
        expenditure=None if caseload is None else caseload.expenditure,
        savings=run.savings() if "savings" in wanted else None,
    )


@dataclass(frozen=True, eq=False)
class _Run:
    """One scenario; every part is looked up by the levers that move it."""

    reference: Reference
    scenario: Scenario

    def arrivals(self) -> xr.DataArray | None:
        flow, levers = self.reference.flow, self._on_flow()
        if flow is None or not levers:
            return None if flow is None else flow.paths
        return self.reference.kept["arrivals"].get(_key(levers), lambda: self._moved(flow))

    def targets(self) -> tuple[TargetProjection, ...]:
        material, paths = self.reference.targets, self.arrivals()
        if material is None or paths is None:
            return ()
        levers = coverage_levers(self.scenario, material)
        key = _key(self._on_flow()), tuple((name, _key(own)) for name, own in levers.items())
        return self.reference.kept["targets"].get(
            key, lambda: project_targets(material, paths, levers)
        )

    def centres(self) -> tuple[CentreProjection, ...]:
        return tuple(map(self._centre, self.reference.centres))

    def backlog(self) -> BacklogResult | None:
        material, flow = self.reference.backlog, self.reference.flow
        if material is None:
            return None
        levers = {target: levers_on(self.scenario, target) for target in ("staff", "exit_rate")}
        paths = self.arrivals() if material.fed else None
        key = _key(self._on_flow() if material.fed else ()), _keys(levers)
        return self.reference.kept["backlog"].get(
            key, lambda: project_waiting(material, flow, paths, levers)
        )

    def caseload(self) -> Caseload | None:
        material = self.reference.caseload
        if material is None:
            return None
        levers = {
            target: levers_on(self.scenario, target)
            for target in ("unemployment", "minimum_income")
        }
        return self.reference.kept["caseload"].get(
            _keys(levers), lambda: project_caseload(material, levers)
        )

    def savings(self) -> SavingsTotals | None:
        material = self.reference.savings
        if material is None:
            return None
        levers = levers_on(self.scenario, "savings")
        return self.reference.kept["savings"].get(
            _key(levers), lambda: project_totals(material, levers)
        )

    def _on_flow(self) -> tuple[Lever, ...]:
        flow = self.scenario.chain.flow
        if flow is None:
            return ()
        model = levers_on(self.scenario, "model")[-1:]  # the last one holds
        return model + levers_on(self.scenario, "arrivals", flow)

    def _moved(self, flow: Forecast) -> xr.DataArray:
        levers = self._on_flow()
        if levers[0].kind.target == "model":
            name, until = flow.series.series_id, self.scenario.chain.until
            model, levers = str(levers[0].value), levers[1:]
            flow = self.reference.kept["model"].get(
                model, lambda: forecast_flow(name, until, self.reference.drawing, model=model)
            )
        return apply_arrivals(flow.paths, levers, seed=self.reference.seed)

    def _centre(self, material: CentreMaterial) -> CentreProjection:
        flow, name = self.reference.flow, material.name
        paths = self.arrivals() if material.depends_on_flow else None
        levers = {target: levers_on(self.scenario, target, name) for target in ("arrivals", "stay")}
        places = levers_on(self.scenario, "capacity", name)
        moved = _key(self._on_flow() if material.depends_on_flow else ()), _keys(levers)
        present = self.reference.kept[f"present in {name}"].get(
            moved, lambda: project_present(material, flow, paths, levers)
        )
        return self.reference.kept[f"centre {name}"].get(
            (moved, _key(places)), lambda: hold_against_places(material, present, places)
        )


def _keys(levers: dict[str, tuple[Lever, ...]]) -> Hashable:
    return tuple(_key(own) for own in levers.values())


def _key(levers: Sequence[Lever]) -> Hashable:
    """What of some levers decides over the result; a label only where values are drawn."""
    return tuple(
        (
            lever.lever,
            lever.value,
            lever.start,
            lever.end,
            lever.shape,
            lever.half_life_months,
            lever.label if isinstance(lever.value, Distribution) else "",
        )
        for lever in levers
    )
