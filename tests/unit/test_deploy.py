"""Ready-made schedules: they parse, and what they call exists."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import click
import pytest

from forecasting.cli import main
from forecasting.runs.plans import plan_names

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SERVICE, TIMER = (DEPLOY / "systemd" / f"forecasting-night.{kind}" for kind in ("service", "timer"))
TASK = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
HARDENED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "CapabilityBoundingSet": "",
    "Restart": "no",
    "KillMode": "mixed",
}


def read_unit(path: Path) -> dict[str, dict[str, list[str]]]:
    """Read a unit: the values of each key by section; a key may stand several times."""
    sections: dict[str, dict[str, list[str]]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            own = sections.setdefault(line[1:-1], {})
        elif line and not line.startswith("#"):
            key, sign, value = line.partition("=")
            assert sign, line
            own.setdefault(key, []).append(value)
    return sections


def container() -> list[tuple[str, str]]:
    """Return the instructions of the container file."""
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split()[0], line.partition(" ")[2].strip()) for line in lines]


def calls() -> dict[str, list[str]]:
    """Arguments of ``forecasting``, by where they stand."""
    (service,) = read_unit(SERVICE)["Service"]["ExecStart"]
    cron = (DEPLOY / "cron" / "forecasting-night").read_text(encoding="utf-8").splitlines()[-1]
    task = ET.parse(DEPLOY / "windows" / "forecasting-night.xml").getroot()
    arguments = task.findtext(".//t:Exec/t:Arguments", namespaces=TASK)
    (command,) = [value for name, value in container() if name == "CMD"]
    return {
        "systemd": shlex.split(service)[1:],
        "cron": shlex.split(cron.partition("bin/forecasting ")[2].partition(" >> ")[0]),
        "windows": (arguments or "").split(),
        "container": re.findall(r'"([^"]+)"', command),
    }


@pytest.mark.parametrize("place", calls())
def test_what_is_called_exists(place: str, program: click.Context) -> None:
    verb, plan, *rest = calls()[place]
    assert verb == "night"
    assert plan in plan_names()
    context = main.commands[verb].make_context(verb, [plan, *rest], parent=program)
    assert context.params["output_dir"].name.split("\\")[-1] == "outputs"
    assert context.params["output_dir"].is_absolute() == (place != "windows")


def test_the_service_is_hardened_and_leaves_the_retry_to_the_timer() -> None:
    service = read_unit(SERVICE)["Service"]
    assert {key: service[key][0] for key in HARDENED} == HARDENED
    assert "MemoryMax" in service
    assert service["User"] == ["forecasting"]
    state = f"/var/lib/{service['StateDirectory'][0]}"
    written = [service["WorkingDirectory"][0], service["ExecStart"][0].split()[-1]]
    written += [value.split("=")[1] for value in service["Environment"] if "STORE" in value]
    assert all(path.startswith(state) for path in written), "nothing else may be written"
    timer = read_unit(TIMER)
    assert timer["Timer"]["Persistent"] == ["true"]
    assert timer["Timer"]["OnCalendar"][0].count(",") >= 1, "called again after a failure"
    assert timer["Install"] == {"WantedBy": ["timers.target"]}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for path in (SERVICE, TIMER):
        text = path.read_text(encoding="utf-8").replace(
            "/opt/forecasting/bin/forecasting", "/bin/true"
        )
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    units = [str(tmp_path / path.name) for path in (SERVICE, TIMER)]
    done = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Unknown" not in done.stderr


def test_the_cron_line_has_a_time_a_user_and_a_log() -> None:
    lines = (DEPLOY / "cron" / "forecasting-night").read_text(encoding="utf-8").splitlines()
    jobs = [line for line in lines if not line.startswith("#") and not re.match(r"[A-Z_]+=", line)]
    minute, hours, day, month, weekday, user, rest = jobs[0].split(maxsplit=6)
    assert len(jobs) == 1
    assert minute.isdigit()
    assert [int(hour) < 24 for hour in hours.split(",")] == [True] * 3
    assert [day, month, weekday, user] == ["*", "*", "*", "forecasting"]
    assert rest.endswith(">> /var/lib/forecasting/night.log 2>&1")


def test_the_windows_task_has_the_shape_of_its_schema() -> None:
    text = (DEPLOY / "windows" / "forecasting-night.xml").read_text(encoding="utf-8")
    assert not text.startswith("<?xml"), "PowerShell hands it over as text, without an encoding"
    task = ET.fromstring(text)
    assert task.tag == f"{{{TASK['t']}}}Task"
    parts = [part.tag.partition("}")[2] for part in task]
    assert parts == ["RegistrationInfo", "Triggers", "Principals", "Settings", "Actions"]
    (actor,) = [part.get("id") for part in task.findall("t:Principals/t:Principal", TASK)]
    assert task.find("t:Actions", TASK).get("Context") == actor
    settings = {part.tag.partition("}")[2]: part for part in task.find("t:Settings", TASK)}
    assert settings["MultipleInstancesPolicy"].text == "IgnoreNew"
    assert settings["StartWhenAvailable"].text == "true"
    for place in ("ExecutionTimeLimit", "RestartOnFailure/t:Interval"):
        assert re.fullmatch(r"PT\d+[HM]", task.findtext(f"t:Settings/t:{place}", namespaces=TASK))


def test_the_container_is_built_from_the_lock_and_runs_as_nobody() -> None:
    steps = container()
    assert steps[0] == ("ARG", "BASE=python:3.11-slim")
    assert [value for name, value in steps if name == "FROM"] == ["${BASE} AS build", "${BASE}"]
    installs = [value for _, value in steps if "pip install" in value]
    assert "--require-hashes -r requirements.lock" in installs[0]
    assert "--no-deps" in installs[1]
    assert ("USER", "10001") in steps
    assert steps.index(("USER", "10001")) < [name for name, _ in steps].index("ENTRYPOINT")
    copied = [
        value.split()[:-1] for name, value in steps if name == "COPY" and "--from" not in value
    ]
    for source in [each for part in copied for each in part]:
        assert (ROOT / source).exists(), source
