"""The figures that ship with the suite: ``data/reference/*.csv`` and their manifest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.locations import data_dir
from forecasting.periods import parse_month
from forecasting.schemas import key_place
from forecasting.sources.held import held_by, held_cells, newest_held, no_figures
from forecasting.sources.vintage_files import check_name, file_sha256
from forecasting.sources.yaml_files import read_yaml
from forecasting.tables import parse_number, read_rows, row_place

MANIFEST = "manifest.yaml"

SHAPES: dict[str, tuple[str, ...]] = {
    "series": ("geo", "period", "value"),
    "spans": ("geo", "start", "end", "value"),
    "points": ("quantity", "period", "value", "note"),
    "named_series": ("series_id", "period", "value"),
    "dated_points": ("quantity", "date", "value", "note"),
    "calibration": ("model", "first_month", "last_month", "inner", "tail", "cases"),
    "situations": (
        "situation",
        "origin",
        "momentum_quarter",
        "momentum_year",
        "momentum_two_years",
        "volatility",
        *(f"change_{month}" for month in range(1, 37)),
    ),
    "ratios": ("window_months", "quantile_level", "ratio", "cases", "countries"),
    "revisions": ("geo", "vintage", "age_months", "ratio"),
    "attainment": (
        "probability",
        "window_months",
        "cases",
        "met",
        "lower",
        "upper",
        "practice_met",
        "countries",
        "first_origin",
    ),
}
"""Columns of a reference file, by its shape; only the *series* are regular in time."""

SERIES_SHAPES = ("series", "named_series")
"""Shapes with a series for each value of the first column: a country, or a name."""

SHAPE_KEYS: dict[str, tuple[str, ...]] = {
    "series": ("geo", "period"),
    "named_series": ("series_id", "period"),
    "spans": ("geo", "start"),
    "points": ("quantity", "period"),
    "dated_points": ("quantity", "date"),
    "calibration": ("model", "first_month"),
    "situations": ("situation",),
    "ratios": ("window_months", "quantile_level"),
    "revisions": ("geo", "vintage", "age_months"),
    "attainment": ("probability", "window_months"),
}
"""Columns that together stand only once in a file of that shape."""

_REQUIRED = {
    "file": str,
    "title": str,
    "publisher": str,
    "dataset": str,
    "shape": str,
    "unit": str,
    "licence": str,
    "as_of": dt.date,
    "sha256": str,
}
_OPTIONAL = {
    "kind": str,
    "frequency": str,
    "publication_lag_months": int,
    "rounded_to": int,
    "panel": str,
    "revisions": str,
    "series": dict,
    "synthetic": bool,
    "note": str,
}


@dataclass(frozen=True)
class NamedSeries:
    """Unit and kind of one of the series of a data set."""

    unit: str
    kind: str


@dataclass(frozen=True)
class Dataset:
    """One entry of the manifest.

    Attributes
    ----------
    name : str
        Short name, for example ``asylum-applicants``.
    path : pathlib.Path
        The CSV file, or the Parquet file of a vintage.
    title, publisher, dataset, unit, licence : str
        What it is, who published it and under which code, in which unit, with which right to reuse.
    shape : str
        One of `SHAPES`.
    as_of : datetime.date
        Date on which the figures were taken.
    sha256 : str
        Of the file.
    kind : {"flow", "stock"}
        Of a series.
    frequency : {"M", "Q", "Y"}
        Of a series.
    publication_lag_months : int
        How many months a month's figure takes until it is published.
    rounded_to : int
        Multiple to which the publisher rounds, 1 if not at all.
    panel : str
        Data set of past situations that a forecast of this one learns from, if there is one.
    revisions : str
        Data set of how the newest figures were revised later, if there is one.
    series : mapping of str to NamedSeries
        Of the shape ``named_series``: unit and kind of each series, by its name.
    synthetic : bool
        Whether the figures were generated, not observed; said wherever they are shown.
    note : str
        What a reader must know.
    held : str
        Id of the vintage of the store that stands in the place of the file that ships, if one does;
        `path`, `sha256` and `as_of` are those of the vintage then.
    """

    name: str
    path: Path
    title: str
    publisher: str
    dataset: str
    shape: str
    unit: str
    licence: str
    as_of: dt.date
    sha256: str
    kind: str = "flow"
    frequency: str = "M"
    publication_lag_months: int = 0
    rounded_to: int = 1
    panel: str = ""
    revisions: str = ""
    series: Mapping[str, NamedSeries] = field(default_factory=dict)
    synthetic: bool = False
    note: str = ""
    held: str = ""

    @property
    def source(self) -> str:
        """How to name the source on a page."""
        return f"{self.publisher} {self.dataset}".strip()


@dataclass(frozen=True)
class Span:
    """A count over the months from `start` to `end`."""

    start: pd.Period
    end: pd.Period
    value: int


@dataclass(frozen=True)
class Observations:
    """The rows of one series of a data set, as text and numbers, with where they came from."""

    dataset: Dataset
    geo: str
    periods: tuple[str, ...]
    values: tuple[float, ...]

    @property
    def unit(self) -> str:
        """Unit of the values."""
        own = self.dataset.series.get(self.geo)
        return own.unit if own else self.dataset.unit

    @property
    def kind(self) -> str:
        """``flow`` or ``stock``."""
        own = self.dataset.series.get(self.geo)
        return own.kind if own else self.dataset.kind


def load_manifest(folder: Path | None = None) -> dict[str, Dataset]:
    """Read the manifest of a folder of reference files.

    Parameters
    ----------
    folder : pathlib.Path, optional
        Default: the reference figures that ship with the suite, each series continued by the newest
        vintage that the store holds of it.

    Raises
    ------
    InputError
        If the manifest is missing, is not YAML, or an entry lacks a key or has one too many.
    """
    if folder is None:
        shipped = load_manifest(data_dir() / "reference")
        return {
            name: newest_held(dataset) if dataset.shape in SERIES_SHAPES else dataset
            for name, dataset in shipped.items()
        }
    path = folder / MANIFEST
    entries = read_yaml(path)
    if not isinstance(entries, dict):
        raise InputError(
            say("not a mapping"), where=str(path), expected=say("one entry per data set")
        )
    return {str(name): _dataset(str(name), entry, path) for name, entry in entries.items()}


def find_dataset(name: str, known_by: dt.datetime | None = None) -> Dataset:
    """Return a data set by name.

    Parameters
    ----------
    name : str
        Of the manifest.
    known_by : datetime.datetime, optional
        In UTC: as it was known then, or the first figures after it where none were held. Default:
        the newest figures.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    dataset = _find(name, load_manifest(data_dir() / "reference"))
    if dataset.shape not in SERIES_SHAPES:
        return dataset
    return newest_held(dataset) if known_by is None else held_by(dataset, known_by)


