"""Levers in words: what is moved, by how much, from when to when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from forecasting.briefing.stocks.words import StockWords
from forecasting.distributions import Distribution
from forecasting.scenarios import Lever, Replay


@dataclass(frozen=True)
class LeverWords(StockWords):
    """Writes levers for one language.

    Attributes
    ----------
    things : mapping of str to str
        Names of what levers act on, by the key ``on``; what is not here is written as it stands.
    """

    things: Mapping[str, str] = field(default_factory=dict)

    def lever(self, lever: Lever) -> str:
        """Say what a lever does: "length of stay × 2 (Centre for Foreigners)"."""
        said = self._effects()[lever.lever](lever)
        if not lever.on or lever.lever == "coverage.multiply":
            return said
        thing = self.things.get(lever.on, lever.on)
        return self.language.gettext("{effect} ({thing})").format(effect=said, thing=thing)

    def months_of(self, lever: Lever) -> str:
        """Say from when to when a lever is in force: "Mar 2027 to May 2027, rising and falling"."""
        when, shape = self._span(lever), self._shape(lever)
        return f"{when}, {shape}" if shape else when

    def _span(self, lever: Lever) -> str:
        language = self.language
        if lever.start is None:
            if lever.end is None:
                return language.gettext("throughout")
            return language.gettext("until {month}").format(month=language.short_month(lever.end))
        if lever.end is None:
            return language.gettext("from {month}").format(month=language.short_month(lever.start))
        return language.gettext("{lower} to {upper}").format(
            lower=language.short_month(lever.start), upper=language.short_month(lever.end)
        )

    def _shape(self, lever: Lever) -> str:
        language = self.language
        if lever.shape == "decay":
            return language.gettext("half after {duration}").format(
                duration=self.limit(float(lever.half_life_months or 0))
            )
        names = {
            "step": "",
            "ramp": language.gettext("rising evenly, then steady"),
            "pulse": language.gettext("rising, then falling"),
        }
        return names[lever.shape]

    def _effects(self) -> dict[str, Callable[[Lever], str]]:
        """What each kind of lever does, in words."""
        say = self.language.gettext
        return {
            "arrivals.multiply": self._number(say("arrivals × {n}")),
            "arrivals.add": self._persons(say("arrivals: {n} a month")),
            "arrivals.surge": self._persons(say("arrivals: {n} in all")),
            "arrivals.level": self._level,
            "arrivals.closure": self._share(say("{share} of the arrivals no longer come")),
            "arrivals.replay": self._replay,
            "arrivals.dispersion": self._number(say("spread of the arrivals × {n}")),
            "stay.multiply": self._number(say("length of stay × {n}")),
            "capacity.add": self._places,
            "capacity.delay": self._delay,
            "staff.multiply": self._number(say("decisions a month × {n}")),
            "exit_rate.multiply": self._number(say("rate of leaving the queue × {n}")),
            "coverage.multiply": self._coverage,
            "unemployment.multiply": self._number(say("registered unemployed × {n}")),
            "minimum_income.multiply": self._number(say("basic amount × {n}")),
            "savings.activation_share": self._share(say("{share} of those included leave")),
            "savings.included_persons": self._number(say("persons included: {n}")),
            "savings.deadweight": self._share(say("{share} would have left anyway")),
            "model.flow": self._model,
        }

    def _number(self, template: str) -> Callable[[Lever], str]:
        return lambda lever: template.format(n=self._value(lever, self.plain))

    def _share(self, template: str) -> Callable[[Lever], str]:
        return lambda lever: template.format(share=self._value(lever, self._percent))

    def _persons(self, template: str) -> Callable[[Lever], str]:
        """Write persons more or fewer."""
        return lambda lever: template.format(n=self._value(lever, self._more_persons))

    def _more_persons(self, persons: float) -> str:
        return ("+" if persons > 0 else "") + self.persons(persons, exact=True)

    def _level(self, lever: Lever) -> str:
        return self.language.gettext("arrivals: {n} a year (median)").format(
            n=self._value(lever, lambda persons: self.persons(persons, exact=True))
        )

    def _places(self, lever: Lever) -> str:
        return self._value(lever, lambda n: ("+" if n > 0 else "") + self.places(n))

    def _percent(self, share: float) -> str:
        return self.language.percent(share, 0 if abs(100 * share % 1) < 1e-9 else 1)

    def _value(self, lever: Lever, write: Callable[[float], str]) -> str:
        """Write a value; of a distribution its mean and its ends."""
        if not isinstance(lever.value, Distribution):
            return write(float(lever.value))  # type: ignore[arg-type]
        return self.language.gettext("{median} ({lower} to {upper})").format(
            median=write(lever.value.mean),
            lower=write(lever.value.low),
            upper=write(lever.value.high),
        )

    def _delay(self, lever: Lever) -> str:
        return self.language.gettext("delay of new places: {duration}").format(
            duration=self._value(lever, self.limit)
        )

    def _replay(self, lever: Lever) -> str:
        window = lever.value
        if not isinstance(window, Replay):
            return str(window)
        language = self.language
        name, _, geo = window.series.partition("/")
        place = language.territory(geo) if len(geo) == 2 else name
        return language.gettext("growth as observed: {place}, {lower} to {upper}").format(
            place=place,
            lower=language.short_month(window.start),
            upper=language.short_month(window.end),
        )

    def _coverage(self, lever: Lever) -> str:
        return self.language.gettext("{thing} × {n}").format(
            thing=self.things.get(lever.on, lever.on), n=self._value(lever, self.plain)
        )

    def _model(self, lever: Lever) -> str:
        names = [self._model_name(name) for name in str(lever.value).split("+")]
        return self.language.gettext("model of the arrivals: {names}").format(
            names=self.language.join(names)
        )

    def _model_name(self, name: str) -> str:
        if name in ("pool", "fast"):
            return self.language.gettext("pool")
        return self.counts.model(name)
