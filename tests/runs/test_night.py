"""A night: what it makes, skips and tells; runs are played here, real ones are at the end."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

import forecasting
from forecasting.locations import notebooks_dir
from forecasting.programmes.catalogue import load_programme
from forecasting.runs.directory import lock_outputs, open_run_directory
from forecasting.runs.kept import is_whole, limit_failed
from forecasting.runs.manifest import RunRecord, hash_source, write_manifest
from forecasting.runs.night_status import BriefingNight, Night
from forecasting.runs.processes import Outcome
from forecasting.runs.run import NotebookJob
from forecasting.sources.refresh import Refreshed

PLAN: dict[str, Any] = {
    "title": "Two countries",
    "paths": 200,
    "index_languages": ["en"],
    "briefings": [
        {"programme": "si-amif-2021-2027", "geo": ["SI"], "language": ["sl", "en"]},
        {"programme": "fi-amif-2021-2027", "geo": ["FI"], "language": ["en"]},
    ],
}


class Stage:
    """Plays the runs of a night in this process; those of `broken` countries fail."""

    def __init__(self) -> None:
        self.broken: set[str] = set()
        self.made: list[str] = []

    def __call__(
        self, jobs: Sequence[NotebookJob], *, processes: int, on_end: Callable[[Outcome], None]
    ) -> list[Outcome]:
        outcomes = [self._play(job) for job in jobs]
        for outcome in outcomes:
            on_end(outcome)
        return outcomes

    def _play(self, job: NotebookJob) -> Outcome:
        self.made.append(job.run_id)
        started = dt.datetime.now(dt.UTC)
        record = RunRecord(
            job.run_id, job.verb, job.parameters, job.data_files, job.notebook, started
        )
        with open_run_directory(job.output_dir, job.run_id) as run:
            if job.parameters["geo"] in self.broken:
                write_manifest(run.path, record, error={"message": "broken"})
                run.keep_failed()
                return Outcome(job, 0.5, None, f"cell 5/14 (forecast): {job.output_dir}: broken")
            head = {"title": f"A finding on {job.parameters['geo']}", "data_date": "2024-11-27"}
            results = [run.path / "briefing.pdf", run.path / "content.json"]
            results[0].write_bytes(b"%PDF-1.7 " + job.run_id.encode())
            results[1].write_text(json.dumps({"document": head}), encoding="utf-8")
            write_manifest(run.path, record, results=results)
            return Outcome(job, 1.5, run.publish())


read_once, hash_once = cache(load_programme), cache(hash_source)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Play the runs; programmes and the source are read once for all tests."""
    played = Stage()
    monkeypatch.setattr("forecasting.runs.brief_inputs.load_programme", read_once)
    monkeypatch.setattr("forecasting.runs.brief_inputs.hash_source", hash_once)
    monkeypatch.setattr("forecasting.runs.manifest.hash_source", hash_once)
    monkeypatch.setattr("forecasting.runs.manifest.read_commit", lambda: None)
    monkeypatch.setattr("forecasting.runs.night.run_all_locked", played)
    return played


@pytest.fixture
def night(run: Any, tmp_path: Path) -> Callable[..., Any]:
    """Return a function that runs a night of the plan, with some keys changed."""

    def call(*options: str, **changes: object) -> Any:
        Path("own.yaml").write_text(yaml.safe_dump({**PLAN, **changes}), encoding="utf-8")
        return run("night", "own.yaml", *options)

    return call


def read_status() -> dict[str, Any]:
    return json.loads(Path("outputs/status.json").read_text(encoding="utf-8"))


def states() -> list[str]:
    return [each["status"] for each in read_status()["briefings"]]


def page() -> str:
    return Path("outputs/index.html").read_text(encoding="utf-8")


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()} - {".lock"}


# what is made and what is skipped


def test_a_night_leaves_briefings_a_status_and_a_page(stage: Stage, night: Any) -> None:
    result = night()
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "3 made, 0 unchanged, 0 failed; 0 of 0 sources failed",
        "outputs/index.html",
    ]
    status = read_status()
    assert names(Path("outputs")) == {*stage.made, "status.json", "index.html"}
    assert status["schema"] == 1
    assert status["plan"] == "own"
    assert status["counts"] == {"done": 3, "skipped": 0, "failed": 0, "sources_failed": 0}
    assert dt.datetime.fromisoformat(status["started"]).tzinfo is not None
    for each in status["briefings"]:
        assert Path("outputs", each["pdf"]).is_file()
        assert each["data_date"] == "2024-11-27"
        assert each["run_id"].startswith(f"{each['geo']}-2024-11-{each['language']}-")
        assert each["pdf"] in page()
    assert "Every briefing is there and up to date." in page()


