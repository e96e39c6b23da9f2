"""The pages load nothing foreign, and are there for this machine alone."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

import forecasting
from forecasting.explorer import server
from forecasting.languages.texts import for_all_languages
from forecasting.runs.index_page import render_index
from forecasting.runs.night_status import BriefingNight, Night, SourceNight

PACKAGE = Path(forecasting.__file__).parent
PAGES = sorted(
    path
    for folder in ("explorer", "runs")
    for ending in ("js", "css", "j2", "html")
    for path in (PACKAGE / folder).rglob(f"*.{ending}")
)
NAMES_OF_FORMATS = {"http://www.w3.org/2000/svg"}
"""Addresses that name a format and are never opened."""

LOADS = re.compile(
    r"@import|\burl\(\s*['\"]?(?!data:)|\bimport\s*\(|\bfrom\s+['\"]http|\bfetch\(|XMLHttpRequest"
    r"|WebSocket\(|EventSource\(|sendBeacon|importScripts|<(?:iframe|object|embed|base)\b"
)
HOSTILE = "</td><script>alert(1)</script><img src=http://x.y/z onerror=alert(1)>"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_names_no_other_host_and_loads_nothing(path):
    text = path.read_text(encoding="utf-8")
    addresses = set(re.findall(r"(?:https?:|wss?:)?//[\w.-]+\.[a-z]{2,}[\w./-]*", text))
    assert addresses <= NAMES_OF_FORMATS
    assert not LOADS.search(text)


def test_there_are_pages_to_look_at():
    names = {path.name for path in PAGES}
    assert {"explorer.js", "explorer.css", "index.html.j2", "index_page.html.j2"} <= names


def test_the_explorer_serves_this_machine_only():
    """What the server is told; that it listens nowhere else is tested with it, see security.md."""
    assert server.HOST == "127.0.0.1"
    text = Path(server.__file__).read_text(encoding="utf-8")
    assert not re.search(r"0\.0\.0\.0|[\"']::[\"']|[\"']\*[\"']", text)


@pytest.fixture(scope="module")
def index() -> str:
    """The index page of a night in which every text is hostile."""
    now = dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC)
    night = Night(
        plan=HOSTILE,
        title=dict.fromkeys(("en", "sl", "sv", "fi"), HOSTILE),
        proposed_by=HOSTILE,
        started=now,
        finished=now,
        sources=[SourceNight(HOSTILE, for_all_languages(HOSTILE), "failed", reason=HOSTILE)],
        briefings=[
            BriefingNight(
                programme=HOSTILE, geo="SI", language="en", series="asylum-applicants/SI",
                run_id="", status="failed", reason=HOSTILE, action=HOSTILE,
            ),
        ],
    )  # fmt: skip
    return render_index(night, "en", ("en", "sl"))


def test_no_text_of_a_night_is_markup_of_the_index_page(index):
    assert "&lt;script&gt;" in index
    assert "<script" not in index
    assert "<img" not in index


def test_the_index_page_forbids_what_it_does_not_need(index):
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', index)
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    links = set(re.findall(r'(?:href|src)="([^"]*)"', index))
    assert not [each for each in links if re.match(r"\w+://|//|javascript:", each)]
