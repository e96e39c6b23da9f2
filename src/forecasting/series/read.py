"""Read a series from the reference figures or from a file, as it was known at a date."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd

from forecasting.errors import InputError
from forecasting.languages.messages import one_of, say, say_n
from forecasting.periods import format_period, last_second, parse_month
from forecasting.series.regular import RegularSeries, make_series, regularise
from forecasting.sources.reference import (
    Dataset,
    find_dataset,
    is_synthetic,
    load_manifest,
    read_observations,
)
from forecasting.tables import MISSING_MARKS, SERIES_COLUMNS, parse_number, read_rows

_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
_WHOLE = re.compile(r"[0-9]+")
_SYNTHETIC = "synthetic figures, generated and not observed"


def read_series(
    name: str | Path,
    *,
    as_of: str | None = None,
    series_id: str | None = None,
    unit: str = "persons",
    kind: str = "flow",
    missing: str = "error",
) -> RegularSeries:
    """Read one regular series.

    Parameters
    ----------
    name : str or pathlib.Path
        A reference name such as ``asylum-applicants/SI``, or a CSV file with the columns
        ``series_id,period,value``. What the manifest beside a file calls synthetic is marked so.
    as_of : str, optional
        Month ``YYYY-MM``: only what was known at its end is used. Of a reference series that is
        the newest vintage retrieved by then, as the store holds it. Where there is none, it is
        every period up to the data set's publication lag of the first figures after that month;
        later revisions of these periods cannot be undone and are noted. A month after the newest
        figures is refused. Default: everything held.
    series_id : str, optional
        Which series of a file, if it holds several.
    unit, kind : str
        Unit and kind (``flow`` or ``stock``) of the values of a file; of a reference series they
        stand in its manifest.
    missing : {"error", "interpolate", "cut", "keep"}
        What to do with a gap or a missing value; see `make_series`.

    Returns
    -------
    RegularSeries

    Raises
    ------
    InputError
        For anything that cannot be used, with file, row and what was expected.
    """
    text = str(name)
    if isinstance(name, str) and _is_reference(text):
        return _read_reference(text, as_of, missing)
    rows = read_rows(Path(text), SERIES_COLUMNS)
    known = list(dict.fromkeys(rows["series_id"]))
    if series_id is None and len(known) > 1:
        raise InputError(
            say_n("{n} series", "{n} series", len(known)),
            where=text,
            expected=say("series_id= one of {names}", names=", ".join(known[:10])),
        )
    chosen = known[0] if series_id is None else series_id
    if chosen not in known:
        raise InputError(
            say("no series '{name}'", name=chosen), where=text, expected=", ".join(known[:10])
        )
    series = series_from_rows(
        rows[rows["series_id"] == chosen], Path(text), unit=unit, kind=kind, missing=missing
    )
    return series if as_of is None else _cut(series, parse_month(as_of, where="as-of"), 0)


def series_from_rows(
    rows: pd.DataFrame,
    path: Path,
    *,
    unit: str = "persons",
    kind: str = "flow",
    missing: str = "error",
) -> RegularSeries:
    """Build the series of one ``series_id`` from the rows of a file (see `tables.read_rows`).

    Raises
    ------
    InputError
        For anything that cannot be used, also a value that may be written with a thousands point:
        ``1.234`` where every other value is a whole number.
    """
    name = str(rows["series_id"].iloc[0])
    places = [
        say("{path}, row {row}, series {name}", path=path, row=row, name=name) for row in rows.index
    ]
    values = [
        parse_number(text, where=place) for text, place in zip(rows["value"], places, strict=True)
    ]
    _refuse_thousands_points(list(rows["value"]), places)
    filled, notes = regularise(list(rows["period"]), values, places, missing)
    series = RegularSeries(name, filled, unit, kind, source=path.name, notes=notes)
    return _marked(series) if is_synthetic(path) else series


def has_thousands_point(text: str) -> bool:
    """Whether a number may be a count with a thousands point: ``1.234``, never ``0.512``."""
    return _THOUSANDS.fullmatch(text) is not None


def thousands_point_error(text: str, *, where: str) -> InputError:
    """Error for a value of which `has_thousands_point` is true, with both ways out."""
    return InputError(
        say("value '{text}' may be a thousands point", text=text),
        where=where,
        expected=text.replace(".", ""),
        action=say("if a fraction is meant write {number}", number=f"{text}0"),
    )


def _refuse_thousands_points(texts: list[str], places: list[str]) -> None:
    doubtful = [i for i, text in enumerate(texts) if has_thousands_point(text)]
    given = [text for text in texts if text.lower() not in MISSING_MARKS]
    if doubtful and all(_WHOLE.fullmatch(text) or has_thousands_point(text) for text in given):
        first = doubtful[0]
        raise thousands_point_error(texts[first], where=places[first])


def _is_reference(name: str) -> bool:
    return name.split("/", maxsplit=1)[0] in load_manifest()


def _read_reference(name: str, as_of: str | None, missing: str) -> RegularSeries:
    dataset_name, _, geo = name.partition("/")
    if not geo:
        raise _no_series_named(load_manifest()[dataset_name])
    month = None if as_of is None else parse_month(as_of, where="as-of")
    if month is not None:
        _refuse_future(name, month, find_dataset(dataset_name).as_of)
    found = read_observations(dataset_name, geo, None if month is None else last_second(month))
    series = make_series(
        found.periods,
        found.values,
        series_id=name,
        unit=found.unit,
        kind=found.kind,
        missing=missing,
    )
    dataset = found.dataset
    series = replace(series, source=dataset.source, vintage=dataset.as_of)
    series = _marked(series) if dataset.synthetic else series
    if month is None or (dataset.held and dataset.as_of <= month.end_time.date()):
        return series  # a vintage is what was known
    return _cut(series, month, dataset.publication_lag_months)


def _no_series_named(dataset: Dataset) -> InputError:
    if dataset.series:
        known = one_of([f"{dataset.name}/{label}" for label in dataset.series])
        return InputError(say("'{name}' names no series", name=dataset.name), expected=known)
    return InputError(
        say("'{name}' names no country", name=dataset.name),
        expected=say("for example {name}", name=f"{dataset.name}/SI"),
    )


def _marked(series: RegularSeries) -> RegularSeries:
    return replace(series, synthetic=True, notes=(*series.notes, _SYNTHETIC))


def _refuse_future(name: str, month: pd.Period, newest: dt.date) -> None:
    if month <= pd.Period(newest, freq="M"):
        return
    raise InputError(
        say(
            "as-of {month} lies after the newest figures held, of {day}",
            month=format_period(month),
            day=newest,
        ),
        where=name,
        expected=say("{month} or earlier", month=f"{newest:%Y-%m}"),
        action=say("leave as-of out to use the newest figures"),
    )


def _cut(series: RegularSeries, month: pd.Period, lag_months: int) -> RegularSeries:
    last = (month - lag_months).asfreq(series.periods.freqstr, how="end")
    if last.asfreq("M", how="end") > month - lag_months:
        last -= 1  # the quarter or year was not over yet
    if last < series.periods[0]:
        first_month = (series.periods[0].asfreq("M", how="end") + lag_months).strftime("%Y-%m")
        raise InputError(
            say("as-of {month} lies before the data start", month=format_period(month)),
            where=series.series_id,
            expected=say(
                "{month} or later: the first period, {period}, was not published before",
                month=first_month,
                period=format_period(series.periods[0]),
            ),
        )
    if last >= series.origin:
        return series
    note = (
        f"figures up to {format_period(last)} as they stand in the vintage of {series.vintage}; "
        "revisions made between as-of and that date are not undone"
    )
    notes = (*series.notes, note) if series.vintage else series.notes
    known = series.values[:last]
    return replace(series, values=known[: known.last_valid_index()], notes=notes)
