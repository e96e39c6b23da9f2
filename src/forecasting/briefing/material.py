"""Everything a briefing quotes, gathered once: the numbers behind sentences, charts and tables."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from forecasting.archive.benchmarks import ratio_to_benchmark
from forecasting.archive.former import NO_FORMER_RUNS, FormerRuns
from forecasting.briefing.pages.scenario_material import ScenarioMaterial
from forecasting.forecasts import Forecast
from forecasting.forecasts.outturn import (
    Outturn,
    PastForecast,
    compare_outturns,
    score_past,
)
from forecasting.forecasts.summary import (
    ForecastSummary,
    Pace,
    YearTotal,
    pace_ahead,
    summarise,
)
from forecasting.languages import Language
from forecasting.paths import periods_of
from forecasting.periods import last_second, parse_month
from forecasting.programmes.catalogue import Programme
from forecasting.programmes.proposals import HEADLINE_PROBABILITY, Proposal
from forecasting.programmes.reliability import (
    Attainment,
    GrowthRange,
    read_attainment,
    read_growth,
    tested_for,
)
from forecasting.series import RegularSeries
from forecasting.series.breaks import SHORTEST, Break, find_breaks
from forecasting.series.revisions import known_revisions, summarise_revisions
from forecasting.sources.reference import Dataset, find_dataset

ATTAINMENT_LEVEL = 0.9
"""Level of the interval that `Attainment` gives for the share of targets met."""

OUTTURN_DATASETS = {"SI": "ministry-applications"}
"""Counts of a ministry by country, to be held beside the figures of Eurostat."""


@dataclass(frozen=True)
class TargetMaterial:
    """A programme and what was proposed for it.

    Attributes
    ----------
    programme : Programme
    proposals : tuple of Proposal
    probability : float
        At which the first page proposes a target; among those of every proposal.
    """

    programme: Programme
    proposals: tuple[Proposal, ...]
    probability: float = HEADLINE_PROBABILITY

    @property
    def headline(self) -> Proposal:
        """Target of the indicator the first page is about."""
        return next(
            proposal
            for proposal in self.proposals
            if proposal.indicator.code == self.programme.headline and proposal.point == "target"
        )

    @property
    def shown(self) -> tuple[Proposal, ...]:
        """Those whose calculation is shown: of the programme's choice, or all."""
        chosen = self.programme.in_briefing
        return tuple(p for p in self.proposals if not chosen or p.indicator.code in chosen)


@dataclass(frozen=True)
class PastRevisions:
    """How figures as young as the last one were revised later.

    Attributes
    ----------
    age_months : int
        Months from the last figure to the table it stands in.
    years : str
        Of the tables in which they stood: ``2024``.
    cases : int
        Figures of that age.
    revised : float
        Share of them that was revised.
    upwards : float
        Share of those revised that became higher.
    """

    age_months: int
    years: str
    cases: int
    revised: float
    upwards: float


@dataclass(frozen=True)
class Material:
    """The numbers of one briefing.

    Attributes
    ----------
    language : Language
        Of every word.
    geo : str
        Country.
    result : Forecast
        Observations and joint sample paths.
    summary : ForecastSummary
        Views of them.
    dataset : Dataset
        Where the observations come from, as they were known.
    targets : TargetMaterial or None
        None where no programme is held for the country.
    attainment : tuple of Attainment
        Tested reliability of the target rule.
    growth : GrowthRange
        How far counts have moved over windows as long as the forecast.
    outturns : tuple of Outturn
        Counts of another source.
    past : PastForecast
        Forecast of the same pool a year before, held against the counts since.
    past_ratio : float or None
        Its mean CRPS over that of the random walk at the same origin, below 1 is better; None
        where the walk was exact.
    former : FormerRuns
        Forecasts of the archive from before this one.
    breaks : tuple of Break or None
        Abrupt changes in the observations; None where the series is too short to tell.
    revisions : PastRevisions or None
        None where the last figure is not of an age at which it may still be revised.
    as_of : pandas.Period or None
        Month as of which the briefing is written; None: everything held.
    seed : int
    run_id : str
        Empty outside a run.
    probability : float
        At which a target is proposed and its reliability is quoted.
    scenarios : ScenarioMaterial or None
        None where no reference is held for the country.
    """

    language: Language
    geo: str
    result: Forecast
    summary: ForecastSummary
    dataset: Dataset
    targets: TargetMaterial | None
    attainment: tuple[Attainment, ...]
    growth: GrowthRange
    outturns: tuple[Outturn, ...]
    past: PastForecast
    past_ratio: float | None
    former: FormerRuns
    breaks: tuple[Break, ...] | None
    revisions: PastRevisions | None
    as_of: pd.Period | None
    seed: int
    run_id: str
    probability: float = HEADLINE_PROBABILITY
    scenarios: ScenarioMaterial | None = None

    @property
    def n_paths(self) -> int:
        """Number of joint sample paths."""
        return int(self.result.paths.sizes["path"])

    @property
    def end(self) -> pd.Period:
        """Last month of the paths."""
        return periods_of(self.result.paths)[-1]

    @property
    def data_date(self) -> dt.date:
        """Day on which the data stood as they are used: the as-of month's end or the vintage."""
        if self.as_of is None:
            return self.dataset.as_of
        return min(self.as_of.end_time.date(), self.dataset.as_of)

    @property
    def is_vintage_then(self) -> bool:
        """Whether the figures are the vintage held at the as-of month's end."""
        then = self.as_of is not None and self.dataset.as_of <= self.as_of.end_time.date()
        return bool(self.dataset.held) and then

    @property
    def next_year(self) -> YearTotal:
        """First calendar year that is forecast as a whole."""
        return next(year for year in self.summary.years if year.observed_months == 0)

    @property
    def n_months(self) -> int:
        """Months that are forecast."""
        return int(self.result.paths.sizes["period"])

    @property
    def growth_ahead(self) -> Pace:
        """Pace of the paths over the window of the reference class."""
        return pace_ahead(self.result, self.growth.window_months)

    @property
    def tested(self) -> Attainment:
        """Tested reliability for the months still to be counted, at the nearest tested probability.

        Of two as near, the higher one.
        """
        tested = {entry.probability for entry in self.attainment}
        nearest = min(tested, key=lambda each: (round(abs(each - self.probability), 6), -each))
        return tested_for(list(self.attainment), nearest, self.n_months)


