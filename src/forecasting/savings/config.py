"""The savings of an activation programme from their configuration file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from forecasting.distributions import Distribution, central
from forecasting.errors import InputError
from forecasting.languages.messages import all_of, message_words, say, say_n
from forecasting.locations import data_dir
from forecasting.savings.activation import Assumptions, Savings, fixed, project_savings
from forecasting.savings.assumed import (
    Assumed,
    build_assumptions,
    draw_assumptions,
    exact_values,
    read_assumptions,
)
from forecasting.savings.cohorts import Cohort, Convention, check_cohorts, overlaps
from forecasting.savings.exact import ExactSavings, exact_savings
from forecasting.savings.schema import Amount, CohortSource, SavingsConfig
from forecasting.schemas import key_place, validate
from forecasting.sources.yaml_files import read_yaml
from forecasting.stocks.config_file import find_config

RESERVED = ("total", "gross", "net")
"""Labels of the table that are no cohorts."""


@dataclass(frozen=True)
class SavingsPlan:
    """A configuration, checked, with its priors looked up.

    Attributes
    ----------
    path : pathlib.Path
        Of the configuration.
    config : SavingsConfig
    cohorts : tuple of Cohort
    convention : Convention
    assumed : mapping of str to Assumed
        By the names of `forecasting.savings.assumed.KEYS`.
    remarks : tuple of str
        What a reader should know although nothing is wrong.
    """

    path: Path
    config: SavingsConfig
    cohorts: tuple[Cohort, ...]
    convention: Convention
    assumed: Mapping[str, Assumed]
    remarks: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name in the configuration, or that of its file."""
        return self.config.name or self.path.stem

    @property
    def persons(self) -> int:
        """Persons of all cohorts."""
        return sum(cohort.persons for cohort in self.cohorts)

    @property
    def cost_eur(self) -> Fraction:
        """What the programme costs."""
        return Fraction(str(self.config.programme_cost_eur))

    @property
    def uncertain(self) -> tuple[str, ...]:
        """Names of the assumptions that are distributions; none: the result is exact."""
        return tuple(
            name for name, each in self.assumed.items() if isinstance(each.value, Distribution)
        )

    def draw(self) -> dict[str, np.ndarray]:
        """Draw the uncertain assumptions, `paths` values of each; one index, one draw of all."""
        return draw_assumptions(self.assumed, self.config.paths, seed=self.config.seed)

    def assumptions(self, values: Mapping[str, np.ndarray]) -> Assumptions[np.ndarray]:
        """Put drawn or chosen values in place; the others are their number or their mean.

        Parameters
        ----------
        values : mapping of str to numpy.ndarray of shape (n_draws,)

        Raises
        ------
        InputError
            If they do not go together, such as a share outside [0, 1].
        """
        others = {name: fixed(central(each.value)) for name, each in self.assumed.items()}
        return build_assumptions({**others, **values})


@dataclass(frozen=True)
class SavingsProjection:
    """What a configuration comes to.

    Attributes
    ----------
    plan : SavingsPlan
    values : mapping of str to numpy.ndarray of shape (n_draws,)
        Draws of the uncertain assumptions, by name.
    assumptions : Assumptions
        All of them, as arrays.
    savings : Savings
        Of every draw; of one if nothing is uncertain.
    exact : ExactSavings or None
        Without a float; None if something is uncertain.
    """

    plan: SavingsPlan
    values: Mapping[str, np.ndarray]
    assumptions: Assumptions[np.ndarray]
    savings: Savings
    exact: ExactSavings | None


def load_savings(config: str | Path, **changes: Any) -> SavingsPlan:
    """Read a configuration for the savings of a programme.

    Parameters
    ----------
    config : str or pathlib.Path
        Name in ``data/savings``, or a YAML file.
    **changes
        Keys of the configuration and the values they have instead, such as ``deadweight=0.3``; of
        the convention only what is given changes.

    Raises
    ------
    InputError
        Naming file, key, what was found and what was expected.
    """
    path = find_config(config, folder="savings")
    content = read_yaml(path)
    if isinstance(content, dict):
        content = _changed(content, changes)
    return _plan(validate(SavingsConfig, content, path, of=say("a savings configuration")), path)


def find_in_briefing(geo: str) -> SavingsPlan | None:
    """Return the savings that a briefing for a country shows; None where none are held.

    Raises
    ------
    InputError
        If a file of ``data/savings`` cannot be used, or several are for the country.
    """
    plans = [load_savings(path) for path in sorted((data_dir() / "savings").glob("*.yaml"))]
    found = [plan for plan in plans if plan.config.geo == geo and plan.config.in_briefing]
    if len(found) > 1:
        raise InputError(
            say(
                "in_briefing for {geo} in {files}",
                geo=geo,
                files=all_of([plan.path.name for plan in found]),
            ),
            where=str(found[0].path.parent),
            expected=say("one file for each country"),
        )
    return found[0] if found else None


