"""The main job: from a request to a published run with its PDF."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from threading import Thread

import pandas as pd

from forecasting.errors import InputError
from forecasting.languages import Language
from forecasting.locations import data_dir, notebooks_dir, suite_root
from forecasting.periods import format_period, parse_month
from forecasting.programmes.catalogue import Programme, find_programme, load_programme
from forecasting.runs.brief_scenarios import choose_scenarios, scenario_paths
from forecasting.runs.manifest import DataFile, hash_file, run_key
from forecasting.runs.parameters import check_parameters, read_parameters
from forecasting.runs.run import NotebookJob, run_notebook
from forecasting.savings.config import find_in_briefing
from forecasting.series import read_series
from forecasting.sources.reference import load_manifest

NOTEBOOK = "90_briefing.ipynb"
PDF = "briefing.pdf"


@dataclass(frozen=True)
class BriefRequest:
    """What a briefing is asked for on the command line.

    Attributes
    ----------
    programme : str
        Id of a programme, or a YAML file.
    geo : str
        Country, by Eurostat's code.
    as_of : str
        Month ``YYYY-MM``; empty for everything held.
    language : str
        Language code.
    paths, seed : int
        Number of joint sample paths, and the seed of the random numbers.
    output_dir : pathlib.Path
        Where the run's directory will appear.
    scenario : tuple of str
        Scenarios beside the reference, by name or YAML file; empty: those of the notebook that go
        back to the reference of the country.
    """

    programme: str
    geo: str
    as_of: str
    language: str
    paths: int
    seed: int
    output_dir: Path
    scenario: tuple[str, ...] = ()


def run_brief(request: BriefRequest) -> Path:
    """Check a request, execute the briefing notebook and publish its directory.

    Returns
    -------
    pathlib.Path
        The PDF.

    Raises
    ------
    InputError
        If anything in the request cannot be used; nothing has run then.
    LockedError, NotebookError, OutputError
        See `forecasting.runs.run.run_notebook`.
    """
    request = _normalised(request)
    programme = load_programme(request.programme)
    if programme.driver is None:
        raise InputError(
            f"programme '{programme.id}' without a driver",
            expected="a programme whose indicators follow from a forecast",
            action="for its values: forecasting targets",
        )
    notebook = notebooks_dir() / NOTEBOOK
    declared = read_parameters(notebook)
    parameters = check_parameters(
        declared,
        _parameters(request, programme)
        | choose_scenarios(request, f"{programme.driver}/{request.geo}", declared),
    )
    known_by = _preflight(request, programme)
    files = _data_files(request, programme) + _savings_files(parameters)
    files += [_data_file(path) for path in scenario_paths(parameters)]
    # a file of one's own counts by its name and content, wherever it lies
    keyed = parameters | {key: _by_name(str(parameters[key])) for key in NAMING}
    run_id = f"{request.geo}-{known_by}-{request.language}-{run_key(keyed, files, notebook)}"
    import_exporter_meanwhile()
    published = run_notebook(
        NotebookJob(
            notebook=notebook,
            parameters=parameters | {"run_id": run_id, "results": "."},
            run_id=run_id,
            output_dir=request.output_dir,
            verb="brief",
            data_files=files,
            finish=_export,
        )
    )
    return published / PDF


NAMING = ("programme", "reference", "scenarios")
"""Parameters that name files."""


def _by_name(names: str) -> str:
    """Names joined by commas, without the folders of those that are files."""
    return ", ".join(Path(name.strip()).name for name in names.split(","))


def _normalised(request: BriefRequest) -> BriefRequest:
    """Write the month the one way that the run id and the notebook take."""
    if not request.as_of:
        return request
    return replace(request, as_of=format_period(parse_month(request.as_of, where="as-of")))


def _parameters(request: BriefRequest, programme: Programme) -> dict[str, object]:
    name = request.programme
    if name.endswith((".yaml", ".yml")):
        name = str(Path(name).resolve())
    savings, published = _savings(request)
    return {
        "programme": name if _has_targets(programme, request.geo) else "",
        "driver": programme.driver,
        "geo": request.geo,
        "as_of": request.as_of,
        "language": request.language,
        "savings": savings,
        "savings_published": published,
        "until": format_period(programme.target_date),
        "paths": request.paths,
        "seed": request.seed,
    }


def _savings(request: BriefRequest) -> tuple[str, str]:
    """Savings held for the country and their published sum; none before they were reported."""
    plan = find_in_briefing(request.geo)
    shown = plan.config.in_briefing if plan else None
    if plan is None or shown is None:
        return "", ""
    if request.as_of and parse_month(request.as_of, where="as-of") < shown.reported:
        return "", ""
    return plan.path.stem, shown.published


def _has_targets(programme: Programme, geo: str) -> bool:
    """Whether the pages on targets are written: for the programme's country, with a headline."""
    return programme.geo == geo and programme.headline is not None