def _find(name: str, datasets: Mapping[str, Dataset]) -> Dataset:
    if name not in datasets:
        raise InputError(
            say("reference data '{name}'", name=name), expected=", ".join(sorted(datasets))
        )
    return datasets[name]


def read_observations(name: str, geo: str, known_by: dt.datetime | None = None) -> Observations:
    """Read one series of a reference data set, by its country or its name.

    Parameters
    ----------
    name : str
        Of the data set.
    geo : str
        Of the series.
    known_by : datetime.datetime, optional
        In UTC: the vintage known then, or the first figures after it where none was held. Default:
        the newest figures.

    Raises
    ------
    InputError
        If the data set is not a series, its file differs from the manifest, a vintage is damaged,
        or there is no such geo.
    """
    dataset = find_dataset(name, known_by)
    if dataset.shape not in SERIES_SHAPES:
        raise InputError(
            say("'{name}' is not a series", name=name),
            where=str(dataset.path),
            expected=say("a series"),
        )
    if not dataset.held:
        return _read_shipped(dataset, geo)
    cells = held_cells(dataset, geo)
    return Observations(dataset, geo, tuple(cells["period"]), tuple(cells["value"].astype(float)))


def _read_shipped(dataset: Dataset, geo: str) -> Observations:
    columns = SHAPES[dataset.shape]
    rows = read_rows(dataset.path, columns)
    check_hash(dataset)
    known = sorted(set(rows[columns[0]]))
    if geo not in known:
        raise no_figures(dataset, geo, known)
    chosen = rows[rows[columns[0]] == geo]
    values = tuple(
        parse_number(text, where=row_place(dataset.path, row))
        for row, text in chosen["value"].items()
    )
    return Observations(dataset, geo, tuple(chosen["period"]), values)