def run_savings(plan: SavingsPlan) -> SavingsProjection:
    """Project the savings: exactly if nothing is uncertain, and for every draw.

    One index runs through the draws of all assumptions, months and cohorts.
    """
    values = plan.draw()
    assumptions = plan.assumptions(values)
    horizon = plan.config.horizon_months
    savings = project_savings(plan.cohorts, plan.convention, assumptions, horizon)
    exact = None
    if not plan.uncertain:
        numbers = build_assumptions(exact_values(plan.assumed))
        exact = exact_savings(plan.cohorts, plan.convention, numbers, horizon)
    return SavingsProjection(plan, values, assumptions, savings, exact)


def _changed(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Replace keys; a relapse or a distribution as a whole, of the convention what is given."""
    both = {**content, **changes}
    before, after = content.get("convention"), changes.get("convention")
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        both["convention"] = {**before, **after}
    return both


def _plan(config: SavingsConfig, path: Path) -> SavingsPlan:
    with _at(path, "cohorts"):
        cohorts = tuple(_cohort(source) for source in config.cohorts)
        check_cohorts(cohorts, config.horizon_months)
    _check_included(config, cohorts, path)
    convention = Convention(config.convention.exit_timing, config.convention.carry_over)
    assumed = read_assumptions(config, path)
    remarks = (*_overlap_remarks(cohorts), *_amount_remarks(config))
    return SavingsPlan(path, config, cohorts, convention, assumed, remarks)


def _cohort(source: CohortSource) -> Cohort:
    if source.label in RESERVED:
        raise InputError(
            say("label '{label}'", label=source.label),
            expected=say(
                "another one: {labels} are labels of the result", labels=", ".join(RESERVED)
            ),
        )
    return Cohort(
        source.label,
        source.start_month,
        source.end_month,
        source.persons,
        source.months_counted,
        Decimal(str(_amount(source))),
    )


def _amount(source: CohortSource) -> int | float:
    amount = source.monthly_amount_eur
    if not isinstance(amount, Amount):
        return amount
    lacking = [name for name in ("valid_from", "source") if not getattr(amount, name)]
    if lacking:
        raise InputError(
            say("monthly_amount_eur without {keys}", keys=all_of(lacking)),
            where=say("cohort '{label}'", label=source.label),
            expected=_dated_amount(),
            action=say("say from which month the amount holds and where it stands"),
        )
    return amount.value


def _dated_amount() -> str:
    source = say("document and page")
    return f"{{value: 250, valid_from: 2017-08, source: {source}}}"


def _check_included(config: SavingsConfig, cohorts: Sequence[Cohort], path: Path) -> None:
    leaving, included = sum(cohort.persons for cohort in cohorts), config.included_persons
    if included is not None and leaving > included:
        raise InputError(
            say_n(
                "{leaving} persons leave in all cohorts and {included} were included",
                "{leaving} persons leave in all cohorts and {included} were included",
                leaving,
                leaving=message_words().number(leaving),
                included=message_words().number(included),
            ),
            where=key_place(path, "included_persons"),
            expected=say("no more leaving than were included"),
            action=say("correct the persons of the cohorts or included_persons"),
        )


def _overlap_remarks(cohorts: Sequence[Cohort]) -> list[str]:
    pairs = overlaps(cohorts)
    labels = dict.fromkeys(label for pair in pairs for label in pair)
    if not labels:
        return []
    return [
        f"cohorts {', '.join(labels)} overlap in time; each is counted whole, so nobody may be in "
        "two of them"
    ]


def _amount_remarks(config: SavingsConfig) -> list[str]:
    plain = [
        each.label for each in config.cohorts if not isinstance(each.monthly_amount_eur, Amount)
    ]
    if config.source or not plain:
        return []
    return [
        f"monthly_amount_eur of {', '.join(plain)} without date and source; write {{value: 250, "
        "valid_from: 2017-08, source: document and page}, or a source for the whole file"
    ]


@contextmanager
def _at(path: Path, key: str) -> Iterator[None]:
    """Name file and key in an error of the core."""
    try:
        yield
    except InputError as problem:
        place = key_place(path, key)
        raise InputError(
            problem.found,
            where=f"{place}, {problem.where}" if problem.where else place,
            expected=problem.expected,
            action=problem.action,
        ) from None
