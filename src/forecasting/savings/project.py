"""A project as planned and realised, with what does not fit.

Every relation between printed numbers is held: it comes out, or stands in the file with the amount
of the difference and a reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import mul
from pathlib import Path

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.savings.project_schema import Difference, Project
from forecasting.schemas import validate
from forecasting.sources.yaml_files import read_yaml
from forecasting.stocks.config_file import find_config


@dataclass(frozen=True)
class Relation:
    """A printed number and what it follows from.

    Attributes
    ----------
    name : str
        Key in the file.
    stated, found : decimal.Decimal
        As printed, and as it comes out; of a quantity stated twice the larger and the smaller.
    recorded : Difference or None
        What the file records of it.
    """

    name: str
    stated: Decimal
    found: Decimal
    recorded: Difference | None = None

    @property
    def amount(self) -> Decimal:
        """Stated less found."""
        return self.stated - self.found


def load_project(name: str | Path) -> Project:
    """Load a project and hold every relation between its numbers.

    Parameters
    ----------
    name : str or pathlib.Path
        Name of a file of ``data/projects`` without its ending, or a path that ends in ``.yaml``.

    Raises
    ------
    InputError
        Naming file and key: of what cannot be read, does not come out and is not recorded, or is
        recorded with another amount.
    """
    path = find_config(name, folder="projects")
    project = validate(Project, read_yaml(path), path, of=say("a project"))
    faults = [fault for relation in relations(project) if (fault := _fault(relation))]
    faults += _order_faults(project)
    if faults:
        raise InputError("\n".join(f"{path}, {fault}" for fault in faults))
    return project


def relations(project: Project) -> tuple[Relation, ...]:
    """Return every relation between printed numbers, those that come out and those that do not."""
    return tuple(_relations(project))


def differences(project: Project) -> tuple[Relation, ...]:
    """Return the relations that do not come out; each has its recorded reason."""
    return tuple(relation for relation in relations(project) if relation.amount)


def _relations(project: Project) -> Iterator[Relation]:
    costs, inclusion = project.costs, project.inclusion
    yield Relation("costs.planned_total", costs.planned_total, costs.planned)
    yield Relation("costs.realised_total", costs.realised_total, costs.realised)
    percent = (costs.realised * 100 / costs.planned).quantize(costs.realised_percent)
    yield Relation("costs.realised_percent", costs.realised_percent, percent)
    for place, phase in enumerate(project.phases):
        found = Decimal((phase.end - phase.start).days)
        yield Relation(f"phases.{place}.days", Decimal(phase.days), found, phase.difference)
    persons = sum(call.persons for call in project.calls if not isinstance(call.persons, str))
    included = Decimal(inclusion.included_persons)
    yield Relation("inclusion.included_persons", included, Decimal(persons))
    leaving = inclusion.share_leaving * inclusion.planned[-1].persons
    yield Relation("inclusion.leaving_persons", Decimal(inclusion.leaving_persons), leaving)
    for place, product in enumerate(project.products):
        found = reduce(mul, product.factors)
        yield Relation(f"products.{place}.stated", product.stated, found, product.difference)
    for place, twice in enumerate(project.stated_twice):
        low, high = sorted(statement.value for statement in twice.values)
        yield Relation(f"stated_twice.{place}.values", high, low, twice.difference)


def _fault(relation: Relation) -> str | None:
    recorded = relation.recorded.amount if relation.recorded else Decimal()
    if relation.amount == recorded:
        return None
    return (
        f"key '{relation.name}': {relation.stated} against {relation.found}; expected: the two "
        f"equal, or a difference recorded with the amount {relation.amount} and a reason, not "
        f"{recorded}"
    )


def _order_faults(project: Project) -> Iterator[str]:
    """Say which dates or planned persons run backwards."""
    for place, phase in enumerate(project.phases):
        if phase.end < phase.start:
            yield (
                f"key 'phases.{place}.end': {phase.end} before the start {phase.start}; "
                f"expected: that day or later"
            )
    month, persons = project.inclusion.included_month, project.inclusion.included_persons
    for place, point in enumerate(project.inclusion.planned):
        if point.month <= month or point.persons < persons:
            yield (
                f"key 'inclusion.planned.{place}': {point.persons} persons by {point.month}; "
                f"expected: a month after {month} and {persons} persons or more"
            )
        month, persons = point.month, point.persons
