"""The checks that an auditor would make of a programme's catalogue.

A finding is no fault of the catalogue: the catalogue says what the document says, and a finding
says what an auditor would ask about it. Faults are those of `forecasting.programmes.rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from forecasting.programmes.audit_indicators import (
    baselines,
    evidence,
    implied_inputs,
    milestones,
    objectives,
    parts_and_totals,
    results_and_outputs,
)
from forecasting.programmes.audit_operations import (
    capacities,
    costs_per_person,
    deadlines,
    double_counting,
    money_without_indicator,
)
from forecasting.programmes.audit_versions import differences, revisions
from forecasting.programmes.catalogue import Programme
from forecasting.programmes.findings import SEVERITIES, Finding

CHECKS: tuple[Callable[[Programme], Iterator[Finding]], ...] = (
    parts_and_totals,
    results_and_outputs,
    objectives,
    milestones,
    baselines,
    revisions,
    double_counting,
    capacities,
    costs_per_person,
    deadlines,
    implied_inputs,
    evidence,
    money_without_indicator,
    differences,
)


def audit(programme: Programme) -> list[Finding]:
    """Ask an auditor's questions of a programme.

    Parameters
    ----------
    programme : Programme
        A catalogue that keeps its rules.

    Returns
    -------
    list of Finding
        The gravest first, within one severity in the order of the checks. The European Court of
        Auditors' recurring findings are targets too low or never revised, persons counted in
        several operations, and result data without evidence.
    """
    found = [finding for check in CHECKS for finding in check(programme)]
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))
