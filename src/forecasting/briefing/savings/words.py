"""Words of the report on savings: millions, euros, and the names of the assumptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from forecasting.briefing.stocks.words import StockWords
from forecasting.briefing.words import DASH
from forecasting.distributions import Distribution, Uncertain, central
from forecasting.savings.activation import RATES
from forecasting.savings.assumed import Assumed
from forecasting.tables import QUANTILE_LEVELS

MILLION = 1e6
LOW, HIGH = QUANTILE_LEVELS.index(0.1), QUANTILE_LEVELS.index(0.9)
"""Where the ends of the 80 % interval stand among the quantiles."""


@dataclass(frozen=True)
class SavingsWords(StockWords):
    """Writes for one language; every amount of the report passes through here."""

    def million(self, euros: float | Decimal) -> str:
        """Write an amount in millions, without its unit: "10.2"."""
        return self.language.number(float(euros) / MILLION, 1)

    def euros_million(self, euros: float | Decimal) -> str:
        """Write an amount in millions with its unit: "EUR 10.2 million"."""
        return self.language.gettext("EUR {n} million").format(n=self.million(euros))

    def euros(self, euros: float | Decimal) -> str:
        """Write an amount in full, with cents where it has any: "EUR 10,238,750"."""
        return self.language.gettext("EUR {n}").format(n=self.amount(euros))

    def amount(self, euros: float | Decimal) -> str:
        """Write an amount in full, without its unit."""
        exact = Decimal(str(euros))
        return self.language.number(exact, 0 if exact == exact.to_integral_value() else 2)

    def signed(self, euros: float | Decimal) -> str:
        """Write a change in millions with its sign: "+17.6"; nothing where it is none."""
        text = self.million(euros)
        return f"+{text}" if euros > 0 and text != self.million(0) else text

    def range_million(self, low: float | Decimal, high: float | Decimal) -> str:
        """Write an interval in millions: "0.4 to 1.6"."""
        return self.language.gettext("{lower} to {upper}").format(
            lower=self.million(low), upper=self.million(high)
        )

    def fine(self, euros: float | Decimal) -> str:
        """Write an amount in millions with two decimals, where small differences matter."""
        return self.language.number(float(euros) / MILLION, 2)

    def range_fine(self, low: float, high: float) -> str:
        """Write an interval in millions with two decimals."""
        return self.language.gettext("{lower} to {upper}").format(
            lower=self.fine(low), upper=self.fine(high)
        )

    def month_number(self, month: int | None, horizon: int) -> str:
        """Write in which month of the programme a saving reaches its cost."""
        if month is None:
            return self.language.gettext("not by month {n}").format(n=horizon)
        return self.language.gettext("month {n}").format(n=month)

    def value(self, name: str, value: float) -> str:
        """Write the value of an assumption: shares and rates in percent, months as they are."""
        if name.endswith("months"):
            return self.plain(round(value, 1))
        return self.language.percent(value, 1 if name in RATES else 0)

    def spread(self, name: str, value: Uncertain) -> str:
        """Write what is known of an assumption: "uniform: 0% to 30%", or that it is fixed."""
        if not isinstance(value, Distribution):
            return self.language.gettext("fixed")
        if value.beta:
            a, b = (self.plain(number) for number in value.beta)
            return self.language.gettext("beta: {a} and {b}").format(a=a, b=b)
        ends = [self.value(name, number) for number in value.triangular or value.uniform or ()]
        if len(ends) == 2:
            return self.language.gettext("uniform: {low} to {high}").format(
                low=ends[0], high=ends[1]
            )
        return self.language.gettext("triangular: {low}, {mode}, {high}").format(
            low=ends[0], mode=ends[1], high=ends[2]
        )

    def quality(self, assumed: Assumed) -> str:
        """Say how well an assumption is known."""
        names = {
            "given": self.language.gettext("printed"),
            "assumed": self.language.gettext("assumed"),
            "unknown": self.language.gettext("unknown"),
            "": self.language.gettext("own value"),
        }
        return names[assumed.quality]

    def source(self, assumed: Assumed) -> str:
        """Say where an assumption comes from; nothing where it stands in the configuration."""
        return DASH if assumed.source is None else self.counts.text(assumed.source)

    def assumption(self, name: str, assumed: Mapping[str, Assumed]) -> str:
        """Name an assumption in a few words."""
        within = assumed.get("relapse_months")
        months = self.plain(central(within.value)) if within else DASH
        names = {
            "delivery": self.language.gettext("counted persons who really leave"),
            "deadweight": self.language.gettext("would have left anyway"),
            "substitution": self.language.gettext("job taken from another applicant"),
            "displacement": self.language.gettext("job lost at another firm"),
            "indexation": self.language.gettext("amounts rise a year"),
            "discount": self.language.gettext("discounted a year"),
            "relapse_monthly_rate": self.language.gettext("come back in a month"),
            "relapse_share_within": self.language.gettext("came back within {n} months").format(
                n=months
            ),
            "relapse_months": self.language.gettext("months of that share"),
            "relapse_permanent_share": self.language.gettext("never come back"),
            "effect_lag_zero_months": self.language.gettext("months until the effect begins"),
            "effect_lag_full_months": self.language.gettext("months until the whole effect"),
        }
        return names[name]

    def step(self, name: str, horizon: int) -> str:
        """Name a step of the bridge in a few words."""
        names = {
            "exit_timing": self.language.gettext("exits spread over their months"),
            "carry_over": self.language.gettext("savings run on to month {n}").format(n=horizon),
            "relapse": self.language.gettext("some come back"),
            "delivery": self.language.gettext("not all counted really leave"),
            "deadweight": self.language.gettext("some would have left anyway"),
            "substitution": self.language.gettext("jobs taken from other applicants"),
            "displacement": self.language.gettext("jobs lost at other firms"),
            "effect_lag": self.language.gettext("the effect appears late"),
            "indexation": self.language.gettext("amounts rise with prices"),
            "discount": self.language.gettext("later euros count less"),
        }
        return names[name]

    def evidence(self, name: str) -> str:
        """Say what would tell the value of an assumption."""
        comparison = self.language.gettext(
            "A comparison group would tell: persons who may take part, some of whom start later, "
            "chosen by lot; how many leave in each group is the effect, and when it appears."
        )
        payments = self.language.gettext(
            "The payment records would tell: the persons included, matched month by month with "
            "those who receive assistance. No new survey is needed."
        )
        regions = self.language.gettext(
            "Regions would tell, if the share of those included differed between them by lot: what "
            "others lose shows in the regions with many included."
        )
        groups = {
            payments: ("delivery", "relapse_monthly_rate", "relapse_share_within",
                       "relapse_permanent_share"),
            comparison: ("deadweight", "effect_lag_zero_months", "effect_lag_full_months"),
            regions: ("substitution", "displacement"),
        }  # fmt: skip
        return next((text for text, names in groups.items() if name in names), "")
