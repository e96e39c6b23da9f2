"""Options that cannot be used: refused before the work begins, with what would be accepted."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecasting.locations import data_dir

FORECAST = ("forecast", "in.csv")
TARGETS = ("targets", "si-amif-2021-2027")


@pytest.fixture
def refusal(run, tmp_path):
    """Return a function that runs a command which must be refused, and returns its message."""
    rows = [f"a,{y}-{m:02d},{30 + m}" for y in (2018, 2019, 2020) for m in range(1, 13)]
    Path("in.csv").write_text("\n".join(["series_id,period,value", *rows]) + "\n", encoding="utf-8")

    def invoke(*arguments):
        result = run(*arguments)
        assert result.exit_code == 2, result.output
        assert isinstance(result.exception, SystemExit)
        assert "Traceback" not in result.output
        assert [path.name for path in tmp_path.iterdir()] == ["in.csv"], "something was written"
        return result.stderr

    return invoke


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--horizon", 0], "error: horizon 0; expected: 1 to 360 periods\n"),
        (["--horizon", 10_000], "error: horizon 10000; expected: 1 to 360 periods\n"),
        (["--horizon", -3], "error: horizon -3; expected: 1 to 360 periods\n"),
        (["--horizon", "two"], "'two' is not a valid integer"),
        (["--horizon", 2, "--jobs", 0], "0 is not in the range x>=1"),
        (
            ["--horizon", 2, "--model", "lstm"],
            "error: model 'lstm'; expected: pool, fast, analogue",
        ),
        (["--horizon", 2, "--model", "ets+ets"], "error: model 'ets+ets'; expected: each model"),
        (
            ["--horizon", 2, "--origin", "May"],
            "error: origin: 'May' is not a period; expected: YYYY-MM, YYYY-Qn or YYYY\n",
        ),
        (["--horizon", 2, "--missing", "zero"], "'zero' is not one of"),
        (["--horison", 2], "No such option"),
        ([], "Missing option '--horizon'"),
    ],
)
def test_options_of_forecast(refusal, options, message):
    assert message in refusal(*FORECAST, *options, "-o", "out.csv")


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (
            "out.txt",
            "error: output file 'out.txt'; expected: a name that ends in .csv, .xlsx or .json\n",
        ),
        ("out", "error: output file 'out'; expected: a name that ends in .csv, .xlsx or .json\n"),
        (
            "none/out.csv",
            "error: none/out.csv: folder 'none' does not exist; make it first\n",
        ),
    ],
)
@pytest.mark.parametrize("command", [(*FORECAST, "--horizon", 2), TARGETS])
def test_an_output_that_cannot_be_written(refusal, command, output, message):
    assert refusal(*command, "--output", output) == message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--probability", 0], "error: probability 0.0; expected: between 0 and 1\n"),
        (["--probability", 1], "error: probability 1.0; expected: between 0 and 1\n"),
        (["--probability", 80], "error: probability 80.0; expected: between 0 and 1\n"),
        (["--probability", "nan"], "error: probability nan; expected: between 0 and 1\n"),
        (["--probability", "often"], "'often' is not a valid float"),
        (["--paths", 0], "error: 0 paths; expected: 6 to 100,000\n"),
        (["--seed", -1], "error: seed -1; expected: 0 or more\n"),
        (["--as-of", "2021"], "error: as-of: '2021' is not a month; expected: YYYY-MM\n"),
        (["--language", "de"], "'de' is not one of 'en', "),
        (
            ["--as-of", "1999-01"],
            "error: asylum-applicants/SI: as-of 1999-01 lies before the data start; expected: "
            "2008-03 or later: the first period, 2008-01, was not published before\n",
        ),
        (["--as-of", "2008-04"], "error: asylum-applicants/SI: no model can be used (analogue: "),
    ],
)
def test_options_of_targets(refusal, options, message):
    assert message in refusal(*TARGETS, *options, "-o", "t.csv")


def test_an_unknown_programme(refusal):
    message = (
        "error: programme 'nope'; expected: fi-amif-2021-2027, si-amif-2021-2027, "
        "si-social-activation, si-social-care-2025-2026, xk-ranilug-2023-2025, or a file that ends "
        "in .yaml\n"
    )
    assert refusal("targets", "nope", "-o", "t.csv") == message
    assert refusal("brief", "--programme", "nope") == message


def test_a_briefing_needs_a_programme_with_a_forecast(refusal):
    message = (
        "error: programme 'si-social-care-2025-2026' without a driver; expected: a programme whose "
        "indicators follow from a forecast; for its values: forecasting targets\n"
    )
    assert refusal("brief", "--programme", "si-social-care-2025-2026") == message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--geo", "XX"], "no figures for 'XX' in asylum-applicants; expected: FI or SI; "),
        (["--geo", "si"], "no figures for 'si' in asylum-applicants"),
        (
            ["--as-of", "2007-12"],
            "error: asylum-applicants/SI: as-of 2007-12 lies before the data start; expected: "
            "2008-03 or later",
        ),
        (["--as-of", "2008-06"], "asylum-applicants/SI: 4 months known as of 2008-06; expected: "),
        (["--as-of", "2021-13"], "error: as-of: '2021-13' is not a month; expected: YYYY-MM\n"),
        (["--as-of", "tomorrow"], "error: as-of: 'tomorrow' is not a month; expected: YYYY-MM\n"),
        (["--language", "de"], "'de' is not one of 'en', "),
        (
            ["--paths", 99],
            "error: parameter paths: 99 is out of range; "
            "expected: a whole number from 100 to 100000\n",
        ),
        (["--paths", 100_001], "error: parameter paths: 100001 is out of range"),
        (["--paths", "many"], "'many' is not a valid integer"),
        (["--seed", -1], "error: parameter seed: -1 is out of range"),
        (["--seed", 2**32], "error: parameter seed: 4294967296 is out of range"),
        (["--output", "x"], "No such option"),
    ],
)
def test_options_of_brief(refusal, options, message):
    assert message in refusal("brief", *options)


@pytest.mark.parametrize("command", [("targets",), ("brief", "--programme")])
def test_a_target_date_that_has_passed_is_named_by_its_key(run, command):
    shipped = data_dir() / "programmes" / "si-amif-2021-2027.yaml"
    text = shipped.read_text(encoding="utf-8").replace("2024-12", "2023-12")
    text = text.replace("target_date: 2029-12", "target_date: 2024-09")
    Path("own.yaml").write_text(text, encoding="utf-8")
    output = ("-o", "t.csv") if command == ("targets",) else ()
    result = run(*command, "own.yaml", *output)
    assert result.exit_code == 2, result.output
    message = "error: own.yaml: target_date: 2024-09; expected: 2024-10 to 2054-09, the 30 years "
    assert message in result.stderr
    assert "horizon" not in result.stderr


@pytest.mark.parametrize("as_of", ["2021-12", "2021-12 ", " 2021-12"])
def test_blanks_around_as_of_change_nothing(run, monkeypatch, as_of):
    """Blanks would end in the run id, and give one request two directories."""
    jobs = []
    monkeypatch.setattr(
        "forecasting.runs.brief.run_notebook", lambda job: jobs.append(job) or Path()
    )
    monkeypatch.setattr("forecasting.runs.brief.import_exporter_meanwhile", lambda: None)
    assert run("brief", "--as-of", as_of).exit_code == 0
    assert jobs[0].parameters["as_of"] == "2021-12"
    assert jobs[0].run_id.startswith("SI-2021-12-en-")


def test_a_file_in_place_of_the_output_directory(refusal):
    message = refusal("brief", "--paths", 100, "--output-dir", "in.csv")
    assert message.startswith("error: in.csv ")
    assert "choose another" in message


def test_check_of_what_is_not_there(refusal, tmp_path):
    assert refusal("check", "none.csv") == "error: none.csv: no such file or folder\n"


def test_an_unknown_verb(refusal):
    assert "No such command 'predict'" in refusal("predict")


def test_a_target_date_without_a_whole_year_ahead_is_named(run):
    text = (data_dir() / "programmes" / "si-amif-2021-2027.yaml").read_text(encoding="utf-8")
    text = text.replace("milestone_date: 2024-12", "milestone_date: 2024-06")
    own = text.replace("target_date: 2029-12", "target_date: 2025-06")
    own = own.replace("starts: 2026-07", "starts: 2025-01")
    Path("own.yaml").write_text(own, encoding="utf-8")
    result = run("brief", "--programme", "own.yaml")
    assert result.exit_code == 2
    assert "target_date 2025-06; expected: 2025-12 or later" in result.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["20_detention"], "error: notebook '20_detention'; expected: 10_asylum_flows, 20_"),
        (["20_detention"], "did you mean 20_detention_occupancy?"),
        (["2"], "error: notebook '2'; expected: "),
        (["none.ipynb"], "error: none.ipynb: no such file; expected: a notebook\n"),
        (["20", "-p", "stay_faktor", "2"], "did you mean 'stay_factor'?\n"),
        (
            ["20", "-p", "stay_factor", "25"],
            "error: parameter stay_factor: 25.0 is out of range; "
            "expected: a number from 0.1 to 20.0\n",
        ),
        (["20", "-p", "stay_factor", "2,5"], "error: parameter stay_factor: '2,5'; expected: a n"),
        (["20", "-p", "paths", "many"], "error: parameter paths: 'many'; expected: a whole"),
        (["20", "-p", "stay_factor"], "Option '-p' requires 2 arguments"),
        (["20", "-p", "seed", "1", "-p", "seed", "2"], "error: parameter 'seed' is given twice; "),
        (["20", "-p", "config", "x.yaml"], "error: parameter config: no such file: x.yaml; "),
        (["90", "-p", "run_id", "mine"], "error: parameter 'run_id'; expected: no value: the run"),
        (["all", "-p", "nothing", "1"], "error: unknown parameter 'nothing'; expected: "),
        (["all", "-p", "language", "de"], "error: language 'de' is not known; expected: one of"),
        (["all", "--jobs", 0], "0 is not in the range x>=1"),
        ([], "Missing argument 'NOTEBOOK'"),
    ],
)
def test_options_of_run(refusal, options, message):
    assert message in refusal("run", *options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["compare"], "error: no scenario; expected: names of `forecasting scenario list`, files"),
        (["compare", "stay-double"], "did you mean stay-doubles?"),
        (["compare", "in.csv"], "error: scenario 'in.csv'; expected: "),
        (["compare", "stay-doubles", "--probability", 80], "error: probability 80.0; expected: b"),
        (["compare", "stay-doubles", "--paths", 0], "error: 0 paths; expected: 6 to 100,000\n"),
        (["compare", "stay-doubles", "--seed", -1], "error: seed -1; expected: 0 or more\n"),
        (
            ["compare", "stay-doubles", "--reference", "low-growth"],
            "error: option --reference: scenario 'low-growth' as the reference; expected: one that "
            "extends nothing, here the one of reference\n",
        ),
        (
            ["compare", "stay-doubles", "--reference", "reference-fi"],
            "error: scenario 'stay-doubles' of another chain (SI); expected: one that extends "
            "'reference-fi', directly or through others; for its own reference: --reference "
            "reference\n",
        ),
        (["attribute", "reference"], "error: scenario 'reference' has no levers; expected: "),
        (["attribute", "low-growth", "--players", "months"], "'months' is not one of"),
        (["attribute"], "Missing argument 'NAME'"),
    ],
)
def test_options_of_scenario(refusal, options, message):
    assert message in refusal("scenario", *options, "-o", "out.csv")


@pytest.mark.parametrize("verb", ["compare", "attribute"])
def test_a_comparison_that_cannot_be_written(refusal, verb):
    message = "error: output file 'out.txt'; expected: a name that ends in .csv, .xlsx or .json\n"
    assert refusal("scenario", verb, "low-growth", "-o", "out.txt") == message
