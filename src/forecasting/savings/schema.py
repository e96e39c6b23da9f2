"""The keys of a configuration for `forecasting savings`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt, StrictStr

from forecasting.distributions import Uncertain
from forecasting.schemas import Month, Number, Strict
from forecasting.stocks.config_file import Localised

Assumption = Uncertain | Literal["prior"]
"""A number, a distribution, or the entry of ``data/parameters/activation.yaml`` of that name."""


Euros = Annotated[Number, Field(ge=0, allow_inf_nan=False)]


class Amount(Strict):
    """A monthly amount with its date and source."""

    value: Euros
    valid_from: Month | None = None
    source: StrictStr = ""


class CohortSource(Strict):
    """Persons who leave in a period; see `forecasting.savings.cohorts.Cohort`."""

    label: StrictStr = Field(min_length=1)
    start_month: StrictInt = Field(ge=1)
    end_month: StrictInt = Field(ge=1)
    persons: StrictInt = Field(ge=0)
    months_counted: StrictInt = Field(ge=1)
    monthly_amount_eur: Amount | Euros


class ConventionSource(Strict):
    """How exits and their savings are counted."""

    exit_timing: Literal["period_start", "uniform"] = "period_start"
    carry_over: StrictBool = False


class RelapseSource(Strict):
    """A rate a month, or a share that has come back within some months."""

    monthly_rate: Assumption | None = None
    share_within: Assumption | None = None
    months: Assumption | None = None
    permanent_share: Assumption | None = None


class EffectLagSource(Strict):
    """Months after the exit until the net effect begins, and until all of it is there."""

    zero_months: Assumption
    full_months: Assumption


class InBriefing(Strict):
    """What a briefing for the country shows beside these savings, and from when on.

    Attributes
    ----------
    published : str
        Configuration of the sum that was published.
    reported : pandas.Period
        Month of its report: before it nothing was known.
    """

    published: StrictStr
    reported: Month


class SavingsConfig(Strict):
    """The keys of a configuration for `forecasting savings`."""

    name: StrictStr = ""
    title: Localised | None = None
    geo: StrictStr = ""
    in_briefing: InBriefing | None = None
    horizon_months: StrictInt = Field(ge=1, le=360)
    cohorts: tuple[CohortSource, ...] = Field(min_length=1)
    included_persons: StrictInt | None = Field(default=None, ge=0)
    convention: ConventionSource = ConventionSource()
    delivery: Assumption = 1
    deadweight: Assumption = 0
    substitution: Assumption = 0
    displacement: Assumption = 0
    relapse: Literal["none", "prior"] | RelapseSource = "none"
    effect_lag: Literal["none", "prior"] | EffectLagSource = "none"
    indexation: Assumption = 0
    discount: Assumption = 0
    programme_cost_eur: Euros
    paths: StrictInt = Field(default=20_000, ge=1, le=100_000)
    seed: StrictInt = Field(default=1, ge=0)
    source: Localised | StrictStr = ""
    note: Localised | None = None