def test_the_second_night_skips_what_has_not_changed(stage: Stage, night: Any) -> None:
    night()
    former = stage.made.copy()
    result = night()
    assert result.exit_code == 0, result.output
    assert "0 made, 3 unchanged, 0 failed" in result.stdout
    assert stage.made == former
    assert states() == ["skipped"] * 3


def test_another_seed_makes_every_briefing_anew(stage: Stage, night: Any) -> None:
    night()
    night(seed=2)
    assert states() == ["done"] * 3
    assert len(set(stage.made)) == 6


@pytest.mark.parametrize("kind", ["no manifest", "a file"])
def test_what_is_not_whole_is_moved_aside_and_made_anew(
    stage: Stage, night: Any, kind: str
) -> None:
    night()
    first = stage.made[0]
    if kind == "a file":
        shutil.rmtree(Path("outputs", first))
        Path("outputs", first).write_text("a file", encoding="utf-8")
    else:
        Path("outputs", first, "manifest.json").unlink()
    stage.made.clear()
    result = night()
    assert result.exit_code == 0, result.output
    assert states() == ["done", "skipped", "skipped"]
    assert stage.made == [first]
    assert is_whole(Path("outputs", first))
    assert names(Path("outputs/failed")) == {f"{first}-damaged"}


def test_a_run_is_whole_only_with_every_result_as_it_was_written(
    stage: Stage, night: Any, tmp_path: Path
) -> None:
    night()
    whole = Path("outputs", stage.made[0])
    assert is_whole(whole)
    text = (whole / "manifest.json").read_text(encoding="utf-8")
    inside = f"../{whole.name}/briefing.pdf"
    elsewhere = text.replace('"briefing.pdf"', '"../outside"')
    (tmp_path / "outputs/outside").write_bytes((whole / "briefing.pdf").read_bytes())
    manifests = [text[:-40], "[1]", "", text.replace('"done"', '"failed"'), elsewhere]
    for number, manifest in enumerate([*manifests, text.replace('"briefing.pdf"', f'"{inside}"')]):
        (whole / "manifest.json").write_text(manifest, encoding="utf-8")
        assert is_whole(whole) == (number == len(manifests)), manifest
    (whole / "manifest.json").write_text(text, encoding="utf-8")
    (whole / "briefing.pdf").write_bytes(b"%PDF-1.7 half")
    assert not is_whole(whole)
    (whole / "briefing.pdf").unlink()
    assert not is_whole(whole)


# failures


def test_one_broken_country_does_not_stop_the_others(stage: Stage, night: Any) -> None:
    stage.broken = {"SI"}
    result = night()
    assert result.exit_code == 12, result.output
    assert states() == ["failed", "failed", "done"]
    failed = read_status()["briefings"][0]
    assert failed["pdf"] is failed["data_date"] is failed["last_good"] is None
    assert failed["reason"].startswith("cell 5/14 (forecast): ")
    assert failed["action"] == f"look into failed/{failed['run_id']}; the next call tries again"
    assert f"error: SI sl si-amif-2021-2027: {failed['reason']}" in result.stderr
    assert "There is no briefing yet." in page()
    assert "Not everything went well" in page()
    stage.broken = set()
    assert night().exit_code == 0
    assert states() == ["done", "done", "skipped"]


def test_a_country_without_figures_is_its_own_failure(stage: Stage, night: Any) -> None:
    entries = [PLAN["briefings"][0] | {"geo": ["SI", "DE"], "language": ["en"]}]
    result = night(briefings=entries)
    assert result.exit_code == 11
    assert states() == ["done", "failed"]
    failed = read_status()["briefings"][1]
    assert "no figures for 'DE' in asylum-applicants" in failed["reason"]
    assert failed["action"] == "see what is held: forecasting data list"
    assert failed["run_id"] == ""


