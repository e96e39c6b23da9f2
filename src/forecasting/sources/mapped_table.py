"""A spreadsheet of somebody else, read by its mapping: every figure with its cell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import pandas as pd

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.periods import format_period
from forecasting.sources.mapped_numbers import form_of, number_of, says_scaled
from forecasting.sources.mapped_periods import PeriodForm, period_of, read_period
from forecasting.sources.mapping import ImportMapping, KeyPlace
from forecasting.sources.raw_sheet import RawSheet, read_raw_sheet
from forecasting.sources.spreadsheet import Cell, Faults
from forecasting.sources.spreadsheet_layout import folded

MISSING = "missing"
"""Flag of a cell in which the file says that there is no figure."""

_Row = tuple[Cell, ...]


@dataclass(frozen=True)
class _Figure:
    """A cell with a figure, and what it is about."""

    cell: Cell
    keys: Mapping[str, str]
    period: Sequence[Cell]


@dataclass(frozen=True)
class _Columns:
    """Places of the columns in a row.

    Attributes
    ----------
    keys : mapping of str to int
        By name of the key.
    period : tuple of int
        Empty where it stands across.
    values : mapping of int to mapping of str to str
        What the figures of a column have in common.
    headers : mapping of int to Cell
        Header of each column of figures, from which the period is read where it stands across.
    """

    keys: Mapping[str, int]
    period: tuple[int, ...]
    values: Mapping[int, Mapping[str, str]]
    headers: Mapping[int, Cell]


def read_mapped(
    path: Path, mapping: ImportMapping, *, until: pd.Period | None = None
) -> pd.DataFrame:
    """Read the figures of a file by its mapping.

    Parameters
    ----------
    path : pathlib.Path
        XLSX, or CSV in UTF-8.
    mapping : ImportMapping
    until : pandas.Period, optional
        Last period that can have been counted. Default: the one of today.

    Returns
    -------
    pandas.DataFrame
        The key columns, ``period`` as text, ``value`` in the unit of the mapping (NaN where the
        file says that there is none) and ``flag``, one row a figure, in the order of the file.

    Raises
    ------
    InputError
        With every fault of the file, named by its cell, up to a limit.
    """
    faults = Faults()
    sheet = read_raw_sheet(path, faults, sheet=mapping.sheet, header=max(mapping.header))
    headers = _headers(sheet, mapping)
    columns = _columns(headers, mapping, sheet, faults)
    _refuse_undeclared_scale(sheet, mapping, faults)
    faults.check()
    until = until or pd.Period.now(mapping.frequency)
    rows = list(_cells(sheet, columns, mapping, until, faults))
    faults.check()
    if not rows:
        raise InputError(
            say("no figures"),
            where=sheet.where,
            expected=say("rows with figures below the headers"),
            action=say("compare the keys 'header' and 'skip' of the mapping with the file"),
        )
    return pd.DataFrame(rows, columns=[*mapping.key, "period", "value", "flag"])


def _headers(sheet: RawSheet, mapping: ImportMapping) -> dict[int, Cell]:
    """Header by place; the texts of several rows of headers joined, each once."""
    found: dict[int, list[Cell]] = {}
    for number in mapping.header:
        for place, cell in enumerate(sheet.rows.get(number, ())):
            if cell.value is not None and cell.value not in [c.value for c in found.get(place, ())]:
                found.setdefault(place, []).append(cell)
    if not found:
        raise InputError(
            say("row {row} is empty", row=max(mapping.header)),
            where=sheet.where,
            expected=say("the headers"),
            action=say("mend the key 'header' of the mapping"),
        )
    return {place: _joined(cells) for place, cells in found.items()}


def _joined(cells: Sequence[Cell]) -> Cell:
    if len(cells) == 1:
        return cells[0]
    return Cell(" ".join(str(cell.value) for cell in cells), cells[-1].where)


def _columns(
    headers: Mapping[int, Cell], mapping: ImportMapping, sheet: RawSheet, faults: Faults
) -> _Columns:
    def find(name: str) -> int | None:
        places = [p for p, cell in headers.items() if folded(str(cell.value)) == folded(name)]
        if len(places) != 1:
            faults.add(
                say("column '{name}' stands twice", name=name)
                if places
                else say("no column {names}", names=f"'{name}'"),
                where=sheet.where,
                expected=", ".join(f"'{cell.value}'" for cell in headers.values()),
                action=say("mend the header in the mapping, or the key 'header'"),
            )
        return places[0] if len(places) == 1 else None

    keys = {
        name: find(place.column)
        for name, place in mapping.keys.items()
        if isinstance(place, KeyPlace)
    }
    period = [find(name) for name in mapping.period.columns]
    values = {find(place.column): place.keys for place in mapping.values}
    if not mapping.period.across:
        faults.check()
    known = {name: place for name, place in keys.items() if place is not None}
    if mapping.period.across:
        values = {place: {} for place in _across(headers, mapping, known, faults)}
    return _Columns(
        known,
        tuple(place for place in period if place is not None),
        {place: common for place, common in values.items() if place is not None},
        headers,
    )


def _across(
    headers: Mapping[int, Cell],
    mapping: ImportMapping,
    keys: Mapping[str, int],
    faults: Faults,
) -> Iterator[int]:
    """Places of the columns with a period as header; every other must be expected."""
    expected = {folded(name) for name in mapping.ignore} | {folded(n) for n in mapping.fill_down}
    for place, cell in headers.items():
        if place in keys.values() or folded(str(cell.value)) in expected:
            continue
        if read_period([cell], _period_form(mapping)) is not None:
            yield place
        else:
            faults.attempt(lambda cell=cell: period_of([cell], _period_form(mapping)))
            faults.lines[-1] += "; " + say("or name the column under 'ignore' in the mapping")


def _period_form(mapping: ImportMapping) -> PeriodForm:
    return PeriodForm(mapping.frequency, mapping.period.form, mapping.period.year)


def _refuse_undeclared_scale(sheet: RawSheet, mapping: ImportMapping, faults: Faults) -> None:
    """A title or header may say that figures are in thousands: the mapping must say so too."""
    if mapping.scale is not None:
        return
    above = (cell for row in sheet.rows if row <= max(mapping.header) for cell in sheet.rows[row])
    for cell in above:
        if isinstance(cell.value, str) and says_scaled(cell.value):
            faults.add(
                say("'{text}' may mean figures in thousands or millions", text=cell.value),
                where=cell.where,
                expected=say("a key 'scale' in the mapping"),
                action=say("write scale: 1000, or scale: 1 if the figures are not"),
            )
            return


def _cells(
    sheet: RawSheet, columns: _Columns, mapping: ImportMapping, until: pd.Period, faults: Faults
) -> Iterator[tuple[object, ...]]:
    """Key, period, value and flag of every figure; faults are added, and their cells left out."""
    form, seen = form_of(mapping), dict[tuple[str, ...], str]()
    for figure in _figures(sheet, columns, mapping, faults):
        period = _period(figure, mapping, until, faults)
        value = faults.attempt(number_of, figure.cell, form)
        if period is None or value is None:
            continue
        cell = (*(figure.keys[name] for name in mapping.key), period)
        if cell in seen:
            faults.add(
                say("{cell} stands twice", cell=" ".join(cell)),
                where=figure.cell.where,
                expected=say("each figure once; it stands in {place} too", place=seen[cell]),
            )
        seen[cell] = figure.cell.where
        yield (*cell, value, MISSING if math.isnan(value) else "")


def _period(
    figure: _Figure, mapping: ImportMapping, until: pd.Period, faults: Faults
) -> str | None:
    """Read the period of a figure once for the cells it stands in, and add its fault once."""
    try:
        period = period_of(figure.period, _period_form(mapping))
    except InputError as problem:
        if str(problem) not in faults.lines:
            faults.lines.append(str(problem))
        return None
    if period > until:
        faults.add(
            say("{month} has not come yet", month=format_period(period)),
            where=figure.cell.where,
            expected=say("figures up to {period}: counted, not forecast", period=str(until)),
        )
        return None
    return format_period(period)


def _figures(
    sheet: RawSheet, columns: _Columns, mapping: ImportMapping, faults: Faults
) -> Iterator[_Figure]:
    """Every cell of the columns of figures that is not empty."""
    for number, row in _rows(sheet, columns, mapping):
        filled = [p for p in columns.values if p < len(row) and row[p].value is not None]
        if not filled:
            continue
        keys = _keys(row, columns, mapping, faults)
        if keys is None:
            continue
        period = [_at(row, place, sheet) for place in columns.period]
        for place in filled:
            if merged := sheet.merged.get((number, place)):
                faults.add(
                    say("merged cells {cells}", cells=merged),
                    where=row[place].where,
                    action=say("split them, a value in each"),
                )
                continue
            about = period or [columns.headers[place]]
            yield _Figure(row[place], {**keys, **columns.values[place]}, about)


def _rows(sheet: RawSheet, columns: _Columns, mapping: ImportMapping) -> Iterator[tuple[int, _Row]]:
    """Rows below the headers, but for those that are left out, filled down."""
    skip = [folded(text) for text in mapping.skip]
    fill = [
        place
        for place, cell in columns.headers.items()
        if folded(str(cell.value)) in {folded(name) for name in mapping.fill_down}
    ]
    words = {*columns.keys.values(), *columns.period}
    above: dict[int, Cell] = {}
    for number, row in sheet.rows.items():
        if number <= max(mapping.header):
            continue
        above |= {place: row[place] for place in fill if _filled(row, place)}
        cells = tuple(
            Cell(above[place].value, cell.where) if place in above and cell.value is None else cell
            for place, cell in enumerate(row)
        )
        texts = [folded(str(row[place].value)) for place in words if _filled(row, place)]
        if not any(fnmatchcase(text, pattern) for text in texts for pattern in skip):
            yield number, cells


def _filled(row: _Row, place: int) -> bool:
    return place < len(row) and row[place].value is not None


def _at(row: _Row, place: int, sheet: RawSheet) -> Cell:
    return row[place] if place < len(row) else Cell(None, sheet.where)


def _keys(
    row: _Row, columns: _Columns, mapping: ImportMapping, faults: Faults
) -> dict[str, str] | None:
    """Code of each key of a row; None, and its fault added, where there is none."""
    found = {name: place for name, place in mapping.keys.items() if isinstance(place, str)}
    for name, at in columns.keys.items():
        place = mapping.keys[name]
        text = str(row[at].value).strip() if _filled(row, at) else ""
        codes = {folded(word): code for word, code in place.codes.items()}  # type: ignore[union-attr]
        code = codes.get(folded(text)) if codes else text
        if not code:
            faults.add(
                say("'{text}' has no code", text=text) if text else say("is empty"),
                where=row[at].where if at < len(row) else row[0].where,
                expected=", ".join(place.codes) or say("a text"),  # type: ignore[union-attr]
                action=say("add it under 'codes' in the mapping, or under 'skip' if it is a total"),
            )
            return None
        found[name] = code
    return found
