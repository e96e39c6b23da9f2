"""The main job: from a request to a published run with its PDF."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import Thread

import pandas as pd

from forecasting.archive.record import SUITE, RunFacts, record_run
from forecasting.errors import InputError
from forecasting.languages import Language
from forecasting.locations import data_dir
from forecasting.periods import format_period, parse_month
from forecasting.programmes.catalogue import Programme
from forecasting.runs.brief_inputs import BriefInputs
from forecasting.runs.manifest import DataFile
from forecasting.runs.parameters import check_parameters
from forecasting.runs.run import NotebookJob, run_notebook
from forecasting.series import RegularSeries

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
    probability : float, optional
        Attainment probability of the proposed targets, in (0, 1); default: that of the notebook.
    proposed_by : str
        Who proposes the targets, for the archive.
    """

    programme: str
    geo: str
    as_of: str
    language: str
    paths: int
    seed: int
    output_dir: Path
    scenario: tuple[str, ...] = ()
    probability: float | None = None
    proposed_by: str = SUITE


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
    job = plan_brief(request)
    import_exporter_meanwhile()
    return run_notebook(job) / PDF


def plan_brief(request: BriefRequest, inputs: BriefInputs | None = None) -> NotebookJob:
    """Check a request and return the job that makes its briefing; nothing has run yet.

    Parameters
    ----------
    request : BriefRequest
    inputs : BriefInputs, optional
        What was read for other briefings; read anew if not given.

    Raises
    ------
    InputError
        If anything in the request cannot be used.
    """
    inputs = inputs or BriefInputs()
    request = _normalised(request)
    programme = check_programme(request, inputs)
    series = _preflight(request, programme, inputs)
    chosen = inputs.scenarios(request.scenario, series.series_id)
    parameters = check_parameters(
        inputs.declared, _parameters(request, programme, inputs) | dict(chosen)
    )
    facts = _facts(request, programme, series)
    files = _data_files(request, programme, inputs, parameters)
    files += inputs.remembered(series, facts.programme, request.as_of)
    # a file of one's own counts by its name and content, wherever it lies
    keyed = parameters | {key: _by_name(str(parameters[key])) for key in NAMING}
    known_by = request.as_of or f"{facts.vintage:%Y-%m}"
    run_id = f"{request.geo}-{known_by}-{request.language}-{inputs.key(keyed, files)}"
    return NotebookJob(
        notebook=inputs.notebook,
        parameters=parameters | {"run_id": run_id, "results": "."},
        run_id=run_id,
        output_dir=request.output_dir,
        verb="brief",
        data_files=files,
        finish=partial(_finish, replace(facts, run_id=run_id), inputs.reference_files),
    )


def check_programme(request: BriefRequest, inputs: BriefInputs) -> Programme:
    """Return the programme of a request, refused where no forecast drives its indicators."""
    programme = inputs.programme(request.programme)
    if programme.driver is None:
        raise InputError(
            f"programme '{programme.id}' without a driver",
            expected="a programme whose indicators follow from a forecast",
            action="for its values: forecasting targets",
        )
    return programme


def briefing_identity(request: BriefRequest, inputs: BriefInputs) -> dict[str, object]:
    """Return the parameters by which another run is known to be of the same briefing.

    Raises
    ------
    InputError
        If the programme cannot be used.
    """
    found = _parameters(_normalised(request), check_programme(request, inputs), inputs)
    return {key: found[key] for key in ("programme", "driver", "geo", "language", "as_of")}


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


def _parameters(
    request: BriefRequest, programme: Programme, inputs: BriefInputs
) -> dict[str, object]:
    name = request.programme
    if name.endswith((".yaml", ".yml")):
        name = str(Path(name).resolve())
    savings, published = _savings(request, inputs)
    given = {} if request.probability is None else {"probability": request.probability}
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
        **given,
    }


def _savings(request: BriefRequest, inputs: BriefInputs) -> tuple[str, str]:
    """Savings held for the country and their published sum; none before they were reported."""
    plan = inputs.savings(request.geo)
    shown = plan.config.in_briefing if plan else None
    if plan is None or shown is None:
        return "", ""
    if request.as_of and parse_month(request.as_of, where="as-of") < shown.reported:
        return "", ""
    return plan.path.stem, shown.published


def _has_targets(programme: Programme, geo: str) -> bool:
    """Whether the pages on targets are written: for the programme's country, with a headline."""
    return programme.geo == geo and programme.headline is not None


def _preflight(request: BriefRequest, programme: Programme, inputs: BriefInputs) -> RegularSeries:
    """Find every mistake of the request before a kernel starts; return the series of the data."""
    Language(request.language)
    series = inputs.series(f"{programme.driver}/{request.geo}", request.as_of)
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
    return series


def _facts(request: BriefRequest, programme: Programme, series: RegularSeries) -> RunFacts:
    """What the archive keeps of a run; its name and its time are not known yet."""
    assert series.vintage is not None  # noqa: S101 - a driver is a data set, which has a date
    return RunFacts(
        run_id="",
        made=datetime.min.replace(tzinfo=UTC),
        vintage=series.vintage,
        geo=request.geo,
        programme=programme.id if _has_targets(programme, request.geo) else "",
        as_of=request.as_of,
        paths=request.paths,
        seed=request.seed,
        proposed_by=request.proposed_by,
    )


def _data_files(
    request: BriefRequest,
    programme: Programme,
    inputs: BriefInputs,
    parameters: Mapping[str, object],
) -> list[DataFile]:
    """Every file that the notebook reads."""
    files = list(inputs.reference_files)
    if _has_targets(programme, request.geo):
        files.append(inputs.programme_file(request.programme))
    if parameters["savings"]:
        names = [f"savings/{parameters[key]}" for key in ("savings", "savings_published")]
        paths = [data_dir() / f"{name}.yaml" for name in (*names, "parameters/activation")]
        files += map(inputs.file, paths)
    return files + inputs.scenario_files(parameters)


def import_exporter_meanwhile() -> None:
    """Import what the export needs (about 2 s) while the kernel works on the other core."""
    import papermill  # noqa: F401 - first and alone: the two share modules

    name = "forecasting.briefing.exporter"
    Thread(target=import_module, args=(name,), daemon=True).start()


def _finish(
    facts: RunFacts, planned: tuple[DataFile, ...], executed: Path, workdir: Path
) -> list[Path]:
    """Write the PDF, and keep forecasts and targets before anybody sees them."""
    _refuse_changed(planned)
    from forecasting.briefing.exporter import BriefingExporter

    pdf, _ = BriefingExporter().from_filename(str(executed))  # type: ignore[no-untyped-call]
    target = workdir / PDF
    target.write_bytes(pdf)
    record_run(workdir, replace(facts, made=datetime.now(UTC)))
    return [target, *sorted(workdir.glob("*.csv")), workdir / "content.json"]


def _refuse_changed(planned: tuple[DataFile, ...]) -> None:
    """Refuse a run whose figures were replaced while it ran: its key would not be theirs."""
    changed = {each.path for each in {*planned} ^ {*BriefInputs().reference_files}}
    if changed:
        raise InputError(
            f"figures that changed while they were read: {', '.join(sorted(changed))}",
            expected="the same from the beginning to the end of a run",
            action="run it again",
        )