@dataclass(frozen=True)
class BriefingOptions:
    """What a briefing is asked for.

    Attributes
    ----------
    geo : str
        Country, by Eurostat's code.
    language : str
        Language code.
    as_of : str
        Month, or empty for everything held.
    seed : int
        Seed of the paths.
    run_id : str
        Empty outside a run.
    probability : float
        Attainment probability of the targets that the first page proposes, in (0, 1).
    """

    geo: str
    language: str = "en"
    as_of: str = ""
    seed: int = 1
    run_id: str = ""
    probability: float = HEADLINE_PROBABILITY


def gather(
    result: Forecast,
    past: Forecast,
    options: BriefingOptions,
    *,
    targets: TargetMaterial | None = None,
    scenarios: ScenarioMaterial | None = None,
    former: FormerRuns = NO_FORMER_RUNS,
) -> Material:
    """Gather the numbers of a briefing from forecasts and the proposals made from them."""
    as_of = parse_month(options.as_of, where="as-of") if options.as_of else None
    outturns = (
        compare_outturns(result, OUTTURN_DATASETS[options.geo], options.geo, as_of=as_of)
        if options.geo in OUTTURN_DATASETS
        else []
    )
    series = result.series
    known_by = last_second(as_of) if as_of is not None else None
    dataset = find_dataset(series.series_id.split("/")[0], known_by)
    return Material(
        language=Language(options.language),
        geo=options.geo,
        result=result,
        summary=summarise(result),
        dataset=dataset,
        targets=targets,
        attainment=tuple(read_attainment()),
        growth=read_growth(result.paths.sizes["period"]),
        outturns=tuple(outturns),
        past=score_past(past, series.values),
        past_ratio=ratio_to_benchmark(past, series.values, seed=options.seed),
        former=former,
        breaks=find_breaks(series) if len(series.values) >= SHORTEST else None,
        revisions=_past_revisions(series, dataset.name) if dataset.revisions else None,
        as_of=as_of,
        seed=options.seed,
        run_id=options.run_id,
        probability=options.probability,
        scenarios=scenarios,
    )


def _past_revisions(series: RegularSeries, dataset: str) -> PastRevisions | None:
    if series.vintage is None:
        return None
    age = int(pd.Period(series.vintage, "M").ordinal - series.origin.ordinal)
    revisions = known_revisions(dataset)
    table = summarise_revisions(revisions)
    found = table[(table["geo"] == "all") & (table["age_months"] == age)]
    if found.empty:  # older than revisions go back
        return None
    ratios = revisions.log_ratios[age].dropna()
    years = sorted({str(month)[:4] for month in ratios.index.get_level_values("vintage")})
    return PastRevisions(
        age_months=age,
        years="–".join(dict.fromkeys((years[0], years[-1]))),
        cases=int(found["cases"].iloc[0]),
        revised=float(found["revised"].iloc[0]),
        upwards=float((ratios[ratios != 0] > 0).mean()),
    )
