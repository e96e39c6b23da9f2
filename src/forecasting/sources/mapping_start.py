"""The start of a mapping for a spreadsheet: what can be seen in it, the rest to be filled in."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.sources.mapped_periods import PeriodForm, read_period
from forecasting.sources.raw_sheet import RawSheet, read_raw_sheet
from forecasting.sources.spreadsheet import Cell, Faults

FILL_IN = "..."


def start_mapping(path: Path, *, sheet: str = "") -> str:
    """Write the start of a mapping as YAML.

    The row with the most texts is taken for the headers; columns are told apart by the first row
    below. What nobody can see in a file is written as ``...``.

    Parameters
    ----------
    path : pathlib.Path
        XLSX, or CSV in UTF-8.
    sheet : str
        Its name; empty: the only one with values.

    Raises
    ------
    InputError
        If the file cannot be read, or has no rows below the headers.
    """
    raw = _read(path, sheet)
    header = _header(raw)
    below = [row for number, row in raw.rows.items() if number > header]
    if not below:
        raise InputError(
            say("a header and no rows"), where=raw.where, expected=say("one row per value")
        )
    names = {
        place: str(cell.value)
        for place, cell in enumerate(raw.rows[header])
        if cell.value is not None
    }
    content = {
        "source": FILL_IN,
        "title": str(next(iter(raw.rows.values()))[0].value or FILL_IN),
        **dict.fromkeys(("publisher", "dataset", "licence"), FILL_IN),
        "frequency": "M",
        "unit": "persons",
        "kind": "flow",
        **({"sheet": _sheet_name(raw)} if path.suffix.lower() != ".csv" else {}),
        "header": header,
        **_places(names, below[0]),
        "decimal": ",",
        "thousands": ".",
        "missing": ["-"],
        "skip": [say("total") + "*"],
    }
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False)


def _read(path: Path, sheet: str) -> RawSheet:
    raw = read_raw_sheet(path, Faults(), sheet=sheet, header=1)
    if path.suffix.lower() == ".csv":  # titles hold no delimiters: look where the columns are
        return read_raw_sheet(path, Faults(), sheet=sheet, header=max(raw.rows))
    return raw


def _sheet_name(raw: RawSheet) -> str:
    return raw.where.split("'")[-2]


def _header(raw: RawSheet) -> int:
    def texts(number: int) -> int:
        return len({cell.value for cell in raw.rows[number] if isinstance(cell.value, str)})

    return max(raw.rows, key=texts)


def _places(names: Mapping[int, str], row: tuple[Cell, ...]) -> dict[str, Any]:
    """Sort the columns by what stands in them: periods, figures, words."""
    month = PeriodForm("M")
    across = {place for place, name in names.items() if read_period([Cell(name, "")], month)}
    filled = [place for place in names if place < len(row) and place not in across]
    tried = [*combinations(filled, 1), *combinations(filled, 2)]  # a month, or year and month
    periods = next((p for p in tried if read_period([row[at] for at in p], month)), ())
    figures = {place for place in filled if _is_figure(row[place])} - {*periods}
    words = set(names) - across - {*periods} - figures
    keys = {f"key_{n}": {"column": names[p]} for n, p in enumerate(sorted(words), start=1)}
    if across:
        return {"period": {"across": True}, "keys": keys or {"geo": FILL_IN}}
    return {
        "period": {"columns": [names[p] for p in periods] or [FILL_IN]},
        "values": [{"column": names[p]} for p in sorted(figures)],
        "keys": keys or {"geo": FILL_IN},
    }


def _is_figure(cell: Cell) -> bool:
    if isinstance(cell.value, str):
        return cell.value.replace(".", "").replace(",", "").replace(" ", "").isdigit()
    return isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
