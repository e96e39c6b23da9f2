"""The index page of a night as its reader has it: opened from disk, by keyboard and on a phone."""

from __future__ import annotations

import datetime as dt
import re
from itertools import pairwise
from pathlib import Path

import pytest

from forecasting.briefing.history_chart import HistoryChart
from forecasting.languages.texts import LANGUAGES_REQUIRED, for_all_languages
from forecasting.runs.index_page import render_index, write_index
from forecasting.runs.kept import Briefing
from forecasting.runs.night_status import BriefingNight, Night, SourceNight, write_status

pytestmark = pytest.mark.slow

MARKUP = "<img src=x onerror=alert(1)> & <script>alert(2)</script>"
NOW, BEFORE = (dt.datetime(2026, month, 23, 2, tzinfo=dt.UTC) for month in (11, 10))
CHART = '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="90"><path d="M0 0L9 9"/></svg>'

CONTRAST = """
() => {
  const luminance = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const parts = text => text.match(/[\\d.]+/g).map(Number);
  const ground = node => {
    for (; node; node = node.parentElement) {
      const found = parts(getComputedStyle(node).backgroundColor);
      if (found.length < 4 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const low = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !node.checkVisibility()) continue;
    const [a, b] = [parts(getComputedStyle(node).color), ground(node)].map(luminance);
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) low.push(`${ratio.toFixed(2)} ${walker.currentNode.data.trim()}`);
  }
  return low;
}
"""
HEADINGS = "all => all.map(h => [Number(h.tagName[1]), h.textContent.trim()])"


def briefing(geo, language, status, made=NOW, **changes):
    run_id = f"{geo}-2026-11-{language}-0a1b2c3d"
    shown = Briefing(run_id, f"A finding {MARKUP}", dt.date(2026, 11, 20), made)
    fields = {"seconds": 7.5, "shown": shown, "reason": "", "action": ""} | changes
    series = f"asylum-applicants/{geo}"
    return BriefingNight("si-amif-2021-2027", geo, language, series, run_id, status, **fields)


