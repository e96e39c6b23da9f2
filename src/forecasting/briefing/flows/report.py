"""The report on one flow, section by section: what each step of the notebook shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version

from forecasting.briefing.blocks import Block, Document, Heading, Messages, Paragraph
from forecasting.briefing.flows import figures, tables, texts
from forecasting.briefing.flows.record import POOL, Record, target_record
from forecasting.briefing.flows.words import FlowWords
from forecasting.errors import InputError
from forecasting.evaluation.backtest import BENCHMARKS, Backtest
from forecasting.evaluation.target_backtest import TargetBacktest
from forecasting.forecasts import Forecast
from forecasting.forecasts.summary import span_estimate
from forecasting.languages import Language
from forecasting.periods import last_second, parse_month
from forecasting.series import RegularSeries
from forecasting.series.breaks import Break
from forecasting.sources.reference import Dataset, find_dataset


@dataclass(frozen=True)
class FlowReport:
    """The report on one monthly flow of the reference data.

    Each method returns the blocks of one section, finished words and drawings in one language.

    Parameters
    ----------
    series : RegularSeries
        As `forecasting.read_series` returns it for a name such as ``asylum-applicants/SI``.
    geo : str
        Country, by Eurostat's code.
    language : str
        Language code.
    as_of : str
        Month of the state of knowledge, or empty for everything held.

    Raises
    ------
    InputError
        If the series is not a monthly flow, its data set is not held, or there is no such language.
    """

    series: RegularSeries
    geo: str
    language: str = "en"
    as_of: str = ""

    def __post_init__(self) -> None:
        if self.series.kind != "flow" or self.series.frequency != "M":
            raise InputError(
                f"a {self.series.kind} of frequency {self.series.frequency}",
                where=self.series.series_id,
                expected="a monthly flow",
            )
        self._dataset  # noqa: B018 - refused if there is none of that name
        Language(self.language)

    @cached_property
    def _dataset(self) -> Dataset:
        month = parse_month(self.as_of, where="as-of") if self.as_of else None
        name = self.series.series_id.split("/")[0]
        return find_dataset(name, last_second(month) if month is not None else None)

    @cached_property
    def _words(self) -> FlowWords:
        return FlowWords(Language(self.language))

    def head(self, result: Forecast) -> Document:
        """Return title, date and foot of the report."""
        language, counts = self._words.language, self._words.counts
        dataset = self._dataset
        year = span_estimate(result, result.origin + 1, result.origin + 12)
        day = dataset.as_of
        if self.as_of:
            day = min(day, parse_month(self.as_of, where="as-of").end_time.date())
        date = language.gettext("Data as of {date}").format(date=language.date(day))
        title = language.gettext(
            "{geo}: {median} asylum applicants forecast for the next twelve months"
        )
        subtitle = language.gettext(
            "{share} of the paths lie between {lower} and {upper}. Counted up to {origin}."
        )
        return Document(
            language=self.language,
            title=title.format(geo=language.territory(self.geo), median=counts.about(year.median)),
            subtitle=subtitle.format(
                share=language.percent(0.8),
                lower=counts.about(year.lower),
                upper=counts.about(year.upper),
                origin=language.month(result.origin),
            ),
            kind=language.gettext("Asylum flows"),
            date=date,
            footer=f"{date} · forecasting {version('forecasting')}",
            data_date=day.isoformat(),
            author="forecasting",
            keywords=(self.geo, dataset.dataset),
        )

    def data(self, found: Sequence[Break]) -> tuple[Block, ...]:
        """Show the observations, the breaks in them, and what is known of later revisions.

        Parameters
        ----------
        found : sequence of Break
            See `forecasting.find_breaks`.
        """
        words, dataset = self._words, self._dataset
        blocks: list[Block] = [
            Heading(words.language.gettext("Data and breaks")),
            Paragraph(texts.data_text(self.series, dataset, self.as_of, words)),
            figures.history_figure(self.series, found, self.geo, words),
        ]
        if not found:
            text = words.language.gettext("No abrupt change was found; nothing has to be done.")
            return (*blocks, Paragraph(text))
        return (
            *blocks,
            tables.breaks_table(found, words),
            tables.treatments_table(self.series, found, words),
        )

    def members(self, tested: Backtest) -> tuple[Block, ...]:
        """Show the pool and its members against benchmarks at past origins.

        Parameters
        ----------
        tested : Backtest
            Of this series, with the pool, its members and the benchmarks; see
            `forecasting.backtest`.
        """
        words, record = self._words, Record.of(tested)
        return (
            Heading(words.language.gettext("Members and their record")),
            Paragraph(texts.members_text(record, words)),
            figures.members_figure(record, words),
            *[tables.members_table(record, months, words) for months in record.years[:2]],
        )

    def calibration(self, tested: Backtest) -> tuple[Block, ...]:
        """Show whether the intervals of the pool held what they promise."""
        words, record = self._words, Record.of(tested)
        return (
            Heading(words.language.gettext("Calibration")),
            Paragraph(texts.calibration_text(record, words)),
            figures.coverage_figure(record, words),
            Paragraph(texts.coverage_text(record, words)),
            figures.ranks_figure(record, words),
            Paragraph(texts.ranks_text(record, words)),
        )

    def forecast(self, result: Forecast) -> tuple[Block, ...]:
        """Show the forecast: bands, totals, and the members it came from."""
        words = self._words
        return (
            Heading(words.language.gettext("Forecast")),
            Paragraph(texts.forecast_text(result, words)),
            figures.fan_figure(result, words),
            tables.totals_table(result, words),
            Paragraph(texts.paths_text(result, words)),
        )

    def skill(self, tested: Backtest) -> tuple[Block, ...]:
        """Show the pool against each benchmark, and say where it does not beat it."""
        words, record = self._words, Record.of(tested)
        standings = [
            record.standing(POOL, name, months) for name in BENCHMARKS for months in record.years
        ]
        unbeaten = [words.unbeaten(each) for each in standings if each.ratio >= 1]
        last = words.language.gettext(
            "One country has few independent cases. The members were chosen on ten countries and "
            "on series of other kinds, not on this one alone."
        )
        return (
            Heading(words.language.gettext("Against the benchmarks")),
            tables.skill_table(standings, words),
            Messages(
                words.language.gettext("What this says"),
                [*unbeaten, words.beaten(standings), last],
            ),
        )

    def targets(self, tested: TargetBacktest) -> tuple[Block, ...]:
        """Show how targets set at past origins would have fared.

        Parameters
        ----------
        tested : TargetBacktest
            Of this series; see `forecasting.target_backtest`.
        """
        words, cases = self._words, tested.cases
        rule = target_record(cases, column="met", target="target")
        practice = target_record(cases, column="practice_met", target="practice_target")
        return (
            Heading(words.language.gettext("Targets set in the past")),
            Paragraph(texts.targets_text(cases, rule, practice, words)),
            figures.targets_figure(cases, words),
            tables.targets_table(cases, rule, practice, words),
            *texts.ten_countries(cases, words),
        )
