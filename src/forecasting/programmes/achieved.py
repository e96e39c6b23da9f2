"""What a programme has achieved, from a spreadsheet: template, reading, every fault by its cell.

A file is taken as a whole or refused with all that is wrong.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby, pairwise
from pathlib import Path

from forecasting.errors import InputError
from forecasting.languages import Language
from forecasting.languages.messages import message_words, say
from forecasting.programmes.catalogue import Indicator, Programme, PublishedValues
from forecasting.programmes.quantity_text import format_unit
from forecasting.programmes.units import parse_unit
from forecasting.sources.achieved_layout import ACHIEVED
from forecasting.sources.cell_values import amount_of, count_of, day_of, percentage_of, shown
from forecasting.sources.layouts import write_template
from forecasting.sources.spreadsheet import Cell, Faults, read_grid
from forecasting.sources.spreadsheet_layout import explanation_names, folded, languages
from forecasting.sources.spreadsheet_rows import rows_in

_LEVELS = {"staff"}  # counts of those there at a date: they may fall


@dataclass(frozen=True)
class AchievedValue:
    """What an indicator had reached at a date.

    Attributes
    ----------
    code : str
        Of the indicator.
    value : float
        In the unit of the indicator; of a deliverable 1 if it is done, 0 if not.
    cut_off : datetime.date
        Last day that is counted.
    source, remark : str
        As written; may be empty.
    """

    code: str
    value: float
    cut_off: dt.date
    source: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Achieved:
    """What a programme had reached at one or several dates.

    Attributes
    ----------
    programme : str
        Its id.
    values : tuple of AchievedValue
        By indicator in the order of the catalogue, then by date; an indicator may have none.
    source : str
        Name of the file.
    """

    programme: str
    values: tuple[AchievedValue, ...]
    source: str

    @property
    def cut_off(self) -> dt.date:
        """The last date of all."""
        return max(value.cut_off for value in self.values)

    def last(self, code: str, cut_off: dt.date) -> AchievedValue | None:
        """Last value of an indicator up to a date; None where there is none."""
        known = [v for v in self.values if v.code == code and v.cut_off <= cut_off]
        return known[-1] if known else None


def is_deliverable(indicator: Indicator) -> bool:
    """Whether something is to be done, such as a protocol agreed, and no number reached."""
    values = [v for v in indicator.published.values() if isinstance(v, PublishedValues)]
    return any("done" in {value.milestone, value.target} for value in values)


def write_achieved_template(programme: Programme, path: Path, *, words: Language) -> Path:
    """Write a spreadsheet with a row for each monitored indicator, to be filled in.

    Parameters
    ----------
    programme : Programme
    path : pathlib.Path
        An XLSX or CSV file that does not exist: one that does may hold values.
    words : Language
        Of headers, names, units and explanation.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    InputError
        For another ending, or a file that exists.
    OutputError
        If the file cannot be written.
    """
    rows = [
        {
            "code": indicator.code,
            "name": indicator.name[words.code],
            "unit": unit_text(indicator, words),
        }
        for indicator in programme.indicators
        if indicator.monitored
    ]
    return write_template("achieved", path, words=words, rows=rows)


def read_achieved(path: Path, programme: Programme, *, until: dt.date | None = None) -> Achieved:
    """Read the achieved values of a programme.

    Parameters
    ----------
    path : pathlib.Path
        XLSX, or CSV in UTF-8 with commas or semicolons; headers in any language of the suite.
        Columns code, unit, achieved value and cut-off date; optional indicator, source and remark.
        A row without a value and a date says nothing.
    programme : Programme
    until : datetime.date, optional
        Last day that can have been counted. Default: today.

    Returns
    -------
    Achieved

    Raises
    ------
    InputError
        With every fault of the file, named by its cell: an unknown code, another unit, the name of
        another indicator, a value that is no number of its unit, a date outside the programme or
        in the future, a date that stands twice, a count that falls.
    """
    faults = Faults()
    grid = read_grid(path, faults, beside=explanation_names())
    rows = rows_in(grid, ACHIEVED, faults)
    words = ACHIEVED.language_of(cell.value for cell in grid.header)
    read = _Reader(programme, until or dt.date.today(), words, faults)
    found = [pair for cells in rows.values() if (pair := read.row(cells)) is not None]
    order = {indicator.code: place for place, indicator in enumerate(programme.indicators)}
    found.sort(key=lambda pair: (order[pair[0].code], pair[0].cut_off))
    for code, pairs in groupby(found, key=lambda pair: pair[0].code):
        _check_order(list(pairs), programme.indicator(code), faults)
    if not found and not faults.lines:
        faults.add(
            say("no achieved value"), where=str(path), expected=say("a value in one row or more")
        )
    faults.check()
    return Achieved(programme.id, tuple(value for value, _ in found), path.name)


class _Reader:
    """Reads rows for one programme; what is wrong goes to the faults."""

    def __init__(
        self, programme: Programme, until: dt.date, words: Language, faults: Faults
    ) -> None:
        self._programme, self._until, self._faults = programme, until, faults
        self._words = words  # of the file
        self._indicators = {indicator.code: indicator for indicator in programme.indicators}

    def row(self, cells: Mapping[str, Cell]) -> tuple[AchievedValue, Cell] | None:
        """Return the value of a row and its cell; None where it has none, or something is wrong."""
        attempt, given = self._faults.attempt, cells["value"]
        is_empty = given.value is None and cells["cut_off"].value is None
        if is_empty and cells["code"].value is None:
            return None
        indicator = attempt(self._indicator, cells["code"])
        if is_empty:
            return None
        day = attempt(self._day, cells["cut_off"], indicator)
        if indicator is None:
            return None
        attempt(_check_unit, cells["unit"], indicator, self._words)
        if "name" in cells:
            attempt(self._check_name, cells["name"], indicator)
        number = attempt(_value_of, given, indicator, self._words)
        if number is None or day is None:
            return None
        notes = (_text(cells.get("source")), _text(cells.get("remark")))
        return AchievedValue(indicator.code, number, day, *notes), given

    def _indicator(self, cell: Cell) -> Indicator:
        indicator = self._indicators.get(str(cell.value))
        if indicator is None:
            near = get_close_matches(str(cell.value), self._indicators, n=3, cutoff=0.5)
            known = near or list(self._indicators)[:3]
            raise InputError(
                say("is empty")
                if cell.value is None
                else say("{value} is no indicator", value=shown(cell.value)),
                where=cell.where,
                expected=say(
                    "a code of {programme} such as {codes}",
                    programme=self._programme.id,
                    codes=", ".join(known),
                ),
            )
        if not indicator.monitored:
            raise InputError(
                say("{code} is not monitored", code=indicator.code),
                where=cell.where,
                expected=say("indicators that the programme monitors"),
                action=say("delete the row"),
            )
        return indicator

    def _check_name(self, cell: Cell, indicator: Indicator) -> None:
        """Refuse the name of another indicator, as rows that were moved have it."""
        text = folded(str(cell.value))
        if cell.value is None or text in _names(indicator):
            return
        for other in self._indicators.values():
            if text in _names(other):
                raise InputError(
                    say(
                        "the name of {other} beside the code {code}",
                        other=other.code,
                        code=indicator.code,
                    ),
                    where=cell.where,
                    expected=say(
                        "'{name}' in the language of the file",
                        name=indicator.name[self._words.code],
                    ),
                )

    def _day(self, cell: Cell, indicator: Indicator | None) -> dt.date:
        day, programme = day_of(cell), self._programme
        first = (indicator and indicator.monitored_from) or programme.counting_starts
        target_date = (indicator and indicator.target_date) or programme.target_date
        last = max(target_date, programme.target_date).end_time.date()
        if day > self._until:
            raise InputError(
                say("{day} has not come yet", day=day),
                where=cell.where,
                expected=say(
                    "a day up to {day}: what was counted, not a forecast", day=self._until
                ),
            )
        if not first.start_time.date() <= day <= last:
            raise InputError(
                say("{day} is after the programme", day=day)
                if day > last
                else say("{day} is before the programme", day=day),
                where=cell.where,
                expected=say("{low} to {high}", low=first.start_time.date(), high=last),
            )
        return day


def _check_unit(cell: Cell, indicator: Indicator, words: Language) -> None:
    """Refuse another unit, such as persons where places are counted."""
    known = {folded(indicator.unit), *(folded(unit_text(indicator, w)) for w in languages())}
    known |= {folded(_unit_name(indicator, w)) for w in languages()}
    if folded(str(cell.value)) not in known:
        raise InputError(
            say("is empty")
            if cell.value is None
            else say("unit {value} of {code}", value=shown(cell.value), code=indicator.code),
            where=cell.where,
            expected=f"'{unit_text(indicator, words)}'",
            action=say("give the value in the unit of the indicator"),
        )


def _value_of(cell: Cell, indicator: Indicator, words: Language) -> float:
    if is_deliverable(indicator):
        return _done(cell, words)
    unit = parse_unit(indicator.unit)
    if unit.is_percent:
        value = percentage_of(cell)
        if value < 0 and not indicator.is_change:
            raise InputError(
                say("{value} is negative", value=shown(cell.value)),
                where=cell.where,
                expected=say("{low} or more", low="0 %"),
            )
        return value
    if cell.is_percentage:
        raise InputError(
            say("{value} is shown as a percentage", value=shown(cell.value)),
            where=cell.where,
            expected=say("a number of {unit}", unit=_unit_of_message(indicator)),
            action=say("format the cell as a number"),
        )
    read: Callable[[Cell, str], float] = count_of if unit.is_counted else amount_of
    return read(cell, _unit_of_message(indicator))


def _unit_of_message(indicator: Indicator) -> str:
    """Unit in a message: of the catalogue, which is English, or as the language writes it."""
    words = message_words()
    return indicator.unit if words.code == "en" else _unit_name(indicator, words)


def _done(cell: Cell, words: Language) -> float:
    answers = {"1": 1.0, "0": 0.0}
    for each in languages():
        answers[folded(each.gettext("done"))] = 1.0
        answers[folded(each.gettext("not done"))] = 0.0
    answer = answers.get(folded(str(cell.value)))
    if answer is None:
        raise InputError(
            say("is empty")
            if cell.value is None
            else say("{value} for a deliverable", value=shown(cell.value)),
            where=cell.where,
            expected=f"'{words.gettext('done')}', '{words.gettext('not done')}'",
        )
    return answer


def _check_order(
    pairs: list[tuple[AchievedValue, Cell]], indicator: Indicator, faults: Faults
) -> None:
    """Add dates that stand twice, and counts since the start that fall."""
    unit = parse_unit(indicator.unit)
    is_level = unit.is_percent or any(p < 0 or base in _LEVELS for base, p in unit.powers)
    for (before, _), (value, cell) in pairwise(pairs):
        if value.cut_off == before.cut_off:
            faults.add(
                say("{code} on {day} stands twice", code=value.code, day=value.cut_off),
                where=cell.where,
                expected=say("each indicator and cut-off date once"),
            )
        elif value.value < before.value and not is_level:
            faults.add(
                say(
                    "{code} falls from {before} on {earlier} to {value} on {later}",
                    code=value.code,
                    before=f"{before.value:g}",
                    earlier=before.cut_off,
                    value=f"{value.value:g}",
                    later=value.cut_off,
                ),
                where=cell.where,
                expected=say("counts since the start of the programme"),
                action=say("if the earlier value was wrong, correct it and say so in the remark"),
            )


def unit_text(indicator: Indicator, words: Language) -> str:
    """What stands in the column of units."""
    if is_deliverable(indicator):
        return words.gettext("done or not done")
    return _unit_name(indicator, words)


def _unit_name(indicator: Indicator, words: Language) -> str:
    return format_unit(parse_unit(indicator.unit), words)


def _names(indicator: Indicator) -> set[str]:
    texts = [indicator.name, indicator.short_name or {}]
    return {folded(name) for text in texts for name in text.values()}


def _text(cell: Cell | None) -> str:
    return "" if cell is None or cell.value is None else str(cell.value)