def read_spans(name: str, geo: str) -> list[Span]:
    """Read counts over spans of months, in the order of the file; empty if there are none.

    Raises
    ------
    InputError
        If the data set does not hold spans.
    """
    dataset = find_dataset(name)
    if dataset.shape != "spans":
        raise InputError(
            say("'{name}' holds no spans", name=name), where=str(dataset.path), expected="spans"
        )
    check_hash(dataset)
    rows = read_rows(dataset.path, SHAPES["spans"])
    return [
        Span(
            parse_month(str(cells["start"]), where=row_place(dataset.path, row)),
            parse_month(str(cells["end"]), where=row_place(dataset.path, row)),
            int(cells["value"]),
        )
        for row, cells in rows[rows["geo"] == geo].iterrows()
    ]


def is_synthetic(path: Path) -> bool:
    """Whether a file stands beside a manifest that calls it synthetic."""
    if not (path.parent / MANIFEST).is_file():
        return False
    try:
        entries = load_manifest(path.parent).values()
    except InputError:  # a manifest of something else
        return False
    return any(entry.synthetic and entry.path.name == path.name for entry in entries)


def check_hash(dataset: Dataset) -> None:
    """Refuse a file that is not the one the manifest describes, or a vintage that is damaged.

    Raises
    ------
    InputError
        If the SHA-256 differs; the message holds the new one.
    """
    if dataset.held:
        check_name(dataset.path)
        return
    found = file_sha256(dataset.path)
    if found != dataset.sha256:
        raise InputError(
            say("the file has changed: sha256 {hash}", hash=found),
            where=str(dataset.path),
            expected=say(
                "{hash} (key 'sha256' of '{name}' in {file})",
                hash=dataset.sha256,
                name=dataset.name,
                file=MANIFEST,
            ),
            action=say(
                "if the change is meant, put the new value and as-of date into the manifest"
            ),
        )


def _dataset(name: str, entry: object, path: Path) -> Dataset:
    where = key_place(path, name)
    if not isinstance(entry, dict):
        raise InputError(say("not a mapping"), where=where, expected=", ".join(_REQUIRED))
    for key in entry:
        if key not in _REQUIRED | _OPTIONAL:
            known = ", ".join(_REQUIRED | _OPTIONAL)
            raise InputError(say("key '{key}' is not known", key=key), where=where, expected=known)
    for key, kind in (_REQUIRED | _OPTIONAL).items():
        if key in entry and not isinstance(entry[key], kind):
            raise InputError(
                say("'{key}' is {value}", key=key, value=repr(entry[key])),
                where=where,
                expected=say("a {type}", type=kind.__name__),
            )
        if key in _REQUIRED and key not in entry:
            raise InputError(say("key '{key}' is missing", key=key), where=where)
    if entry["shape"] not in SHAPES:
        raise InputError(
            say("shape '{shape}'", shape=entry["shape"]), where=where, expected=", ".join(SHAPES)
        )
    file = path.parent / entry["file"]
    if file.parent != path.parent or not file.is_file():
        raise InputError(say("file '{file}' is not there", file=entry["file"]), where=where)
    rest = {key: value for key, value in entry.items() if key not in {"file", "series"}}
    return Dataset(name=name, path=file, series=_named_series(entry, where), **rest)


def _named_series(entry: Mapping[str, Any], where: str) -> dict[str, NamedSeries]:
    series = entry.get("series", {})
    if bool(series) != (entry["shape"] == "named_series"):
        raise InputError(
            say("a key 'series'") if series else say("no key 'series'"),
            where=where,
            expected=say("unit and kind of each series, for the shape named_series only"),
        )
    for label, words in series.items():
        if not isinstance(words, dict) or words.keys() != {"unit", "kind"}:
            raise InputError(
                say("series '{name}'", name=label),
                where=where,
                expected=say("the keys {names}", names="unit, kind"),
            )
    return {str(label): NamedSeries(**words) for label, words in series.items()}
