"""Progress of long work on a terminal and in a log."""

from __future__ import annotations

import io
import re

from forecasting.runs.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_log_has_one_line_a_step_with_a_time_stamp() -> None:
    log = io.StringIO()
    with Progress(3, "90_briefing", unit="cell", stream=log) as progress:
        progress.begin("read the figures")
        progress.begin("")
    lines = log.getvalue().splitlines()
    stamp = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d "
    assert re.fullmatch(stamp + "90_briefing: cell 1/3 read the figures", lines[0])
    assert re.fullmatch(stamp + "90_briefing: cell 2/3", lines[1])
    assert len(lines) == 2


def test_a_log_that_cannot_be_written_does_not_stop_the_work() -> None:
    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(28, "No space left on device")

    with Progress(1, "night", stream=Full()) as progress:
        progress.begin("SI")


def test_steps_under_way_at_once_are_told_as_they_end() -> None:
    log, terminal = io.StringIO(), Terminal()
    for stream in (log, terminal):
        with Progress(2, "run all", unit="notebook", stream=stream) as progress:
            progress.end("20_centre 3 s")
            progress.end("10_flows 5 s")
    assert log.getvalue().splitlines()[1].endswith("run all: notebook 2/2 10_flows 5 s")
    assert "2/2" in terminal.getvalue()


def test_a_terminal_shows_a_bar_with_the_current_step() -> None:
    terminal = Terminal()
    with Progress(2, "night", stream=terminal) as progress:
        progress.begin("SI")
        progress.begin("FI")
    shown = terminal.getvalue()
    assert "night: SI" in shown
    assert "night: FI" in shown
    assert "1/2" in shown
    assert "\n" not in shown.rstrip("\n")
