"""The acceptance of a night: two countries in four languages against a local server, twice.

    python benchmarks/acceptance.py [--languages 4] [--paths 1000] [--pictures FOLDER]

A local server answers as Eurostat does (tests/sources/server.py). The first night makes every
briefing, the second skips them all; then the index page is opened in a real browser, every link is
followed, and it is looked at: pictures of it, wide and narrow, go to FOLDER. Ends with exit code 1
at the first thing that is not as it should be.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from forecasting.locations import data_dir

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "sources"))

LANGUAGES = ("sl", "fi", "sv", "en")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def write_plan(folder: Path, source: Path, languages: list[str], paths: int) -> None:
    plan = {
        "title": {
            "en": "Slovenia and Finland",
            "sl": "Slovenija in Finska",
            "sv": "Slovenien och Finland",
            "fi": "Slovenia ja Suomi",
        },
        "refresh": [str(source)],
        "index_languages": languages,
        "paths": paths,
        "briefings": [
            {"programme": f"{geo.lower()}-amif-2021-2027", "geo": [geo], "language": languages}
            for geo in ("SI", "FI")
        ],
    }
    (folder / "plan.yaml").write_text(yaml.safe_dump(plan), encoding="utf-8")


def run_night(folder: Path) -> tuple[float, dict]:
    """Run a night that has to end well; return its seconds and its status."""
    environment = os.environ | {"FORECASTING_STORE": str(folder / "store"), "NO_PROXY": "127.0.0.1"}
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "forecasting", "night", "plan.yaml"],
        cwd=folder, env=environment, check=True,
    )  # fmt: skip
    text = (folder / "outputs" / "status.json").read_text(encoding="utf-8")
    return time.perf_counter() - begun, json.loads(text)


def check(condition: bool, words: str) -> None:
    print(f"{'ok    ' if condition else 'FAILED'} {words}", flush=True)
    if not condition:
        raise SystemExit(1)


def look(outputs: Path, pictures: Path | None) -> None:
    """Open the index page in a browser, follow every link, and take pictures of it."""
    from playwright.sync_api import sync_playwright

    binary = next(filter(None, map(shutil.which, BROWSERS)))
    asked, faults = [], []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        for name, width, scheme in (("wide", 1280, "light"), ("narrow", 390, "dark")):
            size = {"width": width, "height": 900}
            page = browser.new_context(viewport=size, color_scheme=scheme).new_page()
            page.on("request", lambda sent: asked.append(sent.url))
            page.on("console", lambda said: faults.append(said.text))
            page.goto((outputs / "index.html").as_uri())
            links = page.locator("a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
            if pictures:
                page.screenshot(path=pictures / f"index-{name}.png", full_page=True)
        browser.close()
    files = [link for link in links if not link.startswith("#")]
    check(not faults, "the page opens without a complaint")
    check(all(url.startswith(("file:", "data:")) for url in asked), "it asks nobody for anything")
    check(all((outputs / link).is_file() for link in files), f"{len(files)} links lead somewhere")


def main() -> None:
    from server import make_table, serve

    parser = argparse.ArgumentParser()
    parser.add_argument("--languages", type=int, default=4)
    parser.add_argument("--paths", type=int, default=1000)
    parser.add_argument("--pictures", type=Path)
    given = parser.parse_args()
    shipped = data_dir() / "reference" / "eurostat_asylum_applicants_monthly.csv"
    with shipped.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with tempfile.TemporaryDirectory() as name, serve([make_table("migr_asyappctzm", rows)]) as own:
        folder = Path(name)
        source = own.definition("eurostat-applicants", folder / "sources")
        languages = list(LANGUAGES[: given.languages])
        write_plan(folder, source, languages, given.paths)
        first, status = run_night(folder)
        made = 2 * len(languages)
        check(status["counts"]["done"] == made, f"first night: {made} briefings in {first:.0f} s")
        check(status["sources"][0]["status"] == "new", "new figures came from the server")
        second, status = run_night(folder)
        check(status["counts"]["skipped"] == made, f"second night: all skipped in {second:.0f} s")
        check(len(own.requests) == 2, "the server was asked once a night")
        look(folder / "outputs", given.pictures)


if __name__ == "__main__":
    main()
