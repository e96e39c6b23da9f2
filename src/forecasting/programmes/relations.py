"""Relations between printed numbers: each comes out, or its difference is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from forecasting.errors import InputError
from forecasting.programmes.catalogue import POINTS, Programme
from forecasting.programmes.formulas import parse_formula
from forecasting.programmes.parts import Relation
from forecasting.programmes.quantities import Quantity, quantity


@dataclass(frozen=True)
class CheckedRelation:
    """A relation and what its formula gives.

    Attributes
    ----------
    relation : Relation
    calculated, stated, amount : fractions.Fraction
        In the unit of the relation; the amount is stated less calculated.
    names : frozenset of str
        What the formula uses.
    """

    relation: Relation
    calculated: Fraction
    stated: Fraction
    names: frozenset[str]

    @property
    def amount(self) -> Fraction:
        """Stated less calculated."""
        return self.stated - self.calculated

    @property
    def recorded(self) -> Fraction:
        """The difference that the catalogue records; 0 where it records none."""
        given = self.relation.difference
        return Fraction(str(given.amount)) if given else Fraction(0)


def relation_quantities(programme: Programme) -> dict[str, Quantity]:
    """Names that the formula of a relation may use.

    Returns
    -------
    dict of str to Quantity
        The inputs; the newest published values as ``O_1_1_1_target`` or ``O_1_1_1_milestone``; the
        intervention shares as ``SO1_001``, objective and code. Points of a code become ``_``.
    """
    known = {name: given.quantity for name, given in programme.inputs.items()}
    for indicator in programme.indicators:
        version = programme.published_version(None, indicator.code).version
        for point in POINTS:
            value = programme.published_value(indicator.code, point, version)
            if value is not None:
                known[_variable(indicator.code, point)] = quantity(value, indicator.unit)
    for share in programme.intervention_shares:
        known[_variable(share.objective, share.code)] = quantity(share.percent, "%")
    return known


def check_relation(relation: Relation, programme: Programme) -> CheckedRelation:
    """Evaluate a relation over what `relation_quantities` gives, exactly.

    Raises
    ------
    InputError
        If the formula cannot be evaluated or gives another unit.
    """
    return _checked(relation, relation_quantities(programme))


def check_relations(programme: Programme) -> list[CheckedRelation]:
    """Evaluate every relation of a programme; see `check_relation`."""
    known = relation_quantities(programme)
    return [_checked(relation, known) for relation in programme.relations]


def broken_relations(programme: Programme) -> Iterator[str]:
    """Say which relations do not come out and are not recorded so, as ``relations.name: what``.

    A relation is one between the document's numbers: where an input is of the quality ``assumed``,
    because somebody tries another value, it need not come out.
    """
    known = relation_quantities(programme)
    assumed = {name for name, given in programme.inputs.items() if given.quality == "assumed"}
    for relation in programme.relations:
        place = f"relations.{relation.name}"
        try:
            checked = _checked(relation, known)
        except InputError as problem:
            yield f"{place}: {problem}"
            continue
        if checked.amount != checked.recorded and not assumed & checked.names:
            yield (
                f"{place}: {float(checked.calculated):.10g} calculated, {relation.stated} stated; "
                f"expected: a recorded difference of {float(checked.amount):.10g} with its reason; "
                "an input with a value of your own has the quality 'assumed'"
            )


def _checked(relation: Relation, known: Mapping[str, Quantity]) -> CheckedRelation:
    formula = parse_formula(relation.formula, indicator=relation.name)
    found = formula.evaluate(known)
    stated = quantity(relation.stated, relation.unit)
    if found.unit != stated.unit:
        raise InputError(f"gives {found.unit}", expected=str(stated.unit))
    written = 100 if stated.unit.is_percent else 1
    return CheckedRelation(
        relation,
        calculated=_fraction(found.value) * written,
        stated=_fraction(stated.value) * written,
        names=frozenset(formula.names),
    )


def _variable(code: str, suffix: str) -> str:
    return f"{code}_{suffix}".replace(".", "_")


def _fraction(value: object) -> Fraction:
    if not isinstance(value, Fraction):
        raise InputError("a value by path", expected="an exact number")
    return value
