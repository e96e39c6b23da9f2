"""What every scenario of a chain shares: forecasts, draws and configurations, prepared once."""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

from forecasting.errors import InputError
from forecasting.forecasts import Forecast
from forecasting.paths import periods_of
from forecasting.periods import format_period
from forecasting.projections.backlog import BacklogMaterial, prepare_backlog
from forecasting.projections.caseload import CaseloadMaterial, prepare_caseload
from forecasting.projections.centres import CentreMaterial, prepare_centre
from forecasting.projections.draws import Drawing
from forecasting.projections.flow import forecast_flow
from forecasting.projections.projection import PARTS
from forecasting.projections.savings import SavingsMaterial, prepare_savings
from forecasting.projections.selection import root_of
from forecasting.projections.targets import TargetMaterial, prepare_targets
from forecasting.scenarios import Chain, Scenario, load_scenario

_KEPT = 8
"""Results of a part that are kept."""

_Result = TypeVar("_Result")


class Kept:
    """The last results of one part, by what they depend on; threads may share it."""

    def __init__(self) -> None:
        self._results: OrderedDict[Hashable, object] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._results)

    def get(self, key: Hashable, make: Callable[[], _Result]) -> _Result:
        """Return the result of a key, made where it is not there yet."""
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return cast("_Result", self._results[key])
        made = make()
        with self._lock:
            made = cast("_Result", self._results.setdefault(key, made))
            if len(self._results) > _KEPT:
                self._results.popitem(last=False)
        return made


@dataclass(frozen=True, eq=False)
class Reference:
    """A chain prepared for `project`.

    Attributes
    ----------
    scenario : Scenario
        The root: a scenario without parents.
    drawing : Drawing
    parts : tuple of str
        What is prepared; see `PARTS`.
    flow : Forecast or None
        Of the flow, to the last month of the chain.
    targets : TargetMaterial or None
    centres : tuple of CentreMaterial
    backlog : BacklogMaterial or None
    caseload : CaseloadMaterial or None
    savings : SavingsMaterial or None
    """

    scenario: Scenario
    drawing: Drawing
    parts: tuple[str, ...]
    flow: Forecast | None
    targets: TargetMaterial | None
    centres: tuple[CentreMaterial, ...]
    backlog: BacklogMaterial | None
    caseload: CaseloadMaterial | None
    savings: SavingsMaterial | None
    kept: Mapping[str, Kept] = field(default_factory=lambda: defaultdict(Kept), repr=False)

    @property
    def n_paths(self) -> int:
        """Number of joint sample paths."""
        return self.drawing.n_paths

    @property
    def seed(self) -> int:
        """Of all random numbers."""
        return self.drawing.seed


def prepare_reference(
    scenario: Scenario | str = "reference",
    *,
    n_paths: int = 2000,
    seed: int = 1,
    parts: Collection[str] = PARTS,
    on_step: Callable[[str], None] | None = None,
    flow: Forecast | None = None,
) -> Reference:
    """Prepare what all scenarios of a chain share.

    Parameters
    ----------
    scenario : Scenario or str
        A reference, or a scenario: the reference it comes from is prepared.
    n_paths : int
        Joint sample paths.
    seed : int
        Same seed, same paths.
    parts : collection of str
        Of `PARTS`; the flow is forecast for any of the first four.
    on_step : callable, optional
        Called with the name of each part before it is prepared.
    flow : Forecast, optional
        A forecast of the flow of the chain to its last month, taken as it is in place of a new one;
        its paths are those of the reference.

    Returns
    -------
    Reference

    Raises
    ------
    InputError
        If a part is not known, or something the chain names cannot be used.
    ModelError
        If no model can be fitted.
    """
    check_parts(parts)
    chosen = load_scenario(scenario) if isinstance(scenario, str) else scenario
    root = root_of(chosen)
    chain = root.chain
    if flow is not None:
        n_paths = _checked(flow, chain).paths.sizes["path"]
    drawing = Drawing(n_paths, seed)
    wanted = tuple(part for part in PARTS if part in parts)

    def step(part: str) -> bool:
        if part in wanted and on_step is not None:
            on_step(part)
        return part in wanted

    if (
        flow is None
        and chain.flow is not None
        and set(wanted) & {"arrivals", "targets", "centres", "backlog"}
    ):
        step("arrivals")
        flow = forecast_flow(chain.flow, chain.until, drawing)
    return Reference(
        scenario=root,
        drawing=drawing,
        parts=wanted,
        flow=flow,
        targets=prepare_targets(chain.programme, flow) if step("targets") else None,
        centres=tuple(prepare_centre(each, chain.until, flow, drawing) for each in chain.centres)
        if step("centres")
        else (),
        backlog=prepare_backlog(chain.backlog, chain.until, flow, drawing)
        if step("backlog")
        else None,
        caseload=prepare_caseload(chain.caseload, chain.until, drawing)
        if step("caseload")
        else None,
        savings=prepare_savings(chain.savings, seed) if step("savings") else None,
    )


def check_parts(parts: Collection[str], known: Collection[str] = PARTS) -> None:
    """Refuse a part that is not known, or not prepared.

    Raises
    ------
    InputError
        Naming it.
    """
    unknown = [part for part in parts if part not in known]
    if unknown or isinstance(parts, str):
        raise InputError(
            f"part '{unknown[0] if unknown else parts}'", expected=f"some of {', '.join(known)}"
        )


def _checked(flow: Forecast, chain: Chain) -> Forecast:
    """Refuse a forecast of another series, or to another month."""
    last = periods_of(flow.paths)[-1]
    if flow.series.series_id != chain.flow or last != chain.until:
        raise InputError(
            f"a forecast of {flow.series.series_id} to {format_period(last)}",
            expected=f"{chain.flow} to {format_period(chain.until)}, as the chain has it",
        )
    return flow
