"""What drives an indicator that is not driven by the forecast: the key `driven_by`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, StrictStr, model_validator
from pydantic_core import PydanticCustomError

from forecasting.programmes.parts import LocalisedText
from forecasting.schemas import Strict

DriverKind = Literal["forecast", "plan", "rate", "pace", "commitment"]


class PlanDriver(Strict):
    """A plan quantity of which a share is delivered.

    `delivery` is an entry of ``data/parameters/plan_delivery.yaml``; `reached`: a formula over the
    inputs, what stands already and is not at risk.
    """

    delivery: StrictStr = "share_delivered"
    reached: StrictStr | None = None


class RateDriver(Strict):
    """A rate applied to another indicator, or the value itself where it is a share of no indicator.

    `share` are formulas over the inputs: one, or the two ends between which the rate lies; none:
    the published value. `held` is an entry of ``data/parameters/plan_delivery.yaml``.
    """

    of: StrictStr | None = None
    share: tuple[StrictStr, ...] = Field(default=(), max_length=2)
    held: StrictStr = "rate_held"


class PaceDriver(Strict):
    """A number a year that goes on from the start of counting; `per_year` as `RateDriver.share`."""

    per_year: tuple[StrictStr, ...] = Field(min_length=1, max_length=2)
    held: StrictStr = "pace_held"


class DrivenBy(Strict):
    """What drives an indicator; exactly one form is given.

    A `commitment` is a formula over the inputs: a fixed number, which is kept or not.
    """

    plan: PlanDriver | None = None
    rate: RateDriver | None = None
    pace: PaceDriver | None = None
    commitment: StrictStr | None = None
    note: LocalisedText | None = None

    @model_validator(mode="after")
    def _one_form(self) -> DrivenBy:
        given = [name for name in FORMS if getattr(self, name) is not None]
        if len(given) != 1:
            found, expected = " and ".join(given) or "no form", f"one of {', '.join(FORMS)}"
            raise PydanticCustomError(
                "stated",
                "found {found}; expected: {expected}",
                {"found": found, "expected": expected},
            )
        return self

    @property
    def kind(self) -> DriverKind:
        """Which form is given."""
        return next(name for name in FORMS if getattr(self, name) is not None)


FORMS: tuple[Literal["plan", "rate", "pace", "commitment"], ...] = (
    "plan", "rate", "pace", "commitment",
)  # fmt: skip
BY_PLAN = DrivenBy(plan=PlanDriver())
"""What drives an indicator with a numeric target and without the key."""
