"""The three tables of a fund's programme: their columns, and what they hold.

The columns and their order are those of Annex VI, point 2.1, to Regulation (EU) 2021/1060.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from forecasting.languages import Language
from forecasting.programmes.published import Value

Number = Literal[1, 2, 3]
NUMBERS: tuple[Number, ...] = (1, 2, 3)


def gettext(msgid: str) -> str:
    """Mark a message for the catalogues; it is translated when it is written."""
    return msgid


MARKS = (
    gettext("not given"),
    gettext("not legible in the scan"),
    gettext("not applicable"),
    gettext("done"),
)
"""Values that are no number; a workbook writes them in its language."""


@dataclass(frozen=True)
class FundColumn:
    """A column of a table.

    Attributes
    ----------
    key : str
    label : str
        The official English heading, ``{year}`` standing for the year of milestone or target.
    limit : int or None
        Most characters of a text, spaces not counted.
    is_number : bool
        Whether a cell is a number or one of `MARKS`.
    """

    key: str
    label: str
    limit: int | None = None
    is_number: bool = False


_OBJECTIVE = FundColumn("specific_objective", gettext("Specific objective"))
_TARGET = FundColumn("target", gettext("Target ({year})"), is_number=True)
_INDICATOR = (
    _OBJECTIVE,
    FundColumn("id", gettext("ID [5]"), 5),
    FundColumn("indicator", gettext("Indicator [255]"), 255),
)
COLUMNS: Mapping[Number, tuple[FundColumn, ...]] = {
    1: (
        *_INDICATOR,
        FundColumn("unit", gettext("Measurement unit")),
        FundColumn("milestone", gettext("Milestone ({year})"), is_number=True),
        _TARGET,
    ),
    2: (
        *_INDICATOR,
        FundColumn("unit", gettext("Measurement unit")),
        FundColumn("baseline", gettext("Baseline"), is_number=True),
        FundColumn("baseline_unit", gettext("Measurement unit for baseline")),
        FundColumn("reference_year", gettext("Reference year(s)"), is_number=True),
        _TARGET,
        FundColumn("target_unit", gettext("Measurement unit for target")),
        FundColumn("data_source", gettext("Source of data [200]"), 200),
        FundColumn("comments", gettext("Comments [200]"), 200),
    ),
    3: (
        _OBJECTIVE,
        FundColumn("type_of_intervention", gettext("Type of intervention")),
        FundColumn("code", gettext("Code")),
        FundColumn("amount_eur", gettext("Indicative amount (EUR)"), is_number=True),
    ),
}
"""Columns of table 1 (output indicators), 2 (result indicators) and 3 (indicative breakdown)."""


@dataclass(frozen=True)
class FundTable:
    """One of the three tables.

    Attributes
    ----------
    number : {1, 2, 3}
    rows : tuple of tuple
        One value per column of `COLUMNS`.
    sources : mapping of (int, str) to str
        Where a value comes from, by row (from 0) and key of the column.
    """

    number: Number
    rows: tuple[tuple[Value, ...], ...]
    sources: Mapping[tuple[int, str], str] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[FundColumn, ...]:
        """Its columns, in the order of the regulation."""
        return COLUMNS[self.number]


@dataclass(frozen=True)
class FundTables:
    """The tables that a programme can fill, in one language; a table without rows is left out.

    `milestone_year` and `target_year` are those of the headings; None where no column has one.
    """

    programme: str
    language: str
    milestone_year: int | None
    target_year: int | None
    tables: tuple[FundTable, ...]

    def heading(self, column: FundColumn, language: Language) -> str:
        """Heading of a column, with its year."""
        year = self.milestone_year if column.key == "milestone" else self.target_year
        return language.gettext(column.label).format(year=year)
