"""Hold the files under ``data/`` against their rules and say what is wrong, file by file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pandas as pd

from forecasting.errors import InputError
from forecasting.languages import Language
from forecasting.languages.texts import lacking_languages, texts_by_language
from forecasting.locations import data_dir
from forecasting.paths import periods_of
from forecasting.periods import format_period, frequency_of, parse_month, parse_period
from forecasting.programmes.catalogue import Programme, load_programme
from forecasting.programmes.proposals import propose_targets
from forecasting.programmes.units import parse_unit
from forecasting.runs.brief_inputs import BriefInputs
from forecasting.runs.plan_checks import check_plan
from forecasting.runs.plans import PlanFile, load_plan
from forecasting.savings.config import load_savings
from forecasting.savings.project import differences, load_project, relations
from forecasting.savings.project_schema import Project
from forecasting.savings.schema import SavingsConfig
from forecasting.scenarios.load import FOLDER as SCENARIOS
from forecasting.scenarios.load import load_scenario
from forecasting.scenarios.schema import Scenario, ScenarioFile
from forecasting.schemas import Strict
from forecasting.series import series_from_rows
from forecasting.sources.definitions import SourceFile, load_source
from forecasting.sources.parameters import load_parameters
from forecasting.sources.recipients_layout import COUNTS
from forecasting.sources.recipients_points import check_against_points
from forecasting.sources.recipients_table import is_recipients_table, read_recipients
from forecasting.sources.reference import (
    MANIFEST,
    SERIES_SHAPES,
    SHAPE_KEYS,
    SHAPES,
    Dataset,
    check_hash,
    load_manifest,
)
from forecasting.sources.yaml_files import read_yaml
from forecasting.stocks.backlog_config import BacklogConfig, load_backlog
from forecasting.stocks.occupancy_config import OccupancyConfig, load_occupancy
from forecasting.tables import SERIES_COLUMNS, parse_number, read_rows


@dataclass(frozen=True)
class FileReport:
    """What a check found in one file.

    Attributes
    ----------
    path : pathlib.Path
    summary : str
        What was checked, for a file in order.
    problems : tuple of str
        What is wrong, with row or key.
    remarks : tuple of str
        What a reader should know although nothing is wrong.
    """

    path: Path
    summary: str = ""
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def check_files(paths: list[Path] | None = None) -> list[FileReport]:
    """Check files and folders.

    Parameters
    ----------
    paths : list of pathlib.Path, optional
        CSV files (reference data beside a manifest, or series with the columns
        ``series_id,period,value``), YAML files (a programme, a project, a scenario, parameters, or
        a configuration for the occupancy, the backlog or the savings, recognised by its keys), or
        folders of such files. By its own name
        also a monthly table of recipients of social assistance, XLSX or CSV, which is held against
        the published counts. Default: all data of the suite.

    Returns
    -------
    list of FileReport
        One per file.

    Raises
    ------
    InputError
        If a path does not exist or holds nothing that can be checked.
    """
    reports = [report for path in paths or [data_dir()] for report in _check_path(path)]
    if not reports:
        raise InputError("no CSV or YAML file", where=", ".join(map(str, paths or [])))
    return reports


def _check_path(path: Path) -> Iterator[FileReport]:
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.suffix in {".csv", ".yaml", ".yml"}:
                yield _check_file(file)
    elif path.is_file():
        yield _check_file(path)
    else:
        raise InputError("no such file or folder", where=str(path))


def _check_file(path: Path) -> FileReport:
    if path.name == MANIFEST:
        return _guarded(path, _check_manifest)
    if path.suffix in {".yaml", ".yml"}:
        return _guarded(path, _check_yaml)
    if (path.parent / MANIFEST).is_file():
        return _guarded(path, _check_reference)
    if path.suffix == ".xlsx" or is_recipients_table(path):
        return _guarded(path, _check_recipients)
    return _guarded(path, _check_series_file)


def _guarded(path: Path, check: Callable[[Path], FileReport]) -> FileReport:
    try:
        return check(path)
    except InputError as problem:
        return FileReport(path, problems=tuple(str(problem).split("\n")))


def _check_manifest(path: Path) -> FileReport:
    datasets = load_manifest(path.parent)
    problems = []
    for name, dataset in datasets.items():
        for unit in [dataset.unit, *(named.unit for named in dataset.series.values())]:
            try:
                parse_unit(unit, where=f"{path}, key '{name}'")
            except InputError as problem:
                problems.append(str(problem))
    return FileReport(path, f"{len(datasets)} data sets", tuple(problems))


def _check_yaml(path: Path) -> FileReport:
    """Check a YAML file as what most of its keys belong to."""
    content = read_yaml(path)
    if isinstance(content, list):
        return _check_parameters(path)
    keys = content if isinstance(content, dict) else {}
    kinds: tuple[tuple[type[Strict], Callable[[Path], FileReport]], ...] = (
        (Programme, _check_programme),
        (OccupancyConfig, _check_occupancy),
        (BacklogConfig, _check_backlog),
        (SavingsConfig, _check_savings),
        (Project, _check_project),
        (ScenarioFile, _check_scenario),
        (SourceFile, _check_source),
        (PlanFile, _check_plan),
    )
    _, check = max(kinds, key=lambda kind: len(kind[0].model_fields.keys() & keys))
    return check(path)


def _check_parameters(path: Path) -> FileReport:
    loaded = load_parameters(str(path))
    problems = []
    for entry in loaded.entries:
        try:
            parse_unit(entry.unit, where=f"{path}, key '{entry.id}'")
        except InputError as problem:
            problems.append(str(problem))
    return FileReport(path, f"{len(loaded.entries)} parameters", tuple(problems))


def _check_source(path: Path) -> FileReport:
    source = load_source(path)
    return FileReport(path, f"a source, {source.publisher} {source.dataset}")


def _check_plan(path: Path) -> FileReport:
    plan = load_plan(str(path), output_dir=Path("outputs"))
    check_plan(plan, BriefInputs())
    count = len(plan.briefings)
    return FileReport(path, f"a plan, {count} briefing{'s' * (count != 1)}")


def _check_occupancy(path: Path) -> FileReport:
    plan = load_occupancy(path, check_only=True)
    groups = f"{len(plan.groups)} groups, " if len(plan.groups) > 1 else ""
    summary = f"an occupancy, {groups}{_span(plan.periods)}"
    return FileReport(path, summary, tuple(_lacking_texts(path)))


def _check_backlog(path: Path) -> FileReport:
    plan = load_backlog(path, check_only=True)
    summary = f"a backlog, {_span(periods_of(plan.inputs.inflow))}"
    return FileReport(path, summary, tuple(_lacking_texts(path)))


def _check_savings(path: Path) -> FileReport:
    plan = load_savings(path)
    summary = f"savings, {len(plan.cohorts)} cohorts, {plan.config.horizon_months} months"
    return FileReport(path, summary, tuple(_lacking_texts(path)), plan.remarks)


def _check_project(path: Path) -> FileReport:
    project = load_project(path)
    found, apart = len(relations(project)), len(differences(project))
    summary = f"a project, {found} relations, {apart} recorded differences"
    return FileReport(path, summary, tuple(_lacking_texts(path)))


def _lacking_texts(path: Path) -> Iterator[str]:
    """Check that every text by language stands in all of them."""
    for key, text in texts_by_language(read_yaml(path)):
        if lacking := lacking_languages(text):
            yield f"{path}, key '{key}': no text in {', '.join(lacking)}"


def _check_scenario(path: Path) -> FileReport:
    """Check a scenario, what a reference names, and that one that ships is in four languages."""
    scenario = load_scenario(path)
    texts = tuple(_lacking_texts(path))
    shipped = path.resolve().parent == (data_dir() / SCENARIOS).resolve()
    problems = (*(texts if shipped else ()), *(() if scenario.parents else _chain(scenario)))
    extends = f", extends {', '.join(scenario.parents)}" if scenario.parents else ", a reference"
    levers = f"{len(scenario.levers)} lever{'s' * (len(scenario.levers) != 1)}"
    remarks = tuple(f"{text}; pages in it show the text as written" for text in texts)
    summary = f"a scenario, {levers}{extends}"
    return FileReport(path, summary, problems, () if shipped else remarks)


def _chain(scenario: Scenario) -> Iterator[str]:
    """Check that the configurations that a reference names are in order."""
    chain = scenario.chain
    named: list[tuple[str, str | None, Callable[[str], object]]] = [
        ("programme", chain.programme, load_programme),
        ("backlog", chain.backlog, partial(load_backlog, check_only=True)),
        ("savings", chain.savings, load_savings),
    ]
    named += [
        ("centres", centre.config, partial(load_occupancy, check_only=True))
        for centre in chain.centres
    ]
    yield from _faults_of(named, scenario.path, "chain.")


def _span(periods: pd.PeriodIndex) -> str:
    return f"{format_period(periods[0])} to {format_period(periods[-1])}"


def _check_programme(path: Path) -> FileReport:
    programme = load_programme(str(path))
    english = Language("en")
    remarks = []
    for proposal in propose_targets(programme, None):
        if not proposal.difference:
            continue
        words = (
            f"{proposal.indicator.code} {proposal.point}: the inputs give "
            f"{english.number(proposal.rederived or 0)}, published are "
            f"{english.number(proposal.published or 0)}"
        )
        recorded = proposal.explained
        if recorded is None or recorded.amount != proposal.difference:
            words += " (not recorded under 'differences')"
        remarks.append(words)
    summary = f"{len(programme.indicators)} indicators"
    return FileReport(path, summary, tuple(_named_files(programme, path)), tuple(remarks))


def _named_files(programme: Programme, path: Path) -> Iterator[str]:
    """Check that the project and the savings that a programme names are there and in order."""
    yield from _faults_of(
        [
            ("project", programme.project, load_project),
            ("savings", programme.savings, load_savings),
        ],
        path,
    )


def _faults_of(
    named: Sequence[tuple[str, str | None, Callable[[str], object]]], path: Path, prefix: str = ""
) -> Iterator[str]:
    """Load what keys of a file name, and say what is wrong with it."""
    for key, name, load in named:
        try:
            if name is not None:
                load(name)
        except InputError as problem:
            yield f"{path}, key '{prefix}{key}': {problem}"


def _check_series_file(path: Path) -> FileReport:
    rows = read_rows(path, SERIES_COLUMNS)
    return _check_series(path, rows, "series_id")


def _check_recipients(path: Path) -> FileReport:
    """Check a monthly table of recipients, and say how it agrees with what was published."""
    table = read_recipients(path).table
    remarks = [
        str(comparison)
        for quantity in COUNTS
        if quantity in table
        for comparison in check_against_points(table[quantity], quantity)
    ] or ["no published count falls into these months"]
    names = ", ".join(table.columns)
    return FileReport(path, f"{names}, {_span(pd.PeriodIndex(table.index))}", (), tuple(remarks))


def _check_reference(path: Path) -> FileReport:
    entries = [entry for entry in load_manifest(path.parent).values() if entry.path == path]
    if not entries:
        raise InputError(f"the file has no entry in {MANIFEST}", where=str(path))
    dataset = entries[0]
    check_hash(dataset)
    rows = read_rows(path, SHAPES[dataset.shape])
    if dataset.shape in SERIES_SHAPES:
        report = _check_series(path, rows, SHAPES[dataset.shape][0], dataset)
    else:
        problems = _row_problems(path, rows, SHAPE_KEYS[dataset.shape])
        report = FileReport(path, f"{len(rows)} rows", tuple(problems))
    mark = ", synthetic" if dataset.synthetic else ""
    return replace(report, summary=report.summary + mark)


def _check_series(
    path: Path, rows: pd.DataFrame, key: str, dataset: Dataset | None = None
) -> FileReport:
    problems = []
    groups = rows.rename(columns={key: "series_id"}).groupby("series_id", sort=False)
    for _, own in groups:
        try:
            series = series_from_rows(own, path)
            if dataset is not None:
                _check_declared(path, own, dataset)
        except InputError as problem:
            problems.append(str(problem))
            continue
        if dataset is not None and frequency_of(series.periods) != dataset.frequency:
            problems.append(f"{path}: frequency {series.frequency}; expected: {dataset.frequency}")
    if dataset is not None and dataset.series and dataset.series.keys() != set(groups.groups):
        problems.append(
            f"{path}: series {', '.join(map(str, groups.groups))}; expected: "
            f"{', '.join(dataset.series)}, as the manifest says"
        )
    return FileReport(path, f"{len(groups)} series, {len(rows)} values", tuple(problems))


def _check_declared(path: Path, rows: pd.DataFrame, dataset: Dataset) -> None:
    for row, text in rows["value"].items():
        if float(text) % dataset.rounded_to:
            raise InputError(
                f"value {text}",
                where=f"{path}, row {row}",
                expected=f"a multiple of {dataset.rounded_to}, as the manifest says",
            )


def _row_problems(path: Path, rows: pd.DataFrame, keys: tuple[str, ...]) -> Iterator[str]:
    readers: dict[str, Callable[[str, str], object]] = {
        "period": lambda text, where: parse_period(text, where=where),
        "start": lambda text, where: parse_month(text, where=where),
        "end": lambda text, where: parse_month(text, where=where),
        "origin": lambda text, where: parse_month(text, where=where),
        "date": _parse_date,
    }
    numbers = {
        *("value", "probability", "window_months", "cases", "met", "ratio"),
        *("first_month", "last_month", "lower", "upper", "tail"),
    }
    for row, cells in rows.iterrows():
        for column, text in cells.items():
            where = f"{path}, row {row}, column {column}"
            try:
                if column in readers:
                    readers[str(column)](text, where)
                elif column in numbers and not parse_number(text, where=where) >= 0:
                    raise InputError(f"value '{text}'", where=where, expected="0 or more")
            except InputError as problem:
                yield str(problem)
    for row in rows.index[rows.duplicated(list(keys))]:
        yield f"{path}, row {row}: the same {' and '.join(keys)} stands above; expected: once"


def _parse_date(text: str, where: str) -> object:
    """Read a day (2008-04-22) or a year (2007)."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return parse_period(text, where=where)
