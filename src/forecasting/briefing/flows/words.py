"""Words of the report on a flow: models, months, verdicts, and what is honestly to be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from forecasting.briefing.blocks import Text, rich
from forecasting.briefing.flows.record import POOL, Standing
from forecasting.briefing.words import Words
from forecasting.evaluation.backtest import BENCHMARKS
from forecasting.evaluation.significance import LEVEL
from forecasting.languages import Language
from forecasting.models.analogue import NAME as ANALOGUE


@dataclass(frozen=True)
class FlowWords:
    """Writes for one language."""

    language: Language

    @property
    def counts(self) -> Words:
        """Counts, intervals and shares, as the briefing writes them."""
        return Words(self.language)

    def model(self, name: str) -> str:
        """Name a model in a word or two: "CES (log)"."""
        language = self.language
        if name in BENCHMARKS:
            return self.benchmark(name)
        kind, _, scale = name.partition("-")
        kinds = {
            POOL: language.gettext("pool"),
            ANALOGUE: language.gettext("similar situations"),
            "seasonal_naive": language.gettext("seasonal naive"),
            "theta": "Theta",
        }
        return kinds.get(kind, kind.upper()) + (" (log)" if scale else "")

    def benchmark(self, name: str) -> str:
        """Name a benchmark."""
        names = {
            "random_walk": self.language.gettext("random walk"),
            "seasonal_naive": self.language.gettext("seasonal naive"),
            "last_official": self.language.gettext("last official figure"),
        }
        return names[name]

    def months(self, months: tuple[int, int]) -> str:
        """Name a block of months: "months 1–12"."""
        return self.language.gettext("months {first}–{last}").format(
            first=months[0], last=months[1]
        )

    def total(self, months: int) -> str:
        """Name a total."""
        template = self.language.ngettext("total of {n} month", "total of {n} months", months)
        return template.format(n=months)

    def years(self, cases: pd.DataFrame) -> str:
        """Write the years of the window of past targets."""
        window = int(cases["window_months"].iloc[0])
        return self.language.number(window / 12, 1 if window % 12 else 0)

    def ratio(self, value: float) -> str:
        """Write a ratio with two decimals."""
        return self.language.number(value, 2)

    def ratio_interval(self, standing: Standing) -> str:
        """Write the interval of a ratio, or a dash: "0.81–1.14"."""
        found = standing.comparison
        return f"{self.ratio(found.lower)}–{self.ratio(found.upper)}" if found else "–"

    def verdict(self, standing: Standing) -> str:
        """Say what may be said of a standing."""
        terms = {
            "better": self.language.gettext("better"),
            "worse": self.language.gettext("worse"),
            "undecided": self.language.gettext("may be chance"),
            "too few": self.language.gettext("too few origins to tell"),
        }
        return terms[standing.verdict]

    def short(self, standing: Standing) -> Text:
        """Write ratio and interval for a table; bold, with its verdict, where it is decided."""
        known = f" ({self.ratio_interval(standing)})" if standing.comparison else ""
        written = f"{self.ratio(standing.ratio)}{known}"
        if standing.verdict in ("better", "worse"):
            return rich("**{ratio} {verdict}**", ratio=written, verdict=self.verdict(standing))
        return written

    def unbeaten(self, standing: Standing) -> Text:
        """Say that the pool does not beat a benchmark, by how much, and whether it is chance."""
        language = self.language
        template = language.gettext(
            "**The pool does not beat the {benchmark} over {months}**: its CRPS is {share} higher. "
            "{chance}"
        )
        return rich(
            template,
            benchmark=self.benchmark(standing.benchmark),
            months=self.months(standing.months),
            share=language.percent(max(standing.ratio - 1, 0.0)),
            chance=self._chance(standing),
        )

    def _chance(self, standing: Standing) -> str:
        language, found = self.language, standing.comparison
        if found is None:
            template = language.gettext("{n} origins are too few to tell whether that is chance.")
            return template.format(n=standing.n_origins)
        if found.verdict == "worse":
            template = language.gettext(
                "That is more than chance: the interval of {level} for the ratio is {interval}."
            )
        else:
            template = language.gettext(
                "That may be chance: the interval of {level} for the ratio is {interval}, from "
                "{n} origins of which {block} in a row overlap."
            )
        return template.format(
            level=language.percent(LEVEL / 100),
            interval=self.ratio_interval(standing),
            n=found.n_origins,
            block=found.block_length,
        )

    def beaten(self, standings: Sequence[Standing]) -> Text:
        """Say which benchmarks the pool beats, and which of that is more than chance."""
        language = self.language
        ahead = [each for each in standings if each.ratio < 1]
        if not ahead:
            return language.gettext("The pool is ahead of no benchmark over any of these months.")
        sure = [each for each in ahead if each.verdict == "better"]
        template = language.gettext(
            "In {n} of {all} comparisons the pool is ahead: {named}. More than chance: {sure}."
        )
        return rich(
            template,
            n=str(len(ahead)),
            all=str(len(standings)),
            named=language.join([self._place(each) for each in ahead]),
            sure=language.join([self._place(each) for each in sure]) or language.gettext("none"),
        )

    def _place(self, standing: Standing) -> str:
        """Name a comparison: "random walk (months 1–12: −4%)"."""
        change = self.language.percent(standing.ratio - 1)
        return f"{self.benchmark(standing.benchmark)} ({self.months(standing.months)}: {change})"
