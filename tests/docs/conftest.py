"""What a reader has at hand when the documents give a command."""

from __future__ import annotations

import csv
import datetime as dt
import re
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for `import documented`

from documented import ROOT

from forecasting.sources.definitions import load_source
from forecasting.sources.fetching import Fetched
from forecasting.sources.staging import stage_cells
from forecasting.sources.store import Store

DATA = ROOT / "data"
COPIES = {
    "my.yaml": DATA / "programmes" / "si-amif-2021-2027.yaml",
    "centre.yaml": DATA / "stocks" / "si-centre-for-foreigners.yaml",
    "office.yaml": DATA / "stocks" / "fi-asylum-backlog.yaml",
    "mine.yaml": DATA / "savings" / "si-p61.yaml",
}
RECIPIENTS = DATA / "reference" / "si_recipients_synthetic.csv"
CUT = {"recipients.csv": "recipients", "unemployment.csv": "registered_unemployed"}
ABOUT_VINTAGES = ("docs/how-to/scheduled.md", "docs/vintages.md")
BAD = "series_id,period,value\nlegal-aid,2024-01,12\nlegal-aid,2024-02,about 30\n"


def scenario_of(page: str) -> str:
    """Return the first scenario that a page of the documentation writes out."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return next(block for block in blocks if block.startswith("title:") and "levers:" in block)


def write_workbook(table: Path) -> None:
    """Write the rows of an example into a workbook beside it."""
    import openpyxl

    book = openpyxl.Workbook()
    for row in csv.reader(table.open(encoding="utf-8"), delimiter=";"):
        book.active.append([cell or None for cell in row])
    book.save(table.with_suffix(".xlsx"))


def remember_two_vintages(folder: Path) -> None:
    """Put two vintages of a source into the store; the second revises a month."""
    for day, value in ((dt.date(2026, 10, 20), 455.0), (dt.date(2026, 11, 23), 465.0)):
        rows = [("SI", "TOTAL", "2024-07", value, ""), ("SI", "TOTAL", "2024-08", 500.0, "")]
        cells = pd.DataFrame(rows, columns=["geo", "citizen", "period", "value", "flag"])
        staged = stage_cells(cells, ("geo", "citizen"), folder)
        moment = dt.datetime.combine(day, dt.time(1), tzinfo=dt.UTC)
        answer = Fetched(staged, "https://example.invalid", moment, "h")
        assert Store().append(load_source("eurostat-applicants"), answer)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """Return a function that puts the files that a page speaks of into an empty folder."""

    def prepare(page: str) -> Path:
        monkeypatch.chdir(tmp_path)
        for folder in ("data", "docs"):
            Path(folder).symlink_to(ROOT / folder)
        for name, source in COPIES.items():
            if page != "README.md":  # which asks for the copies
                shutil.copy(source, name)
        for example in (ROOT / "docs" / "examples").iterdir():
            shutil.copy(example, tmp_path)
        write_workbook(Path("prosnje.csv"))
        rows = RECIPIENTS.read_text(encoding="utf-8").splitlines(keepends=True)
        for name, series in CUT.items():
            kept = [row for row in rows if row.split(",")[0] in {"series_id", series}]
            Path(name).write_text("".join(kept), encoding="utf-8")
        Path("bad.csv").write_text(BAD, encoding="utf-8")
        for name in ("spring.yaml", "my-scenario.yaml"):
            Path(name).write_text(scenario_of("tutorial.md"), encoding="utf-8")
        if page == "docs/scenarios.md":
            Path("my.yaml").write_text(scenario_of("scenarios.md"), encoding="utf-8")
        if page in ABOUT_VINTAGES:
            remember_two_vintages(tmp_path)
        return tmp_path

    return prepare
