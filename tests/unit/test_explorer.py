"""The explorer without a browser: settings, the scenario each one means, and its files."""

from __future__ import annotations

import json
import threading

import numpy as np
import pandas as pd
import pytest
import yaml

from forecasting.briefing import drawing
from forecasting.errors import InputError
from forecasting.explorer import widget
from forecasting.explorer.fans import Panel, fan
from forecasting.explorer.session import Session
from forecasting.explorer.sliders import SURGE_MONTHS, lever_contents, slider_values
from forecasting.explorer.state import Settings, State, file_name
from forecasting.languages import Language
from forecasting.paths import make_paths, quantile
from forecasting.projections import PARTS, prepare_reference, project
from forecasting.projections.key_figures import key_figures
from forecasting.scenarios import load_scenario

STAY = "stay.multiply/si-reception-centres"
DELAY = "capacity.delay/si-centre-for-foreigners"
PLACES = "capacity.add/si-reception-centres"
SHARE = "savings.activation_share"


@pytest.fixture(scope="module")
def reference():
    quick = [part for part in PARTS if part != "caseload"]  # its pool is chosen by a backtest
    return prepare_reference("reference", n_paths=200, seed=1, parts=quick)


@pytest.fixture
def settings(tmp_path):
    return Settings("reference", tmp_path / "scenarios")


@pytest.fixture
def session(settings, reference):
    return Session(settings, reference, Language("en"))


def state(start="reference", extra=(), **values):
    named = {name.replace("__", "."): value for name, value in values.items()}
    return {"start": start, "values": named, "extra": list(extra)}


def moved(settings, start="reference"):
    """Return a state in which every slider is at another step than its rest."""
    sliders = settings.sliders(start)
    values = {
        each.id: next(step for step in reversed(each.values) if step != each.neutral)
        for each in sliders
    }
    return State(start, values)


def test_every_slider_rests_where_it_moves_nothing(settings, session):
    for start in settings.starts:
        for slider in settings.sliders(start):
            assert slider.neutral in slider.values
            assert list(slider.values) == sorted(set(slider.values))
        rest = settings.scenario(State(start))
        assert rest.labels == settings.starts[start].labels
    assert session.figures(state())["status"].startswith("Nothing is moved")


def test_the_reference_at_rest_is_the_reference_itself(session, reference, settings):
    scenario = settings.scenario(State("reference"))
    shown = project(reference, scenario)
    root = project(reference, reference.scenario)

    assert shown.arrivals is root.arrivals
    assert key_figures(shown) == key_figures(root)
    figures = session.figures(state())
    assert not any(tile["changed"] for tile in figures["tiles"].values())
    assert all(chart["same"] for chart in figures["charts"].values())


def test_all_sliders_together_are_one_valid_scenario(settings):
    for start in settings.starts:
        scenario = settings.scenario(moved(settings, start))
        own = len(lever_contents(settings.sliders(start), moved(settings, start).values))
        assert len(scenario.levers) == len(settings.starts[start].levers) + own
        assert scenario.labels[: settings.given(State(start))] == settings.starts[start].labels


def test_the_saved_file_projects_to_what_was_shown(session, settings, reference):
    given = state("contingency-plan", arrivals__surge=1500, savings__deadweight=0.2)
    given["values"] |= {STAY: 1.5, PLACES: 200, PLACES + ".start": 202801}
    shown = project(reference, settings.scenario(settings.check(given)))

    path = session.save(given, title="Long stays, new places", reason="a test")
    saved = project(reference, load_scenario(path))

    assert path.name == "long-stays-new-places.yaml"
    assert key_figures(saved) == key_figures(shown)
    for one, other in zip(saved.centres, shown.centres, strict=True):
        np.testing.assert_array_equal(one.present, other.present)
        np.testing.assert_array_equal(one.capacity, other.capacity)


def test_a_saved_file_opens_as_the_sliders_it_was_made_with(session, settings):
    given = settings.check(moved(settings, "stay-doubles").to_json())
    path = session.save(given.to_json(), title="Everything", reason="")

    opened = session.open(path.name, path.read_text(encoding="utf-8"))

    assert opened["name"] == "Everything"
    assert settings.check(opened["state"]) == given


def test_levers_that_no_slider_has_are_kept_and_projected(session, settings, reference, tmp_path):
    content = {
        "title": "Own",
        "extends": ["reference"],
        "levers": [
            {
                "lever": "arrivals.multiply",
                "value": {"triangular": [1, 1.2, 2]},
                "unit": "1",
                "start": "2026-01",
                "end": "2027-12",
                "shape": "ramp",
                "label": "growth",
            },
            {"lever": "staff.multiply", "value": 1.5, "unit": "1"},
        ],
    }
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")

    opened = session.open("own.yaml", path.read_text(encoding="utf-8"))
    again = settings.check(json.loads(json.dumps(opened["state"])))  # as through a link

    assert [each["label"] for each in again.extra] == ["growth"]
    assert again.values == {"staff.multiply": 1.5}
    mine = project(reference, settings.scenario(again))
    theirs = project(reference, load_scenario(path))
    np.testing.assert_array_equal(mine.arrivals, theirs.arrivals)
    assert key_figures(mine) == key_figures(theirs)
    assert len(session.figures(again.to_json())["levers"]) == 1


