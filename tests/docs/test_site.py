"""The built site: no warning, nothing foreign, every link leads somewhere, in four languages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from documented import ROOT

import forecasting
from forecasting.cli import main
from forecasting.locations import notebooks_dir

BUILD = ROOT / "docs" / "_site" / "build.py"
LOADED = {
    ("audio", "src"), ("embed", "src"), ("iframe", "src"), ("image", "href"), ("img", "src"),
    ("input", "src"), ("link", "href"), ("object", "data"), ("script", "src"), ("source", "src"),
    ("source", "srcset"), ("track", "src"), ("use", "href"), ("video", "poster"), ("video", "src"),
}  # fmt: skip
"""What a browser fetches without being asked."""

SHOWN = ("index", "methods/stocks", "reference/commands/run", "notebooks/60_savings", "glossary")

pytestmark = pytest.mark.slow


class Page(HTMLParser):
    """What a page links to, what it loads, and its places."""

    def __init__(self, path: Path):
        super().__init__()
        self.links, self.loaded, self.places = [], [], set()
        self.language, self.text = "", path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.places |= {given[name] for name in ("id", "name") if given.get(name)}
        self.loaded += [given[name] for of, name in LOADED if of == tag and given.get(name)]
        self.loaded += re.findall(r"url\(['\"]?([^'\")]+)", given.get("style") or "")
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag == "html":
            self.language = given.get("lang")


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Build the site with one executed notebook; the others are shown as they are committed."""
    for module in ("sphinx", "myst_nb", "furo", "math_core", "ziamath"):
        pytest.importorskip(module, reason="the extra 'docs' is not installed")
    folder = tmp_path_factory.mktemp("site")
    runs = ["run", "60_savings", "-p", "paths", "1000", "--output-dir", str(folder / "runs")]
    environment = {**os.environ, "FORECASTING_STORE": str(folder / "store")}
    for command in (
        [sys.executable, "-m", "forecasting", *runs],
        [sys.executable, str(BUILD), "--runs", str(folder / "runs"), "--output", str(folder)],
    ):
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stdout + done.stderr
    return folder / "html"


@pytest.fixture(scope="session")
def pages(site):
    return {path.relative_to(site).as_posix(): Page(path) for path in sorted(site.rglob("*.html"))}


def test_every_part_has_its_page(pages):
    expected = {f"reference/commands/{name}.html" for name in main.commands}
    expected |= {f"notebooks/{path.stem}.html" for path in notebooks_dir().glob("*.ipynb")}
    documents = [path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")]
    expected |= {
        path.with_suffix(".html").as_posix()
        for path in documents
        if not path.parts[0].startswith("_")
    }
    assert expected - set(pages) == set()
    shown = "".join(page.text for name, page in pages.items() if "/names/" in name)
    assert [n for n in forecasting.__all__ if f'id="forecasting.{n}"' not in shown] == []


def test_nothing_foreign_is_loaded(site, pages):
    loaded = [(name, address) for name, page in pages.items() for address in page.loaded]
    for style in site.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        found = re.findall(r"url\(['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)", text)
        loaded += [(style.relative_to(site).as_posix(), "".join(each)) for each in found]
    assert len(loaded) > 100
    missing = [
        (name, address)
        for name, address in loaded
        if not address.startswith(("data:", "#"))
        and not (site / name).parent.joinpath(unquote(urlsplit(address).path)).is_file()
    ]
    assert missing == []
    assert [(name, address) for name, address in loaded if urlsplit(address).netloc] == []


def test_every_link_leads_somewhere(site, pages):
    dead = []
    for name, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                dead += [(name, link)] if parts.scheme not in {"https", "mailto"} else []
                continue
            target = (site / name).parent / unquote(parts.path) if parts.path else site / name
            place = os.path.relpath(target, site)
            if not target.is_file() or (
                parts.fragment
                and place in pages
                and unquote(parts.fragment) not in pages[place].places
            ):
                dead.append((name, link))
    assert dead == []


def test_titles_are_unique(pages):
    titles = Counter(
        re.search(r"<title>(.*?)</title>", page.text, re.DOTALL)[1] for page in pages.values()
    )
    assert [title for title, times in titles.items() if times > 1] == []


def test_formulas_need_no_script(pages):
    for name in ("spine", "forecasting", "stocks", "caseload", "savings", "scenarios"):
        text = pages[f"methods/{name}.html"].text
        assert text.count("<math") > 3
        assert not re.search(r"\\(frac|sum|text|left)\b|\$\$|MathJax", text), name


def test_a_notebook_is_shown_with_its_pages(site, pages):
    page = pages["notebooks/60_savings.html"]
    assert page.text.count("<figure") > 4
    assert page.text.count("<svg") > 4
    assert page.text.count("<caption>") > 4
    assert [link for link in page.links if link.endswith("60_savings.pdf")]
    assert "has not been run" in pages["notebooks/10_asylum_flows.html"].text


def test_four_languages(pages):
    for code in ("en", "sl", "sv", "fi"):
        assert pages[f"probability/{code}.html"].language == code
    glossary = pages["glossary.html"].text
    for table in glossary.split("<table")[1:]:
        assert all(
            f">{name}" in table.replace("<p>", ">") for name in ("Slovenian", "Swedish", "Finnish")
        )


@pytest.mark.parametrize("name", SHOWN)
def test_a_page_fits_a_telephone_and_a_dark_screen(site, chromium, name):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = context.new_page()
    faults, asked = [], []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("request", lambda sent: asked.append(sent.url))
    page.goto((site / f"{name}.html").as_uri())
    width, background = page.evaluate(
        "[document.documentElement.scrollWidth, getComputedStyle(document.body).backgroundColor]"
    )
    context.close()
    assert width <= 390
    assert sum(map(int, re.findall(r"\d+", background)[:3])) < 200
    assert faults == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
