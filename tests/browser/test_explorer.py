"""The explorer as its reader has it: in a browser, by mouse and keyboard."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
import yaml

from forecasting.scenarios import load_scenario

pytestmark = pytest.mark.slow

ARRIVALS = "[data-slider='arrivals.multiply']"
SURGE = "[data-slider='arrivals.surge']"
STAY = "[data-slider='stay.multiply/si-reception-centres']"
DELAY = "[data-slider='capacity.delay/si-centre-for-foreigners']"
PEAK = "peak_present/si-reception-centres"
MOVES = 36


@pytest.fixture(scope="module")
def shared(open_page, server):
    opened = open_page(server.address)
    yield opened
    opened.close()


@pytest.fixture
def explorer(shared):
    """Return the page with nothing moved."""
    shared.page.set_viewport_size({"width": 1440, "height": 900})
    shared.reset()
    return shared


def test_the_page_opens_at_the_reference_without_faults_and_asks_no_other_host(explorer):
    assert "Slovenia" in explorer.page.text_content(".fx h1")
    assert explorer.page.text_content(".fx-status").startswith("Nothing is moved")
    assert explorer.faults == []
    assert "127.0.0.1" in explorer.hosts
    assert explorer.hosts <= {"127.0.0.1", ""}, "data: addresses have no host"


def test_a_foreign_name_for_this_machine_is_refused(server):
    """So a page of another host whose name is turned to 127.0.0.1 gets nothing."""
    asked = urllib.request.Request(server.address, headers={"Host": "elsewhere.example"})

    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(asked, timeout=60)


def test_a_slider_moved_by_keyboard_moves_figures_and_charts(explorer):
    peak = explorer.tile(PEAK)
    flow, present = explorer.drawing("arrivals"), explorer.drawing("centre/si-reception-centres")

    explorer.press(STAY, "ArrowRight", 10)

    assert explorer.says(STAY) == "×\N{NO-BREAK SPACE}1.50"
    assert explorer.tile(PEAK) != peak
    assert explorer.drawing("centre/si-reception-centres") != present
    assert explorer.drawing("arrivals") == flow, "the stay moves nobody who comes"


def test_a_slider_dragged_with_the_mouse_ends_at_the_figures_of_its_last_place(explorer):
    page = explorer.page
    box = page.locator(ARRIVALS).bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.4, middle)
    page.mouse.down()
    for step in range(25):  # far faster than the answers come
        page.mouse.move(box["x"] + box["width"] * (0.4 + 0.02 * step), middle)
    page.mouse.up()
    explorer.settle()
    dragged, place = explorer.tile(PEAK), page.input_value(ARRIVALS)

    explorer.press(ARRIVALS, "ArrowLeft")
    explorer.press(ARRIVALS, "ArrowRight")

    assert page.input_value(ARRIVALS) == place
    assert explorer.tile(PEAK) == dragged


def test_old_figures_are_marked_from_the_input_until_the_new_ones_are_there(explorer):
    seen = explorer.page.evaluate(
        """slider => {
          const input = document.querySelector(slider), root = document.querySelector('.fx');
          input.value = Number(input.value) + 3;
          input.dispatchEvent(new Event('input', { bubbles: true }));
          return { busy: root.hasAttribute('data-busy'),
                   said: root.querySelector('.fx-status').textContent,
                   aria: root.querySelector('.fx-figures').getAttribute('aria-busy'),
                   pale: ['.fx-tile-groups', '.fx-charts'].map(
                     name => Number(getComputedStyle(root.querySelector(name)).opacity)) };
        }""",
        ARRIVALS,
    )
    explorer.settle()

    assert seen["busy"]
    assert seen["said"].startswith("Computing")
    assert seen["aria"] == "true"
    assert max(seen["pale"]) < 0.5
    assert explorer.page.get_attribute(".fx-figures", "aria-busy") == "false"


def test_latency_from_an_input_to_painted_figures(explorer, record_property):
    """Printed at the end of the run; the machine decides, so nothing is asserted about it."""
    explorer.page.wait_for_timeout(300)  # what was measured before is painted
    explorer.page.evaluate("performance.clearMeasures()")
    for slider in (ARRIVALS, STAY, DELAY):
        for _ in range(MOVES // 3):
            explorer.press(slider, "ArrowRight")
            explorer.page.wait_for_timeout(100)
    found = explorer.page.evaluate(
        "performance.getEntriesByName('explorer answer').map(entry => entry.duration)"
    )

    record_property("milliseconds", found)
    assert len(found) == MOVES


def test_a_starting_scenario_and_reset(explorer):
    before = explorer.tile(PEAK)

    explorer.start_from("stay-doubles")
    doubled = explorer.tile(PEAK)
    explorer.reset()

    assert doubled != before
    assert explorer.tile(PEAK) == before
    assert explorer.page.input_value(".fx select") == "reference"


def test_a_share_rests_where_the_starting_scenario_puts_it(explorer):
    share = "[data-slider='savings.activation_share']"

    explorer.start_from("activation-15")
    at_15 = explorer.says(share), explorer.tile("gross_saving")
    explorer.press(share, "ArrowRight", 10)
    at_25 = explorer.says(share), explorer.tile("gross_saving")
    explorer.reset()

    assert at_15[0].startswith("15")
    assert at_25 == ("25%", explorer.tile("gross_saving")), "25 % is what is configured"
    assert at_15[1] != at_25[1]


def test_saving_never_overwrites_unasked(explorer, server):
    explorer.press(SURGE, "PageUp", 2)
    explorer.name("Višji prihodi", "Vaja")
    path = server.folder / "scenarios" / "visji-prihodi.yaml"

    explorer.click("save")
    explorer.message("Saved")
    first = path.read_text(encoding="utf-8")
    explorer.press(SURGE, "ArrowRight")
    explorer.click("save")
    refused = explorer.message("exists")
    kept = path.read_text(encoding="utf-8")
    explorer.click("replace")
    explorer.message("Saved")

    assert "left as it is" in refused
    assert kept == first
    assert path.read_text(encoding="utf-8") != first
    saved = load_scenario(path)
    assert saved.title["sl"] == "Višji prihodi"
    assert [lever.lever for lever in saved.levers] == ["arrivals.surge"]


def test_what_is_saved_goes_into_the_next_briefing(explorer, server, tmp_path):
    explorer.press(STAY, "ArrowRight", 10)
    explorer.name("Evening before the meeting")
    explorer.click("save")
    explorer.message("Saved")
    path = server.folder / "scenarios" / "evening-before-the-meeting.yaml"

    subprocess.run(
        [sys.executable, "-m", "forecasting", "brief", "--scenario", str(path), "--paths", "200"],
        cwd=tmp_path,
        check=True,
        timeout=300,
        capture_output=True,
    )

    (content,) = tmp_path.glob("outputs/*/content.json")
    assert "Evening before the meeting" in content.read_text(encoding="utf-8")
    assert (content.parent / "briefing.pdf").stat().st_size > 10_000


def test_a_file_that_is_downloaded_and_opened_gives_the_same_page(explorer, tmp_path):
    explorer.press(STAY, "ArrowRight", 4)
    explorer.name("Longer stay")
    shown = explorer.tile(PEAK)
    with explorer.page.expect_download() as download:
        explorer.click("download")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    explorer.reset()

    explorer.hand_in(path)
    explorer.message("Opened")
    explorer.settle()

    assert yaml.safe_load(path.read_text(encoding="utf-8"))["extends"] == ["reference"]
    assert explorer.says(STAY) == "×\N{NO-BREAK SPACE}1.20"
    assert explorer.tile(PEAK) == shown


def test_a_file_that_is_no_scenario_is_refused_with_the_reason(explorer, tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text("title: x\nextends: [nobody]\n", encoding="utf-8")
    before = explorer.tile(PEAK)

    explorer.hand_in(path)

    assert "wrong.yaml" in explorer.message("nobody")
    assert explorer.tile(PEAK) == before


def test_a_link_restores_the_setting_in_another_browser_and_neither_disturbs_the_other(
    explorer, open_page, server
):
    explorer.start_from("contingency-plan")
    explorer.press(STAY, "ArrowRight", 6)
    explorer.click("link")
    explorer.message("Link copied")
    link = explorer.page.evaluate("navigator.clipboard.readText()")
    shown = explorer.tile(PEAK)

    other = open_page(link, viewport={"width": 720, "height": 900})
    restored = other.tile(PEAK), other.page.input_value(".fx select"), other.says(STAY)
    other.press(ARRIVALS, "ArrowRight", 4)
    moved = other.tile(PEAK)
    explorer.press(DELAY, "ArrowRight")
    beside = explorer.tile(PEAK)

    assert link.startswith(server.address + "#start=contingency-plan")
    assert restored == (shown, "contingency-plan", explorer.says(STAY))
    assert moved != shown
    assert beside == shown

    other.page.focus(ARRIVALS)
    other.page.keyboard.press("ArrowRight")
    other.close()  # in the middle of a computation
    explorer.press(ARRIVALS, "ArrowRight", 2)
    assert explorer.tile(PEAK) != shown
    assert server.process.poll() is None


def test_the_keyboard_goes_through_the_controls_in_reading_order(explorer):
    page = explorer.page
    page.focus(".fx select")
    sliders = page.eval_on_selector_all(
        "[data-slider]", "all => all.map(each => each.dataset.slider)"
    )
    passed, outlines = [], set()
    for _ in range(len(sliders) + 8):
        page.keyboard.press("Tab")
        name, outline = page.evaluate(
            "() => { const on = document.activeElement; return ["
            " on.dataset.slider || on.dataset.action || on.tagName.toLowerCase(),"
            " getComputedStyle(on).outlineStyle]; }"
        )
        passed.append(name)
        outlines.add(outline)

    assert passed[: len(sliders)] == sliders
    last = ["reset", "input", "textarea", "save", "download", "open", "link", "summary"]
    assert passed[len(sliders) :] == last
    assert outlines == {"solid"}, "the focus is visible everywhere"


def test_charts_and_key_figures_are_there_for_a_screen_reader(explorer):
    page = explorer.page
    explorer.press(STAY, "ArrowRight", 10)
    page.wait_for_timeout(900)

    alternatives = page.eval_on_selector_all(
        ".fx-chart svg", "all => all.map(svg => svg.getAttribute('aria-label'))"
    )
    assert len(alternatives) == 6
    assert all(len(re.findall(r"\d", text)) > 8 and text.endswith(".") for text in alternatives)
    assert explorer.tile(PEAK) in page.text_content("[aria-live='polite']")
    page.click("[data-chart='arrivals'] summary")
    page.wait_for_selector("[data-chart='arrivals'] tbody tr")
    assert "December 2031" in page.text_content("[data-chart='arrivals'] table")
    page.click("[data-chart='arrivals'] summary")


@pytest.mark.parametrize("width", [1440, 720, 360])
def test_nothing_is_cut_at_200_percent_or_on_a_narrow_page(explorer, width):
    """A page of 1440 pixels at 200 % is one of 720; 360 is a telephone, or 400 %."""
    explorer.page.set_viewport_size({"width": width, "height": 900})
    explorer.page.wait_for_timeout(300)

    cut = explorer.page.evaluate(
        """() => [...document.querySelectorAll('.fx *')].filter(each => {
          const box = each.getBoundingClientRect();
          return box.width && !each.closest('.fx-scroll, .fx-hidden, datalist')
            && (box.right > document.documentElement.clientWidth + 1 || box.left < -1);
        }).map(each => each.textContent.slice(0, 60))"""
    )

    assert cut == []


def test_sliders_stay_in_view_beside_the_charts_and_a_summary_on_a_narrow_page(explorer):
    page = explorer.page
    chart, controls = page.locator("[data-chart='wait'] svg"), page.locator(".fx-controls")
    page.locator(".fx-number").first.hover()
    for _ in range(20):
        page.mouse.wheel(0, 150)
    page.wait_for_timeout(300)
    wide = chart.bounding_box()["y"], controls.bounding_box()["y"]
    page.set_viewport_size({"width": 720, "height": 900})
    page.wait_for_timeout(300)
    strip = page.locator(".fx-strip").bounding_box()

    assert 0 < wide[0] < 900, "scrolled down to the last charts"
    assert -150 < wide[1] < 5, "the controls stay, down to the foot of the page"
    assert 0 < strip["y"] < 900
    assert "O.1.1.1" in page.text_content(".fx-strip")


def test_another_language_has_no_english_words(start_server, open_page, tmp_path):
    server = start_server(tmp_path, "--language", "sl", "--paths", "200")
    page = open_page(f"{server.address}#start=stay-doubles", locale="sl-SI")
    text = page.page.inner_text(".fx")
    page.close()

    assert page.page.is_closed()
    for word in ("scenario ", "difference", "Arrivals", "places", "Save", "paths", "median "):
        assert word not in text
    assert "referenca" in text
    assert server.interrupt() == 0
    assert "Traceback" not in (tmp_path / "log.txt").read_text()