def test_every_shipped_scenario_of_the_chain_opens_as_itself(session, settings, reference):
    for name in settings.starts:
        opened = session.open_path(name)
        assert opened["state"] == State(name).to_json()
        path = settings.starts[name].path
        read, found = settings.open(yaml.safe_load(path.read_text("utf-8")), path)
        if found.parents:
            mine = project(reference, settings.scenario(read))
            assert key_figures(mine) == key_figures(project(reference, found))


def test_saving_refuses_a_file_that_exists_and_a_name_of_the_suite(session):
    path = session.save(state(arrivals__multiply=1.1), title="Mine", reason="")
    before = path.read_bytes()

    with pytest.raises(InputError, match="exists"):
        session.save(state(arrivals__multiply=1.2), title="Mine", reason="")
    assert path.read_bytes() == before
    session.save(state(arrivals__multiply=1.2), title="Mine", reason="", replace=True)
    assert path.read_bytes() != before
    for name in ("Reference", "stay doubles", "explorer", " ", "!?"):
        with pytest.raises(InputError, match="name"):
            session.save(state(), title=name, reason="")


def test_a_file_saved_under_the_name_it_was_opened_with_keeps_its_labels_apart(session, settings):
    given = state(arrivals__multiply=1.1)
    label = {"lever": "staff.multiply", "value": 1.33, "unit": "1", "label": "mine/staff.multiply"}
    given["extra"] = [label]
    given["values"]["staff.multiply"] = 1.5

    path = session.save(given, title="Mine", reason="")

    assert load_scenario(path).labels == (
        "mine/staff.multiply",
        "mine/arrivals.multiply",
        "mine/staff.multiply (2)",
    )


def test_two_explorers_write_their_files_at_once(settings, reference):
    sessions = [Session(settings, reference, Language(code)) for code in ("en", "sl")]
    problems = []

    def save(session, names):
        try:
            for name in names:
                session.save(state(arrivals__multiply=1.1), title=name, reason="")
        except InputError as problem:
            problems.append(str(problem))

    names = [f"scenario {number}" for number in range(8)]
    threads = [threading.Thread(target=save, args=(each, names)) for each in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    saved = sorted(settings.folder.iterdir())
    assert [path.suffix for path in saved] == [".yaml"] * len(saved), "no part of a file is left"
    assert all(load_scenario(path).levers for path in saved)
    assert all("exists" in problem for problem in problems)
    assert len(problems) <= 2


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"start": "nobody", "values": {}, "extra": []}, "nobody"),
        ({"start": "reference", "values": {"stay": 1}, "extra": []}, "slider 'stay'"),
        ({"start": "reference", "values": {"staff.multiply": 1.234}, "extra": []}, "1.234"),
        ({"start": "reference", "values": {"staff.multiply": None}, "extra": []}, "None"),
        ({"start": "reference", "values": [], "extra": []}, "cannot be read"),
        ({"start": "reference", "values": {}, "extra": "x"}, "cannot be read"),
        ({"start": "reference", "values": {}, "extra": [{"lever": "x"}]}, "cannot be read"),
        ({}, "None"),
    ],
)
def test_a_link_that_is_none_is_refused(settings, given, message):
    with pytest.raises(InputError, match=message):
        settings.check(given)


def test_a_file_that_is_no_scenario_of_the_chain_is_refused(session):
    finland = "title: F\nextends: [reference-fi]\n"
    for text, message in [
        (finland, "another chain"),
        ("title: [", "f.yaml"),
        ("", "f.yaml"),
        ("x" * 300_000, "300000"),
    ]:
        with pytest.raises(InputError, match=message):
            session.open("f.yaml", text)


def test_a_surge_has_its_months_and_whole_persons(settings):
    scenario = settings.scenario(
        settings.check(state(arrivals__surge=1200, arrivals__surge__start=202703))
    )
    (lever,) = scenario.levers
    assert (lever.value, str(lever.start), str(lever.end)) == (1200, "2027-03", "2027-05")
    assert SURGE_MONTHS == 3
    (months,) = [s for s in settings.sliders("reference") if s.id == "arrivals.surge.start"]
    last = months.values[-1]
    settings.scenario(settings.check(state(arrivals__surge=100, arrivals__surge__start=last)))


def test_a_lever_with_more_than_a_slider_says_is_no_slider(settings):
    sliders = settings.sliders("reference")
    plain = {"lever": "staff.multiply", "value": 1.5, "unit": "1"}
    assert slider_values(sliders, plain) == {"staff.multiply": 1.5}
    assert slider_values(sliders, plain | {"start": "2026-01"}) is None
    assert slider_values(sliders, plain | {"note": "why"}) is None
    assert slider_values(sliders, plain | {"value": 1.51}) is None
    assert slider_values(sliders, plain | {"lever": "arrivals.closure"}) is None


