"""The long table of `forecasting savings`, and what it prints."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pandas as pd

from forecasting.savings.config import SavingsPlan, SavingsProjection
from forecasting.savings.outcomes import Outcome, cohort_savings, outcomes
from forecasting.tables import QUANTILE_LEVELS

SAVINGS_COLUMNS = ("label", "output_type", "quantile_level", "value")
"""Columns of the table; the quantile level is empty where the value is no quantile."""

_HEADER = (
    "period", "persons", "months", "EUR a month", "gross EUR", "cumulative EUR", "net EUR",
)  # fmt: skip


def savings_table(projection: SavingsProjection) -> pd.DataFrame:
    """Write a projection as a long table, money as decimal numbers to the cent.

    Returns
    -------
    pandas.DataFrame
        Columns ``label, output_type, quantile_level, value``. For every cohort and ``total``:
        period_saving, cumulative_saving (both gross) and net_saving. For ``gross`` and ``net``:
        mean, 23 quantiles, p_covers_cost, and break_even_month, whose value is empty if the saving
        does not reach the cost by the horizon in at least half of the draws.
    """
    rows = [*_cohort_rows(projection)]
    for label, outcome in outcomes(projection).items():
        rows += _outcome_rows(label, outcome)
    return pd.DataFrame(rows, columns=list(SAVINGS_COLUMNS), dtype=object)


def _cohort_rows(projection: SavingsProjection) -> Iterator[tuple[Any, ...]]:
    for each in cohort_savings(projection):
        for name in ("period_saving", "cumulative_saving", "net_saving"):
            yield each.label, name, None, getattr(each, name)


def _outcome_rows(label: str, outcome: Outcome) -> Iterator[tuple[Any, ...]]:
    yield label, "mean", None, outcome.mean
    for level, euros in zip(QUANTILE_LEVELS, outcome.quantiles, strict=True):
        yield label, "quantile", level, euros
    yield label, "p_covers_cost", None, outcome.p_covers_cost
    yield label, "break_even_month", None, outcome.break_even_month


def savings_lines(projection: SavingsProjection) -> list[str]:
    """Say what each period saves, gross and net of all, and whether it covers the cost."""
    plan = projection.plan
    lines = [plan.name, *_table_lines(projection)]
    if plan.uncertain:
        lines.append(f"means of {plan.config.paths:,} draws of {', '.join(plan.uncertain)}")
    both = outcomes(projection)
    for label, outcome in both.items():
        lines.append(f"{label}: {_euros(outcome.mean, plan)} EUR{_interval(outcome, plan)}")
    lines.append(f"cost: {_euros(plan.config.programme_cost_eur)} EUR")
    lines += [f"  {label}: {_against_cost(outcome, plan)}" for label, outcome in both.items()]
    return lines + [f"note: {remark}" for remark in plan.remarks]


def _table_lines(projection: SavingsProjection) -> list[str]:
    plan = projection.plan
    *savings, total = cohort_savings(projection)
    rows = [_HEADER]
    for cohort, each in zip(plan.cohorts, savings, strict=True):
        months = str(cohort.months_counted)
        rows.append((
            cohort.label, f"{cohort.persons:,}", months, _euros(cohort.monthly_amount_eur),
            _euros(each.period_saving, plan), _euros(each.cumulative_saving, plan),
            _euros(each.net_saving, plan),
        ))  # fmt: skip
    rows.append((
        "total", f"{plan.persons:,}", "", "", _euros(total.period_saving, plan), "",
        _euros(total.net_saving, plan),
    ))  # fmt: skip
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _against_cost(outcome: Outcome, plan: SavingsPlan) -> str:
    month, exit_cost = outcome.break_even_month, outcome.cost_per_exit
    when = f"in month {month}" if month else f"not within {plan.config.horizon_months} months"
    per_exit = "nobody leaves because of it"
    if exit_cost is not None:
        per_exit = f"cost per exit {exit_cost:,.0f} EUR"
    return f"P(covers cost) {outcome.p_covers_cost:.1%}, break-even {when}, {per_exit}"


def _interval(outcome: Outcome, plan: SavingsPlan) -> str:
    low, high = (outcome.quantiles[QUANTILE_LEVELS.index(level)] for level in (0.1, 0.9))
    if low == high:
        return ""
    return f", 80 % interval {_euros(low, plan)} to {_euros(high, plan)}"


def _euros(value: Decimal | float, plan: SavingsPlan | None = None) -> str:
    """Write EUR, with cents where there are any and no draws stand behind the value."""
    whole = value == int(value) or (plan is not None and plan.uncertain)
    return f"{value:,.0f}" if whole else f"{value:,.2f}"