def test_a_failed_briefing_shows_the_last_good_one_marked_as_old(stage: Stage, night: Any) -> None:
    night()
    good = stage.made[2]
    stage.broken = {"FI"}
    assert night(seed=2).exit_code == 11
    failed = read_status()["briefings"][2]
    assert failed["status"] == "failed"
    assert failed["pdf"] is None, "no program may take it for tonight's"
    assert failed["last_good"]["pdf"] == f"{good}/briefing.pdf"
    assert failed["last_good"]["data_date"] == "2024-11-27"
    assert "old: data as of 27 Nov 2024, made " in page()
    assert "The last good briefing is shown: data as of 27 November 2024, made " in page()


def test_a_damaged_former_briefing_is_never_shown(stage: Stage, night: Any) -> None:
    night()
    Path("outputs", stage.made[2], "briefing.pdf").write_bytes(b"%PDF-1.7 half")
    stage.broken = {"FI"}
    night(seed=2)
    assert read_status()["briefings"][2]["last_good"] is None


def test_a_machine_path_does_not_reach_the_page(
    stage: Stage, night: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    stage.broken = {"SI"}
    night()
    assert str(tmp_path) not in page() + Path("outputs/status.json").read_text(encoding="utf-8")


def test_failed_runs_are_kept_within_the_limit_and_good_ones_always(
    stage: Stage, night: Any
) -> None:
    night()
    failed = Path("outputs/failed")
    shutil.copytree(Path("outputs", stage.made[0]), failed / f"{stage.made[0]}-replaced")
    for number in range(5):
        (failed / f"old-{number}").mkdir()
        os.utime(failed / f"old-{number}", (number, number))
    stage.broken = {"FI"}
    night(seed=2, keep_failed=3)
    assert names(failed) == {stage.made[-1], f"{stage.made[0]}-replaced", "old-4", "old-3"}
    assert set(stage.made[:5]) <= names(Path("outputs"))


def test_no_failed_run_is_kept_where_none_shall_be(tmp_path: Path) -> None:
    (tmp_path / "failed" / "one").mkdir(parents=True)
    assert [path.name for path in limit_failed(tmp_path, 0)] == ["one"]
    assert limit_failed(tmp_path / "not there", 0) == []


def test_a_second_night_ends_with_4_and_disturbs_nothing(
    stage: Stage, night: Any, tmp_path: Path
) -> None:
    night()
    before = Path("outputs/status.json").read_bytes()
    with lock_outputs(tmp_path / "outputs"):
        result = night(seed=2)
    assert result.exit_code == 4
    assert "is locked: another run is writing to it" in result.stderr
    assert Path("outputs/status.json").read_bytes() == before
    assert len(stage.made) == 3


def test_what_a_killed_night_left_is_removed(stage: Stage, night: Any) -> None:
    Path("outputs/.partial-SI-1").mkdir(parents=True)
    Path("outputs/.status.json-abc").write_text("{", encoding="utf-8")
    Path("outputs/.index.sl.html-abc").write_text("<", encoding="utf-8")
    night()
    assert not [name for name in names(Path("outputs")) if name.startswith(".")]


@pytest.mark.parametrize(("failed", "code"), [(0, 0), (1, 11), (90, 100), (124, 100)])
def test_the_exit_code_counts_failures_and_is_never_another_one(failed: int, code: int) -> None:
    one = BriefingNight("si", "SI", "sl", "asylum-applicants/SI", "", "failed")
    moment = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    ended = Night("own", {}, "", moment, moment, [], [replace(one, status="done")] + [one] * failed)
    assert ended.exit_code == code


# sources


@pytest.fixture
def refreshed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Play a refresh in which the second source fails; returns what was asked."""
    asked: list[str] = []

    def refresh(chosen: Sequence[str], store: object, *, on_done: Any) -> list[Refreshed]:
        asked.extend(chosen)
        done = [
            Refreshed(chosen[0], "unchanged", None),
            Refreshed(chosen[1], "failed", None, reason="answered with 503; ask again later"),
        ]
        for each in done:
            on_done(each)
        return done

    monkeypatch.setattr("forecasting.sources.refresh.refresh", refresh)
    return asked


SOURCES = ["eurostat-applicants", "eurostat-pending"]


def test_a_source_that_fails_is_told_and_counted_and_the_briefings_are_made(
    stage: Stage, night: Any, refreshed: list[str]
) -> None:
    result = night(refresh=SOURCES)
    assert result.exit_code == 11, result.output
    assert refreshed == SOURCES
    assert states() == ["done"] * 3
    sources = read_status()["sources"]
    assert [each["status"] for each in sources] == ["unchanged", "failed"]
    assert sources[1]["reason"] == "answered with 503; ask again later"
    assert "answered with 503; ask again later" in page()
    assert "error: eurostat-pending: answered with 503" in result.stderr
    assert "1 of 2 sources failed" in result.stdout


def test_offline_asks_no_source(stage: Stage, night: Any, refreshed: list[str]) -> None:
    assert night("--offline", refresh=SOURCES).exit_code == 0
    assert refreshed == []
    assert [each["status"] for each in read_status()["sources"]] == ["not asked"] * 2


# real runs in real processes, of a small notebook with the parameters of the briefing's

WAIT = """\
import os, time
from pathlib import Path
if language == "en" and (Path({folder!r}) / "wait").exists():
    (Path({folder!r}) / "begun").touch()
    time.sleep(600)
"""
WRITE = """\
import json
from IPython.display import display
from forecasting.briefing.blocks import Document, Paragraph
from forecasting.tables import FORECAST_COLUMNS
display(
    Document(language, "A finding", "", "Report", "today", "foot", "2024-11-27", "forecasting"),
    Paragraph(f"{paths} paths"),
)
head = {"document": {"title": "A finding", "data_date": "2024-11-27"}}
Path("content.json").write_text(json.dumps(head))
row = f"{driver}/{geo},2024-09,2024-10,1,pool,quantile,0.5,100,"
Path("forecast.csv").write_text(",".join(FORECAST_COLUMNS) + "\\n" + row + "\\n")
"""
MAIN = """\
import sys
from pathlib import Path
from forecasting.runs import brief_inputs
brief_inputs.notebooks_dir = lambda: Path(sys.argv[1])
brief_inputs.hash_source = lambda: "the same source in both nights"
from forecasting.cli import main
if __name__ == "__main__":
    main(["night", "own.yaml", "--jobs", "1"], prog_name="forecasting")
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
def test_killed_in_the_middle_the_next_call_finishes_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = nbformat.read(notebooks_dir() / "90_briefing.ipynb", as_version=4)
    parameters = next(c for c in shipped.cells if "parameters" in c.metadata.get("tags", []))
    cells = [nbformat.v4.new_code_cell(text) for text in (WAIT.format(folder=str(tmp_path)), WRITE)]
    small = nbformat.v4.new_notebook(cells=[parameters, *cells])
    nbformat.write(small, tmp_path / "90_briefing.ipynb")
    own = PLAN | {"briefings": PLAN["briefings"][:1]}
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(own), encoding="utf-8")
    (tmp_path / "main.py").write_text(MAIN, encoding="utf-8")
    (tmp_path / "wait").touch()
    child = start(tmp_path)
    end = time.monotonic() + 240
    while not (tmp_path / "begun").exists():
        assert time.monotonic() < end, child.communicate(timeout=10)
        assert child.poll() is None, child.communicate()
        time.sleep(0.1)
    child.kill()  # the night alone: its runs are to end without it
    child.communicate(timeout=60)  # returns when nobody holds its output any more
    outputs = tmp_path / "outputs"
    (first,) = [path for path in outputs.iterdir() if not path.name.startswith(".")]
    assert is_whole(first)
    (tmp_path / "wait").unlink()

    child = start(tmp_path)
    _, log = child.communicate(timeout=240)
    assert child.returncode == 0, log
    status = json.loads((outputs / "status.json").read_text(encoding="utf-8"))
    made = [each["run_id"] for each in status["briefings"]]
    assert [each["status"] for each in status["briefings"]] == ["skipped", "done"]
    assert made[0] == first.name
    assert all(is_whole(outputs / run_id) for run_id in made)
    assert names(outputs) == {*made, "index.html", "status.json"}
    assert len(list((tmp_path / "store" / "archive").rglob("*.parquet"))) == 2


def start(folder: Path) -> subprocess.Popen[str]:
    environment = os.environ | {
        "PYTHONPATH": str(Path(forecasting.__file__).parents[1]),
        "FORECASTING_NOTEBOOKS": str(folder),
        "FORECASTING_STORE": str(folder / "store"),
    }
    return subprocess.Popen(
        [sys.executable, "main.py", str(folder)],
        cwd=folder,
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