def _preflight(request: BriefRequest, programme: Programme) -> str:
    """Find every mistake of the request before a kernel starts; return the month of the data."""
    Language(request.language)
    series = read_series(f"{programme.driver}/{request.geo}", as_of=request.as_of or None)
    if len(series.values) < 2 * series.season_length:
        raise InputError(
            f"{len(series.values)} months known as of {request.as_of}",
            where=series.series_id,
            expected=f"at least {2 * series.season_length} for a briefing",
        )
    whole_year = pd.Period(f"{series.origin.year + 1}-12", freq="M")
    if programme.target_date < whole_year:
        raise InputError(
            f"target_date {format_period(programme.target_date)}",
            where=request.programme,
            expected=f"{format_period(whole_year)} or later: a briefing shows a whole year ahead",
            action="for the values alone: forecasting targets",
        )
    return request.as_of or f"{series.vintage:%Y-%m}"


READ_SHAPES = frozenset(
    {
        "series",
        "spans",
        "points",
        "attainment",
        "ratios",
        "situations",
        "calibration",
        "revisions",
    }
)
"""Shapes of the reference files that a briefing reads."""


def _data_files(request: BriefRequest, programme: Programme) -> list[DataFile]:
    """Every file that the notebook reads."""
    datasets = load_manifest().values()
    files = [
        DataFile(
            _shown(dataset.path),
            hash_file(dataset.path),
            dataset.as_of.isoformat(),
            dataset.synthetic,
        )
        for dataset in datasets
        if dataset.shape in READ_SHAPES
    ]
    manifest = data_dir() / "reference" / "manifest.yaml"
    files.append(_data_file(manifest))
    if _has_targets(programme, request.geo):
        path = find_programme(request.programme)
        latest = max(version.date for version in programme.versions)
        files.append(DataFile(_shown(path), hash_file(path), latest.isoformat()))
    return files


def _savings_files(parameters: Mapping[str, object]) -> list[DataFile]:
    """Every file that the page on savings rests on; none without it."""
    if not parameters["savings"]:
        return []
    names = (f"savings/{parameters[key]}" for key in ("savings", "savings_published"))
    paths = [data_dir() / f"{name}.yaml" for name in (*names, "parameters/activation")]
    return [_data_file(path) for path in paths]


def _data_file(path: Path) -> DataFile:
    return DataFile(_shown(path), hash_file(path))


def import_exporter_meanwhile() -> None:
    """Import what the export needs (about 2 s) while the kernel works on the other core."""
    import papermill  # noqa: F401 - first and alone: the two share modules

    name = "forecasting.briefing.exporter"
    Thread(target=import_module, args=(name,), daemon=True).start()


def _shown(path: Path) -> str:
    root = suite_root()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


def _export(executed: Path, workdir: Path) -> list[Path]:
    from forecasting.briefing.exporter import BriefingExporter

    pdf, _ = BriefingExporter().from_filename(str(executed))  # type: ignore[no-untyped-call]
    target = workdir / PDF
    target.write_bytes(pdf)
    return [target, *sorted(workdir.glob("*.csv")), workdir / "content.json"]
