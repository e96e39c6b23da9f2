"""Keep the forecasts and targets of a run, before anybody knows how they will turn out."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from forecasting.archive.files import (
    SCHEMA,
    SCHEMA_KEY,
    Kind,
    NameParts,
    connect,
    folder_of,
    list_files,
)
from forecasting.archive.proposals import target_rows
from forecasting.errors import InputError, OutputError, describe_os_error
from forecasting.languages.messages import say
from forecasting.names import plain_name
from forecasting.syncing import sync_folder
from forecasting.tables import FORECAST_COLUMNS, write_bytes

FORECASTS, BENCHMARKS, TARGETS = "forecast.csv", "benchmarks.csv", "targets.csv"
"""Result files of a run that are kept; a run may go without the last two."""

SUITE = "suite"
"""Who proposed the targets of a run."""


@dataclass(frozen=True)
class RunFacts:
    """What a run knows of itself.

    Attributes
    ----------
    run_id : str
    made : datetime.datetime
        When it began, with its time zone.
    vintage : datetime.date
        Date of the figures it was made from: `RegularSeries.vintage`.
    geo : str
        Country.
    programme : str
        Id of the programme whose targets it proposes; empty where it proposes none.
    as_of : str
        Month as of which it was asked for; empty for everything held. A run with such a month is a
        replay: its forecasts are kept, but not scored as if they had been made then.
    paths, seed : int
    proposed_by : str
        Who proposes its targets.
    """

    run_id: str
    made: dt.datetime
    vintage: dt.date
    geo: str
    programme: str
    as_of: str
    paths: int
    seed: int
    proposed_by: str = SUITE

    @property
    def replay(self) -> bool:
        """Whether it was made as of a month."""
        return bool(self.as_of)


def record_run(workdir: Path, facts: RunFacts) -> Path:
    """Keep the forecasts and targets that a run has written into a folder.

    The targets are written first, then the forecasts; each file is whole or not there. A run that
    is in the archive already is left as it was first recorded.

    Parameters
    ----------
    workdir : pathlib.Path
        Holds ``forecast.csv``, and perhaps ``benchmarks.csv`` and ``targets.csv``.
    facts : RunFacts

    Returns
    -------
    pathlib.Path
        The file of the forecasts.

    Raises
    ------
    InputError
        If a file does not hold what it should.
    OutputError
        If the archive cannot be written.
    """
    forecasts = _forecasts(workdir)
    head = forecasts.iloc[0]
    if (workdir / TARGETS).is_file() and facts.programme:
        own = target_rows(pd.read_csv(workdir / TARGETS, dtype={"version": str}))
        if not own.empty:
            own = own.assign(
                origin=str(head["origin"]), horizon=int(forecasts["horizon"].max()),
                model=str(head["model"]),
            )  # fmt: skip
            _keep(own, "targets", facts.programme, facts)
    return _keep(forecasts, "forecasts", str(head["series_id"]), facts)


def _forecasts(workdir: Path) -> pd.DataFrame:
    paths = [workdir / name for name in (FORECASTS, BENCHMARKS)]
    tables = [_read(path) for path in paths if path == paths[0] or path.is_file()]
    rows = pd.concat(tables, ignore_index=True)
    for column in ("series_id", "origin"):
        found = len(set(rows[column]))
        if found != 1:
            raise InputError(
                say("{n} different entries in {column}", n=found, column=column),
                where=str(workdir),
                expected=say("one series at one origin"),
            )
    return rows


def _read(path: Path) -> pd.DataFrame:
    text = dict.fromkeys(("series_id", "origin", "period", "model", "output_type", "flag"), str)
    try:
        rows = pd.read_csv(path, dtype=text)
    except FileNotFoundError:
        raise InputError(say("no such file"), where=str(path)) from None
    if list(rows.columns) != list(FORECAST_COLUMNS) or rows.empty:
        raise InputError(
            say("no table of forecasts"),
            where=str(path),
            expected=say("the columns {names}", names=",".join(FORECAST_COLUMNS)),
        )
    return rows.assign(flag=rows["flag"].fillna(""))


def _keep(rows: pd.DataFrame, kind: Kind, name: str, facts: RunFacts) -> Path:
    plain_name(facts.run_id, where="run id")
    folder = folder_of(kind, name)
    former = next((each for each in list_files(folder) if each.run_id == facts.run_id), None)
    if former is not None and former.is_whole:
        return former.path
    # a damaged file is written again under the time that it names
    made = facts.made.astimezone(dt.UTC).replace(microsecond=0) if former is None else former.made
    known = asdict(facts) | {"made": made.replace(tzinfo=None), "replay": facts.replay}
    stated = rows.assign(**known, suite_version=version("forecasting"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob(f".*_{facts.run_id}_*"):  # of this run, when it was killed
            leftover.unlink(missing_ok=True)
        content = _parquet(stated)
        path = folder / _name_parts(rows, made, facts).name(content)
        write_bytes(content, path)
        sync_folder(folder)
    except OSError as problem:
        raise describe_os_error(problem, folder) from problem
    return path


def _name_parts(rows: pd.DataFrame, made: dt.datetime, facts: RunFacts) -> NameParts:
    return NameParts(
        vintage=facts.vintage,
        origin=str(rows["origin"].iloc[0]),
        horizon=int(rows["horizon"].max()),
        model=str(rows["model"].iloc[0]),
        made=made,
        run_id=facts.run_id,
        replay=facts.replay,
    )


def _parquet(rows: pd.DataFrame) -> bytes:
    """Write a table as Parquet, its schema version in the metadata."""
    import duckdb

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        engine = connect()
        engine.register("stated", rows)
        try:
            engine.execute(
                "COPY (FROM stated) TO $path (FORMAT parquet, COMPRESSION zstd, "
                f"KV_METADATA {{{SCHEMA_KEY}: '{SCHEMA}'}})",
                {"path": str(path)},
            )
        except duckdb.IOException as problem:  # such as a full disk, which it does not tell apart
            raise OutputError(f"{path.parent} cannot be written: {problem}") from problem
        return path.read_bytes()