def test_only_charts_that_changed_are_sent(session):
    first = session.figures(state())
    versions = {name: chart["version"] for name, chart in first["charts"].items()}

    again = session.figures(state(), versions)
    stays = session.figures(state(**{STAY: 1.5}), versions)

    assert again["charts"] == {}
    assert list(stays["charts"]) == ["centre/si-reception-centres"]


def test_bands_are_the_quantiles_of_the_paths():
    rng = np.random.default_rng(1)
    values = rng.gamma(2.0, 300.0, (999, 14))
    paths = make_paths(values, pd.period_range("2025-01", periods=14, freq="M"), unit="persons")
    panel = Panel("arrivals", values, paths.indexes["period"])

    drawn = fan(panel)

    levels = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975]
    expected = np.round(quantile(paths, levels).to_numpy())
    bands = drawn["bands"]
    mine = [*(low for low, _ in bands), drawn["median"], *(high for _, high in reversed(bands))]
    np.testing.assert_array_equal(mine, expected)


def test_tiles_are_the_key_figures_whatever_was_shown_before(session, reference, settings):
    seen = [
        state(),
        state(arrivals__multiply=1.5),
        state(**{STAY: 2.0}),
        state("stay-doubles", **{DELAY: 30}),
        state(staff__multiply=2.0, savings__deadweight=0.1),
        state(),
    ]
    fresh = Session(settings, reference, Language("en"))
    for given in seen:
        alone = Session(settings, reference, Language("en"))
        assert fresh.figures(given)["tiles"] == alone.figures(given)["tiles"]
        kept = session.figures(given)["charts"]
        assert [chart["median"] for chart in kept.values()] == [
            chart["median"] for chart in alone.figures(given)["charts"].values()
        ]


def test_tiles_show_the_key_figures_and_their_differences(session, reference, settings):
    given = state(**{STAY: 2.0})
    figures = session.figures(given)
    projection = project(reference, settings.scenario(settings.check(given)))
    peak = {each.key: each.value for each in key_figures(projection)}
    tile = figures["tiles"]["peak_present/si-reception-centres"]

    rounded = round(peak["peak_present", "si-reception-centres"] / 10) * 10
    assert tile["value"] == f"{rounded:,}"
    assert tile["changed"]
    assert f": {tile['value']}" in figures["summary"]
    assert figures["tiles"]["gross_saving"] == {
        "value": figures["tiles"]["gross_saving"]["value"],
        "beside": "as in the reference",
        "changed": False,
    }


@pytest.mark.parametrize("code", ["en", "fi", "sl", "sv"])
def test_the_page_is_written_in_every_language(settings, reference, code):
    session = Session(settings, reference, Language(code))
    setup = session.setup()
    figures = session.figures(state("surge-and-delay", **{STAY: 1.5}))
    json.dumps([setup, figures], allow_nan=False)

    assert setup["language"] == code
    assert {group["title"] for group in setup["groups"]}
    for chart in figures["charts"].values():
        assert "{" not in chart["alt"]
    assert "{" not in figures["summary"] + figures["status"] + "".join(figures["levers"])
    if code != "en":
        english = Session(settings, reference, Language("en")).setup()
        same = [key for key, text in setup["words"].items() if text == english["words"][key]]
        assert set(same) <= {"band_80", "band_80_cut", "end_scenario", "scenario_median"}


def test_the_file_name_of_a_title():
    assert file_name("  Višji prihodi, 2027!  ") == "visji-prihodi-2027"
    assert file_name("Ökning å Đorđe") == "okning-a-dorde"
    assert len(file_name("x" * 200)) == 60


def test_the_page_has_the_colours_of_the_briefing_and_nothing_from_elsewhere():
    folder = widget.static_files()
    script = "".join((folder / name).read_text("utf-8") for name in widget.SCRIPTS)
    style = "".join((folder / name).read_text("utf-8") for name in widget.STYLES)

    for colour in ("NAVY", "ORANGE", "BLUE", "GREY"):
        assert getattr(drawing, colour) in script
        assert getattr(drawing, colour) in style
    for colour in (*drawing.BANDS, drawing.GRID, drawing.SHADE):
        assert colour in script
    for text in (script, style):
        assert "https:" not in text
        assert text.replace("http://www.w3.org/2000/svg", "").count("http:") == 0
    assert "prefers-reduced-motion" in style


def test_contrast_of_the_page_is_at_least_4_5_to_1():
    def luminance(colour):
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return float(np.dot([0.2126, 0.7152, 0.0722], linear))

    def contrast(one, other):
        high, low = sorted((luminance(one), luminance(other)), reverse=True)
        return (high + 0.05) / (low + 0.05)

    for ink in (drawing.NAVY, drawing.ORANGE, drawing.BLUE, drawing.GREY):
        for paper in ("#FFFFFF", drawing.SHADE, "#EDF3F8"):
            assert contrast(ink, paper) >= 4.5
    assert contrast("#FFFFFF", drawing.NAVY) >= 4.5
