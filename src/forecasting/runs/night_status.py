"""How a night went: every source and every briefing, written as ``status.json``."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from forecasting.runs.kept import BRIEFING_PDF, Briefing
from forecasting.runs.private import without_home
from forecasting.tables import write_bytes

SCHEMA = 1
STATUS_NAME = "status.json"

FIRST_FAILURE_CODE = 10
MOST_COUNTED = 90


@dataclass(frozen=True)
class SourceNight:
    """A source of a night.

    Attributes
    ----------
    source : str
        Name of the source.
    title : mapping of str to str
        What it is, in every language, as its definition says.
    status : {"new", "unchanged", "failed", "not asked"}
        ``not asked``: the night ran offline.
    vintage : str
        Day of the newest figures held, ``YYYY-MM-DD``; empty where none are held.
    reason : str
        Why it failed, and what to do; empty if it did not.
    """

    source: str
    title: Mapping[str, str]
    status: Literal["new", "unchanged", "failed", "not asked"]
    vintage: str = ""
    reason: str = ""


@dataclass(frozen=True)
class BriefingNight:
    """A briefing of a night.

    Attributes
    ----------
    programme, geo, language : str
        As in the plan; of a programme of one's own the file's name.
    series : str
        That the forecast is of: ``asylum-applicants/SI``.
    run_id : str
        Empty where the run could not be planned.
    status : {"done", "skipped", "failed"}
        ``skipped``: it was there already, whole and of the same inputs, code and parameters.
    seconds : float
        That its run took.
    shown : Briefing or None
        What a reader is given: this briefing, or of a failed one the last good one.
    reason, action : str
        Why it failed, and what to do; empty if it did not.
    """

    programme: str
    geo: str
    language: str
    series: str
    run_id: str
    status: Literal["done", "skipped", "failed"]
    seconds: float = 0.0
    shown: Briefing | None = None
    reason: str = ""
    action: str = ""

    @property
    def is_old(self) -> bool:
        """Whether what a reader is given is not of this night."""
        return self.status == "failed" and self.shown is not None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        content = asdict(self) | {"seconds": round(self.seconds, 1)}
        del content["shown"]
        shown = self.shown and {
            "run_id": self.shown.run_id,
            "pdf": f"{self.shown.run_id}/{BRIEFING_PDF}",
            "title": self.shown.title,
            "data_date": self.shown.data_date.isoformat(),
            "made": self.shown.made.isoformat(timespec="seconds"),
        }
        return content | {
            "pdf": None if self.status == "failed" or not shown else shown["pdf"],
            "data_date": None if self.status == "failed" or not shown else shown["data_date"],
            "last_good": shown if self.status == "failed" else None,
        }


@dataclass(frozen=True)
class Night:
    """A night that has ended.

    Attributes
    ----------
    plan : str
        Name of the plan.
    title : mapping of str to str
        Of the plan, in every language.
    proposed_by : str
        Who answers for the plan; may be empty.
    started, finished : datetime.datetime
        In UTC.
    sources : sequence of SourceNight
    briefings : sequence of BriefingNight
        In the order of the plan.
    """

    plan: str
    title: Mapping[str, str]
    proposed_by: str
    started: dt.datetime
    finished: dt.datetime
    sources: Sequence[SourceNight]
    briefings: Sequence[BriefingNight]

    @property
    def counts(self) -> dict[str, int]:
        """How many briefings ended in which way, and how many sources failed."""
        states = [each.status for each in self.briefings]
        failed = sum(each.status == "failed" for each in self.sources)
        return {
            "done": states.count("done"),
            "skipped": states.count("skipped"),
            "failed": states.count("failed"),
            "sources_failed": failed,
        }

    @property
    def exit_code(self) -> int:
        """0 if all went well; otherwise 10 more than how many briefings and sources failed.

        More than 90 are counted as 90, so that a code from 11 to 100 always means this, and none of
        the others (2 bad plan, 4 locked, 130 interrupted).
        """
        failed = self.counts["failed"] + self.counts["sources_failed"]
        return FIRST_FAILURE_CODE + min(failed, MOST_COUNTED) if failed else 0

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON data; the shape is described in ``docs/night.md``."""
        return {
            "schema": SCHEMA,
            "plan": self.plan,
            "title": dict(self.title),
            "proposed_by": self.proposed_by,
            "started": self.started.isoformat(timespec="seconds"),
            "finished": self.finished.isoformat(timespec="seconds"),
            "exit_code": self.exit_code,
            "counts": self.counts,
            "sources": [asdict(each) for each in self.sources],
            "briefings": [each.to_json() for each in self.briefings],
        }


def write_status(night: Night, output_dir: Path) -> Path:
    """Write ``status.json``, whole or not at all.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    path = output_dir / STATUS_NAME
    text = without_home(json.dumps(night.to_json(), indent=1, ensure_ascii=False))
    write_bytes(f"{text}\n".encode(), path)
    return path