FAILED = {"reason": f"cell 5/14: {MARKUP}", "action": "look into failed/; the next call tries"}
TITLE = {code: f"Applicants, {code}" for code in LANGUAGES_REQUIRED}
NIGHT = Night(
    plan="nightly",
    title={"en": f"Two countries {MARKUP}", "sl": "Dve državi"},
    proposed_by=MARKUP,
    started=NOW,
    finished=NOW + dt.timedelta(minutes=3),
    sources=[
        SourceNight("eurostat-applicants", TITLE, "new", "2026-11-23"),
        SourceNight(
            "pxweb",
            for_all_languages("Prices"),
            "failed",
            "2026-10-28",
            f"answered with 503 {MARKUP}",
        ),
    ],
    briefings=[
        briefing("SI", "sl", "done"),
        briefing("SI", "en", "skipped", BEFORE),
        briefing("FI", "en", "failed", BEFORE, **FAILED),
        briefing("DE", "en", "failed", shown=None, **FAILED),
    ],
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Write the page of a night with every kind of ending, and the files it leads to."""
    monkeypatch.setattr(
        "forecasting.briefing.history_chart.draw_history",
        lambda series, language: HistoryChart(CHART, f"Chart of {series}", "2 of 3 within"),
    )
    write_status(NIGHT, tmp_path)
    write_index(NIGHT, ("en", "sl"), tmp_path)
    for each in NIGHT.briefings:
        if each.shown:
            (tmp_path / each.shown.run_id).mkdir()
            (tmp_path / each.shown.run_id / "briefing.pdf").write_bytes(b"%PDF-1.7")
    return tmp_path


@pytest.fixture
def opened(browser, folder):
    """Return a function that opens the page; what it asked for and complained of is kept."""
    contexts = []

    def open_page(name="index.html", **options):
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.asked, page.faults = [], []
        page.on("request", lambda sent: page.asked.append(sent.url))
        page.on("console", lambda said: page.faults.append(said.text))
        page.on("pageerror", lambda fault: page.faults.append(str(fault)))
        page.goto((folder / name).as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


def test_opened_from_disk_it_asks_for_nothing_else(opened, folder):
    page = opened()
    page.wait_for_load_state("networkidle")
    assert page.faults == []
    foreign = [url for url in page.asked if not url.startswith("data:")]
    assert foreign == [(folder / "index.html").as_uri()]
    assert page.locator("img").evaluate_all("all => all.every(each => each.naturalWidth > 0)")


def test_text_from_outside_is_text(opened):
    page = opened()
    assert page.locator("script, img:not([alt]), iframe, object").count() == 0
    assert page.text_content("h1") == f"Two countries {MARKUP}"
    assert page.locator(".finding").first.text_content() == f"A finding {MARKUP}"
    assert MARKUP in page.locator("tbody").first.text_content()


def test_every_link_is_relative_and_leads_somewhere(opened, folder):
    page = opened()
    links = page.locator("a").evaluate_all("all => all.map(each => each.getAttribute('href'))")
    assert len(links) >= 7
    for link in links:
        if link.startswith("#"):
            assert page.locator(link).count() == 1, link
        else:
            assert not re.match(r"[a-z]+:|/", link), link
            assert (folder / link).is_file(), link
    page.click("nav a[hreflang=sl]")
    assert page.get_attribute("html", "lang") == "sl"
    assert page.text_content("h1") == "Dve državi"
    assert "Applicants, sl" in page.text_content("main")
    assert page.text_content("nav [aria-current=page]") == "slovenščina"


def test_headings_and_landmarks_say_where_one_is(opened):
    page = opened()
    headings = page.locator("h1, h2, h3").evaluate_all(HEADINGS)
    levels = [level for level, _ in headings]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(next_ - this <= 1 for this, next_ in pairwise(levels))
    assert all(text for _, text in headings)
    for landmark in ("header", "nav[aria-label]", "main", "footer"):
        assert page.locator(f"body {landmark}").count() == 1, landmark
    named = "all => all.every(e => document.getElementById(e.getAttribute('aria-labelledby')))"
    assert page.locator("section, article, [role=region]").evaluate_all(named)
    ids = page.locator("[id]").evaluate_all("all => all.map(each => each.id)")
    assert len(ids) == len(set(ids))
    assert page.locator("th:not([scope])").count() == 0
    assert page.locator("table").count() == page.locator("table thead").count() == 3
    assert page.locator("figure img").first.get_attribute("alt") == "Chart of asylum-applicants/SI"


def test_old_briefings_are_marked_and_missing_ones_have_no_link(opened):
    page = opened()
    cards = {card.locator("h3").text_content(): card for card in page.locator("article").all()}
    assert list(cards) == ["Finland", "Germany", "Slovenia"]
    assert "old: data as of 20 Nov 2026, made 23 Oct 2026" in cards["Finland"].text_content()
    assert cards["Germany"].locator("a").count() == 0
    assert "unchanged since 23 Oct 2026" in cards["Slovenia"].text_content()
    assert "Data as of 20 November 2026" in cards["Slovenia"].text_content()
    assert page.locator("dd").all_text_contents() == ["1", "1", "2", "1"]


def test_it_is_read_by_keyboard_alone(opened):
    page = opened()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "briefings"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')").startswith("FI-")
    seen = []
    page.goto(page.url.partition("#")[0])
    page.locator("details").evaluate("each => each.open = true")
    for _ in range(page.locator("a, summary, [tabindex='0']").count()):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
    assert set(seen) == {"solid"}, "what has the focus is seen"
    page.focus("summary")
    page.keyboard.press("Enter")
    assert not page.locator("details table").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(opened, scheme):
    page = opened(color_scheme=scheme)
    page.locator("details").evaluate("each => each.open = true")
    assert page.evaluate(CONTRAST) == []
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark == (scheme == "dark")


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_is_cut_off_at_any_width(opened, width):
    page = opened(viewport={"width": width, "height": 800})
    page.locator("details").evaluate("each => each.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_printed_it_is_dark_on_white(opened):
    page = opened(color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator("nav").is_visible()
    assert page.evaluate(CONTRAST) == []


def test_a_good_night_says_so_and_names_no_failure(browser, tmp_path):
    calm = Night(
        "nightly", {"en": "Calm"}, "", NOW, NOW, [], [briefing("SI", "en", "done")]
    )  # fmt: skip
    text = render_index(calm, "en", ("en",))
    assert "Every briefing is there and up to date." in text
    assert "What failed" not in text
    assert "<nav" not in text
    Path(tmp_path, "index.html").write_text(text, encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "index.html").as_uri())
    assert page.locator("section:has(#failures), section:has(#sources)").count() == 0
    page.close()
