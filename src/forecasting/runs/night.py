"""A night: new figures, every briefing of a plan that is not there yet, and what became of it."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from forecasting.engines import LOCAL, Engine
from forecasting.errors import ForecastingError
from forecasting.languages.messages import say
from forecasting.locations import store_dir, suite_root
from forecasting.runs.brief import briefing_identity, plan_brief
from forecasting.runs.brief_inputs import BriefInputs
from forecasting.runs.directory import lock_outputs, set_aside
from forecasting.runs.execute import ExecutionOptions
from forecasting.runs.index_page import write_index
from forecasting.runs.interrupts import terminate_as_interrupt
from forecasting.runs.kept import (
    find_failed,
    find_last_good,
    is_whole,
    limit_failed,
    read_briefing,
)
from forecasting.runs.night_status import BriefingNight, Night, SourceNight, write_status
from forecasting.runs.plan_checks import check_plan
from forecasting.runs.plans import Plan, Planned, load_plan
from forecasting.runs.private import without_home
from forecasting.runs.processes import Outcome, run_all_locked
from forecasting.runs.progress import Progress
from forecasting.runs.run import NotebookJob
from forecasting.sources.definitions import Source, load_source


@dataclass(frozen=True)
class NightRequest:
    """What a night is asked for on the command line.

    Attributes
    ----------
    plan : str
        Name in ``data/plans``, or a YAML file.
    output_dir : pathlib.Path
        Where briefings, ``status.json`` and the index page appear.
    processes : int
        How many briefings are made at once.
    offline : bool
        Whether no source is asked, and the figures held are used.
    engine : Engine
        Where the briefings are made: in processes of this machine, or on a cluster.
    """

    plan: str
    output_dir: Path
    processes: int
    offline: bool = False
    engine: Engine = LOCAL


@dataclass(frozen=True)
class _Entry:
    """A briefing of the plan, and the job that makes it or why there is none."""

    planned: Planned
    job: NotebookJob | None
    reason: str = ""


def run_night(request: NightRequest) -> Night:
    """Refresh the sources of a plan, make its briefings, and write what became of them.

    What is there already, whole and of the same inputs, code and parameters, is not made again. A
    source or a briefing that fails does not stop the others.

    Parameters
    ----------
    request : NightRequest

    Returns
    -------
    Night

    Raises
    ------
    InputError
        If the plan cannot be used; nothing has run then.
    LockedError
        If another run holds the lock of the output directory.
    OutputError
        If the output directory cannot be written.
    KeyboardInterrupt
        Interrupted or terminated; nothing half-written is left, and the next call does the rest.
    """
    plan = load_plan(request.plan, output_dir=request.output_dir.absolute())
    inputs = BriefInputs()
    check_plan(plan, inputs)
    output_dir = request.output_dir.absolute()
    with lock_outputs(output_dir), terminate_as_interrupt():
        started = dt.datetime.now(dt.UTC)
        sources = _refresh(plan, offline=request.offline)
        inputs = inputs.renewed()
        entries = [_plan_one(planned, inputs, plan.minutes) for planned in plan.briefings]
        held = {each.job.run_id for each in entries if each.job and _is_held(each.job)}
        outcomes = _run([each.job for each in entries if each.job], held, request)
        night = Night(
            plan=plan.name,
            title=plan.title,
            proposed_by=plan.proposed_by,
            started=started,
            finished=dt.datetime.now(dt.UTC),
            sources=sources,
            briefings=[_ended(each, held, outcomes, inputs) for each in entries],
        )
        limit_failed(output_dir, plan.keep_failed)
        write_status(night, output_dir)
        write_index(night, plan.index_languages, output_dir)
    return night


def _refresh(plan: Plan, *, offline: bool) -> list[SourceNight]:
    """Ask every source of the plan; what fails is told, and the last vintage stays in use."""
    sources = {source.id: source for source in map(load_source, plan.refresh)}
    if offline or not sources:
        return [_not_asked(source) for source in sources.values()]
    from forecasting.sources.refresh import Refreshed, refresh
    from forecasting.sources.store import Store

    with Progress(len(sources), "night", unit="source") as progress:

        def report(done: Refreshed) -> None:
            progress.end(f"{done.source_id} {done.status}")

        refreshed = refresh(plan.refresh, Store(), on_done=report)
    return [
        SourceNight(
            source=each.source_id,
            title=sources[each.source_id].title,
            status=each.status,
            vintage=_day(each.vintage.retrieved) if each.vintage else "",
            reason=_public(each.reason, plan.path),
        )
        for each in refreshed
    ]


def _not_asked(source: Source) -> SourceNight:
    from forecasting.sources.store import Store

    try:
        latest = Store().latest(source.id)
    except ForecastingError as problem:  # damaged: without the network nothing heals it
        return SourceNight(source.id, source.title, "failed", reason=_public(str(problem)))
    day = _day(latest.retrieved) if latest else ""
    return SourceNight(source.id, source.title, "not asked", day)


def _day(when: dt.datetime) -> str:
    return when.date().isoformat()


def _plan_one(planned: Planned, inputs: BriefInputs, minutes: int) -> _Entry:
    try:
        job = plan_brief(planned.request, inputs)
    except ForecastingError as problem:
        return _Entry(planned, None, _public(str(problem)))
    except Exception as problem:  # the reason of this briefing; the others go on
        return _Entry(planned, None, _public(f"{type(problem).__name__}: {problem}"))
    seconds = 60.0 * minutes
    return _Entry(planned, replace(job, options=ExecutionOptions(seconds, seconds, progress=False)))


def _is_held(job: NotebookJob) -> bool:
    """Whether a run is there already, whole; what is there and is not whole is moved aside."""
    directory = job.output_dir / job.run_id
    if is_whole(directory) and read_briefing(directory) is not None:
        return True
    if directory.exists() or directory.is_symlink():
        set_aside(job.output_dir, job.run_id)
    return False


def _run(
    jobs: Sequence[NotebookJob], held: set[str], request: NightRequest
) -> Mapping[str, Outcome]:
    """Make what is not held; return how each run ended, by its id."""
    wanted = {job.run_id: job for job in jobs if job.run_id not in held}
    if not wanted:
        return {}
    with Progress(len(wanted), "night", unit="briefing") as progress:

        def report(outcome: Outcome) -> None:
            words = f"failed: {outcome.reason}" if outcome.published is None else "done"
            progress.end(f"{outcome.job.run_id} {outcome.seconds:.0f} s {words}")

        outcomes = _run_jobs(list(wanted.values()), request, report)
    return {outcome.job.run_id: outcome for outcome in outcomes}


def _run_jobs(
    jobs: Sequence[NotebookJob], request: NightRequest, on_end: Callable[[Outcome], None]
) -> list[Outcome]:
    if request.engine.name == "local":
        return run_all_locked(jobs, processes=request.processes, on_end=on_end)
    from forecasting.runs.cluster import run_on_cluster

    return run_on_cluster(jobs, scheduler=request.engine.scheduler, on_end=on_end)


def _ended(
    entry: _Entry, held: set[str], outcomes: Mapping[str, Outcome], inputs: BriefInputs
) -> BriefingNight:
    """Say how a briefing of the plan ended."""
    request = entry.planned.request
    identity = briefing_identity(request, inputs)
    own = BriefingNight(
        programme=Path(request.programme).name,
        geo=request.geo,
        language=request.language,
        series=f"{identity['driver']}/{request.geo}",
        run_id=entry.job.run_id if entry.job else "",
        status="skipped",
    )
    if entry.job is None:
        action = say("see what is held: {command}", command="forecasting data list")
        found = replace(own, status="failed", reason=entry.reason, action=action)
    elif entry.job.run_id in held:
        found = replace(own, shown=read_briefing(request.output_dir / own.run_id))
    else:
        found = _run_ended(own, outcomes[own.run_id])
    if found.status != "failed":
        return found
    return replace(found, shown=find_last_good(request.output_dir, identity))


def _run_ended(own: BriefingNight, outcome: Outcome) -> BriefingNight:
    own = replace(own, seconds=outcome.seconds)
    if outcome.published is not None:
        return replace(own, status="done", shown=read_briefing(outcome.published))
    output_dir = outcome.job.output_dir
    kept = find_failed(output_dir, own.run_id)
    action = say("the next call tries again")
    if kept is not None:
        folder = kept.relative_to(output_dir).as_posix()
        action = say("look into {folder}; the next call tries again", folder=folder)
    return replace(own, status="failed", reason=_public(outcome.reason), action=action)


def _public(text: str, plan: Path | None = None) -> str:
    """Write a message without the folders of this machine, for a page that others read."""
    folders = {store_dir(): "store", suite_root(): "", **({plan.parent: ""} if plan else {})}
    for folder, name in folders.items():
        text = text.replace(f"{folder}{os.sep}", f"{name}/" if name else "")
    return without_home(text)
