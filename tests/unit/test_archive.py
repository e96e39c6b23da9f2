"""The archive: what a run leaves, what is read of it, and how it is held against the outturn."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting import load_programme, read_series
from forecasting.archive.benchmarks import benchmark_table, ratio_to_benchmark
from forecasting.archive.files import (
    SCHEMA_KEY,
    NameParts,
    archive_dir,
    connect,
    list_files,
    parse_name,
    split_damaged,
)
from forecasting.archive.former import former_files, former_runs
from forecasting.archive.history import chart_points, read_history, summarise_history
from forecasting.archive.record import RunFacts, record_run
from forecasting.archive.targets import PUBLISHED, target_history
from forecasting.errors import InputError, OutputError
from forecasting.evaluation.backtest import BENCHMARKS
from forecasting.evaluation.scores import crps_quantiles
from forecasting.forecasts import forecast, forecast_table
from forecasting.languages import Language
from forecasting.sources.definitions import load_source
from forecasting.sources.fetching import Fetched
from forecasting.sources.reference import read_observations
from forecasting.sources.staging import stage_cells
from forecasting.sources.store import Store
from forecasting.tables import FORECAST_COLUMNS, QUANTILE_LEVELS

SERIES = "asylum-applicants/SI"
PROGRAMME = "si-amif-2021-2027"


def rows(origin: str, spread: dict[str, float], *, horizon: int = 12) -> pd.DataFrame:
    """Forecasts whose quantiles are the last figure times 1 ± so much."""
    start, last = pd.Period(origin, "M"), figure(origin)
    periods = [str(start + ahead) for ahead in range(1, horizon + 1)]
    levels = np.array([np.nan, *QUANTILE_LEVELS])
    tables = [
        pd.DataFrame(
            {
                "series_id": SERIES,
                "origin": origin,
                "period": np.repeat(periods, len(levels)),
                "horizon": np.repeat(range(1, horizon + 1), len(levels)),
                "model": model,
                "output_type": ["mean", *["quantile"] * len(QUANTILE_LEVELS)] * horizon,
                "quantile_level": np.tile(levels, horizon),
                "value": np.tile(last * (1 + width * np.nan_to_num(2 * levels - 1)), horizon),
                "flag": "",
            },
            columns=list(FORECAST_COLUMNS),
        )
        for model, width in spread.items()
    ]
    return pd.concat(tables, ignore_index=True)


@cache
def figure(period: str) -> float:
    return float(read_series(SERIES).values[pd.Period(period, "M")])


TARGETS = pd.DataFrame(
    {
        "programme": PROGRAMME,
        "version": "4.0",
        "indicator": ["O.1.1.1", "O.1.1.2"],
        "point": "target",
        "date": "2029-12",
        "unit": "persons",
        "published": [17740, 167750],
        "probability_of_published": [0.9, np.nan],
        "proposal_p80": [38000, np.nan],
        "attained_p80": [0.8, np.nan],
        "proposal_p90": [31000, np.nan],
        "attained_p90": [0.9, np.nan],
    }
)


def keep(
    folder: Path,
    origin: str,
    *,
    vintage: str = "",
    language: str = "en",
    as_of: str = "",
    widths: tuple[float, float] = (0.8, 0.4),
    minute: int = 0,
    horizon: int = 12,
) -> Path:
    """Record a run of a synthetic forecast."""
    folder.mkdir(exist_ok=True)
    pool, simple = {"pool": widths[0]}, dict.fromkeys(BENCHMARKS, widths[1])
    for name, spread in (("forecast.csv", pool), ("benchmarks.csv", simple)):
        rows(origin, spread, horizon=horizon).to_csv(folder / name, index=False)
    TARGETS.to_csv(folder / "targets.csv", index=False)
    day = dt.date.fromisoformat(vintage or f"{pd.Period(origin, 'M') + 2}-20")
    made = dt.datetime.combine(day, dt.time(2, minute), dt.UTC)
    facts = RunFacts(
        run_id=f"SI-{origin}-{language}-{minute:08x}", made=made, vintage=day, geo="SI",
        programme=PROGRAMME, as_of=as_of, paths=5000, seed=1,
    )  # fmt: skip
    return record_run(folder, facts)


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))


def with_schema(path: Path, metadata: str) -> Path:
    """Write a whole file of another schema in the place of one of this."""
    other = path.with_name("other.parquet")
    connect().execute(f"COPY (FROM read_parquet('{path}')) TO '{other}' (FORMAT parquet{metadata})")
    parsed = parse_name(path)
    assert parsed is not None
    digits = hashlib.sha256(other.read_bytes()).hexdigest()[:16]
    path.unlink()
    return other.rename(path.with_name(path.name.replace(parsed.sha256, digits)))


# what a run leaves


def test_a_run_leaves_one_file_of_forecasts_and_one_of_targets(tmp_path):
    path = keep(tmp_path / "run", "2024-03")
    held = sorted(each.path for each in list_files(archive_dir()))
    assert held[0] == path
    assert [each.relative_to(archive_dir()).parts[:-1] for each in held] == [
        ("forecasts", "asylum-applicants", "SI"), ("targets", PROGRAMME),
    ]  # fmt: skip
    read = connect().execute("FROM read_parquet(?)", [str(path)]).df()
    assert set(FORECAST_COLUMNS) < set(read.columns)
    assert set(read["model"]) == {"pool", *BENCHMARKS}
    facts = read.drop(columns=list(FORECAST_COLUMNS)).drop_duplicates()
    (known,) = facts.to_dict("records")
    assert known["made"] == dt.datetime(2024, 5, 20, 2)
    assert known["vintage"].date() == dt.date(2024, 5, 20)
    assert (known["geo"], known["programme"], known["paths"]) == ("SI", PROGRAMME, 5000)
    assert not known["replay"]


def test_a_forecast_is_kept_as_it_was_written(tmp_path):
    path = keep(tmp_path / "run", "2024-03")
    written = pd.read_csv(tmp_path / "run" / "forecast.csv", keep_default_na=False)
    query = "FROM read_parquet(?) WHERE model = 'pool' ORDER BY horizon, quantile_level NULLS FIRST"
    read = connect().execute(query, [str(path)]).df()
    assert np.array_equal(read["value"], written["value"].astype(float))
    assert list(read["period"]) == list(written["period"])


def test_a_run_recorded_twice_stays_as_it_was(tmp_path):
    first = keep(tmp_path / "run", "2024-03")
    before = {each.path: each.path.read_bytes() for each in list_files(archive_dir())}
    assert keep(tmp_path / "run", "2024-03", widths=(0.1, 0.1)) == first
    assert {each.path: each.path.read_bytes() for each in list_files(archive_dir())} == before


def test_what_a_killed_run_left_is_no_file_and_goes_when_the_run_comes_again(tmp_path):
    path = keep(tmp_path / "run", "2024-03")
    left = path.with_name(f".{path.name}-x7f")
    left.write_bytes(path.read_bytes()[:100])
    path.unlink()
    assert list_files(path.parent) == []
    assert keep(tmp_path / "run", "2024-03") == path
    assert not left.exists()


@given(
    run_id=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}[A-Za-z0-9_]", fullmatch=True),
    made=st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2100, 1, 1)),
    vintage=st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)),
    origin=st.sampled_from(["2024-03", "2024-Q3", "2024"]),
    model=st.sampled_from(["pool", "seasonal_naive-log", "ets-log+theta-log"]),
    replay=st.booleans(),
)
def test_a_name_is_read_as_it_was_written(run_id, made, vintage, origin, model, replay):
    made = made.replace(microsecond=0, tzinfo=dt.UTC)
    parts = NameParts(vintage, origin, 12, model, made, run_id, replay)
    found = parse_name(Path("folder") / parts.name(b"x"))
    assert found is not None
    assert found.sha256 == hashlib.sha256(b"x").hexdigest()[:16]
    assert asdict(parts).items() <= asdict(found).items()


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("forecast.csv", None, "no such file"),
        ("forecast.csv", lambda rows: rows.drop(columns="horizon"), "no table of forecasts"),
        ("forecast.csv", lambda rows: rows.iloc[:0], "no table of forecasts"),
        ("benchmarks.csv", lambda rows: rows.assign(origin="2024-02"), "2 different entries"),
        ("benchmarks.csv", lambda rows: rows.assign(series_id="a"), "2 different entries"),
    ],
)
def test_a_run_without_its_tables_is_refused(tmp_path, name, change, message):
    keep(tmp_path, "2024-03")
    table = pd.read_csv(tmp_path / name)
    (tmp_path / name).unlink()
    if change:
        change(table).to_csv(tmp_path / name, index=False)
    facts = RunFacts("other", dt.datetime.now(dt.UTC), dt.date(2024, 6, 1), "SI", "", "", 1, 1)
    with pytest.raises(InputError, match=message):
        record_run(tmp_path, facts)


@pytest.mark.parametrize("series_id", ["../outside", "a/../../b", "a//b", ""])
def test_a_series_cannot_lead_out_of_the_archive(tmp_path, series_id):
    tables = rows("2024-03", {"pool": 0.5}).assign(series_id=series_id or "x/")
    tables.to_csv(tmp_path / "forecast.csv", index=False)
    facts = RunFacts("run", dt.datetime.now(dt.UTC), dt.date(2024, 6, 1), "SI", "", "", 1, 1)
    with pytest.raises(InputError, match="cannot be the name of a file"):
        record_run(tmp_path, facts)


def test_an_archive_that_cannot_be_written_is_said(tmp_path):
    archive_dir().parent.mkdir(parents=True)
    archive_dir().write_text("a file where the folder should be")
    with pytest.raises(OutputError, match="archive"):
        keep(tmp_path, "2024-03")


# what cannot be read


def test_a_damaged_file_is_named_and_the_others_are_scored(tmp_path):
    keep(tmp_path, "2024-03")
    path = keep(tmp_path, "2024-05")
    damage(path)
    history = read_history()
    assert set(history.scores["origin"]) == {"2024-03"}
    (problem,) = history.problems
    assert str(path) in problem
    assert "damaged" in problem


def test_a_damaged_file_is_written_again_by_the_same_run(tmp_path):
    path = keep(tmp_path, "2024-03")
    whole = path.read_bytes()
    damage(path)
    assert keep(tmp_path, "2024-03").read_bytes() == whole
    assert read_history().problems == ()


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ("", "an older version"),
        (f", KV_METADATA {{{SCHEMA_KEY}: '0'}}", "an older version"),
        (f", KV_METADATA {{{SCHEMA_KEY}: '2'}}", "a newer version of the suite"),
    ],
)
def test_a_file_of_another_schema_is_refused_with_the_reason(tmp_path, metadata, reason):
    path = with_schema(keep(tmp_path, "2024-03"), metadata)
    usable, (problem,) = split_damaged(list_files(path.parent))
    assert not usable
    assert reason in problem
    assert path.name in problem


# forecast against outturn


def test_scores_are_those_of_the_quantiles_and_the_newest_figures(tmp_path):
    keep(tmp_path, "2024-03")
    scores = read_history(SERIES).scores
    own = scores[scores["model"] == "pool"]
    values = read_series(SERIES).values["2024-04":]
    assert list(own["period"]) == [str(period) for period in values.index]
    assert list(own["outturn"]) == list(values)
    table = rows("2024-03", {"pool": 0.8})
    quantiles = table[table["output_type"] == "quantile"].pivot_table(
        index="horizon", columns="quantile_level", values="value"
    )
    known = quantiles.loc[: len(values)]
    assert np.allclose(
        own["crps"], crps_quantiles(known.to_numpy(), QUANTILE_LEVELS, values.to_numpy())
    )
    inside = (known[0.1].to_numpy() <= values) & (values <= known[0.9].to_numpy())
    assert list(own["inside_80"] == 1) == list(inside)


def test_the_first_run_made_counts_once_for_four_languages(tmp_path):
    for minute, language in enumerate(("fi", "en", "sl", "sv")):
        width = 0.8 if minute == 0 else 0.1
        keep(tmp_path, "2024-03", language=language, minute=minute, widths=(width, 0.4))
    history = read_history()
    assert history.runs == 4
    assert set(history.scores["run_id"]) == {"SI-2024-03-fi-00000000"}
    assert not history.scores.duplicated(["model", "period"]).any()


def test_two_vintages_of_one_origin_are_two_forecasts(tmp_path):
    keep(tmp_path, "2024-03", vintage="2024-05-20")
    keep(tmp_path, "2024-03", vintage="2024-05-28", minute=1)
    scores = read_history().scores
    assert len(scores) == 2 * 4 * 6
    assert summarise_history(scores)["n_cases"].tolist() == [12] * 4


def test_replays_are_never_scored_with_forecasts(tmp_path):
    keep(tmp_path, "2024-03")
    keep(tmp_path, "2021-10", vintage="2024-11-27", as_of="2021-12", minute=1)
    assert set(read_history().scores["origin"]) == {"2024-03"}
    assert set(read_history(replays=True).scores["origin"]) == {"2021-10"}
    assert set(chart_points(SERIES)["origin"].astype(str)) == {"2024-03"}


def test_skill_is_the_ratio_of_mean_scores_and_one_for_the_benchmark(tmp_path):
    keep(tmp_path, "2024-03")
    keep(tmp_path, "2023-06", minute=1)
    scores = read_history().scores
    found = summarise_history(scores, benchmark="seasonal_naive").set_index("model")
    means = scores.groupby("model")["crps"].mean()
    assert found.loc["pool", "skill"] == pytest.approx(means["pool"] / means["seasonal_naive"])
    assert found.loc["seasonal_naive", "skill"] == 1
    assert list(found.index) == ["pool", *BENCHMARKS]


def test_by_horizon_and_by_origin_every_case_counts_once(tmp_path):
    keep(tmp_path, "2024-03")
    keep(tmp_path, "2023-06", minute=1)
    scores = read_history().scores
    horizon, origin = (summarise_history(scores, by=by) for by in ("horizon", "origin"))
    assert list(horizon["group"].unique()) == ["1–3", "4–6", "7–12"]
    assert list(origin["group"].unique()) == ["2023-06", "2024-03"]
    assert horizon["n_cases"].sum() == origin["n_cases"].sum() == len(scores)


def test_an_unknown_benchmark_is_refused(tmp_path):
    keep(tmp_path, "2024-03")
    with pytest.raises(InputError, match="benchmark 'naive' is not in the archive"):
        summarise_history(read_history().scores, benchmark="naive")


def test_what_cannot_be_scored_yet_says_when_it_can(tmp_path):
    keep(tmp_path, "2024-09", vintage="2024-11-27")
    history = read_history()
    assert history.scores.empty
    (waiting,) = history.waiting
    assert (waiting.series_id, str(waiting.period)) == (SERIES, "2024-10")
    assert waiting.known > waiting.period


def test_a_chart_shows_of_each_month_the_newest_forecast_made_before(tmp_path):
    keep(tmp_path, "2024-03")
    keep(tmp_path, "2024-06", minute=1)
    points = chart_points(SERIES)
    assert list(points["period"].astype(str)) == [f"2024-{month:02d}" for month in range(4, 10)]
    assert list(points["origin"].astype(str)) == ["2024-03"] * 3 + ["2024-06"] * 3
    assert list(points["counted"]) == list(read_series(SERIES).values["2024-04":])


# the forecasts before this one


def test_former_runs_are_of_earlier_vintages_and_no_replays(tmp_path):
    series = read_series(SERIES)
    keep(tmp_path, "2024-09", vintage="2024-11-27")
    keep(tmp_path, "2021-10", vintage="2024-11-20", as_of="2021-12", minute=1)
    assert former_runs(series).last is None
    assert former_files(series) == []
    path = keep(tmp_path, "2024-08", vintage="2024-11-26", minute=2)
    assert former_files(series) == [path]
    assert former_runs(series).last.run_id == "SI-2024-08-en-00000002"


def test_a_replay_looks_back_from_its_own_month(tmp_path):
    keep(tmp_path, "2024-03")
    path = keep(tmp_path, "2023-06", minute=1)
    replay = read_series(SERIES, as_of="2024-04")
    assert former_files(replay, as_of="2024-04") == [path]
    months = former_runs(replay, as_of="2024-04").last.months
    assert str(months.index[-1]) == str(replay.origin)


def test_of_many_former_runs_the_newest_of_each_age_is_shown(tmp_path):
    origins = [str(month) for month in pd.period_range("2023-04", "2024-08", freq="M")]
    for minute, origin in enumerate(origins):
        keep(tmp_path, origin, minute=minute)
    found = former_runs(read_series(SERIES))
    assert [len(run.months) for run in found.scored] == [1, 6, 12]
    assert found.last == found.scored[0]


def test_the_ratio_is_that_to_the_random_walk_of_the_same_run(tmp_path):
    keep(tmp_path, "2024-03", widths=(0.2, 0.9))
    (run,) = former_runs(read_series(SERIES)).scored
    scores = read_history().scores
    means = scores.groupby("model")["crps"].mean()
    assert run.ratio == pytest.approx(means["pool"] / means["random_walk"])
    assert run.inside == scores[scores["model"] == "pool"]["inside_80"].sum()
    assert list(run.ahead.index.astype(str)) == [
        str(month) for month in pd.period_range("2024-10", "2025-03", freq="M")
    ]


def test_a_damaged_former_run_is_passed_over_named_and_part_of_the_key(tmp_path):
    kept = keep(tmp_path, "2024-03")
    path = keep(tmp_path, "2024-05", minute=1)
    damage(path)
    found = former_runs(read_series(SERIES))
    assert found.unreadable == ("SI-2024-05-en-00000001",)
    assert str(found.last.origin) == "2024-03"
    assert former_files(read_series(SERIES)) == [kept, path]


def test_former_targets_are_those_of_the_same_run_and_programme(tmp_path):
    keep(tmp_path, "2024-03")
    found = former_runs(read_series(SERIES), programme=PROGRAMME)
    assert list(found.targets["value"]) == [38000, 31000]
    assert list(found.targets["published_probability"]) == [0.9, 0.9]
    assert former_runs(read_series(SERIES), programme="another").targets.empty
    assert len(former_files(read_series(SERIES), programme=PROGRAMME)) == 2


def hold(folder: Path, day: str, changed: dict[str, float]) -> None:
    """Remember the figures that ship, some of them changed, as fetched on a day."""
    source = load_source("eurostat-applicants")
    shipped = read_observations("asylum-applicants", "SI", dt.datetime(2024, 11, 28, tzinfo=dt.UTC))
    values = dict(zip(shipped.periods, shipped.values, strict=True)) | changed
    cells = pd.DataFrame({"geo": "SI", "period": values.keys(), "value": values.values()})
    staged = stage_cells(cells.assign(flag="", **source.feeds[0].where), source.key, folder)
    Store().append(
        source,
        Fetched(staged, "https://x", dt.datetime.fromisoformat(f"{day}T01:00:00+00:00"), "h"),
    )


def test_what_was_revised_since_the_last_run_is_told_from_what_it_saw(tmp_path):
    hold(tmp_path, "2024-12-05", {})
    keep(tmp_path, "2024-08", vintage="2024-12-05")
    assert former_runs(read_series(SERIES)).last is None
    hold(tmp_path, "2025-01-05", {"2024-07": 475.0, "2024-10": 300.0})
    assert former_runs(read_series(SERIES)).revised.reset_index().astype(str).to_dict(
        "records"
    ) == [{"period": "2024-07", "then": "465.0", "now": "475.0"}]


def test_nothing_is_said_of_revisions_where_what_the_last_run_saw_is_not_held(tmp_path):
    keep(tmp_path, "2024-08", vintage="2024-11-26")
    assert former_runs(read_series(SERIES)).revised is None


def test_figures_of_a_file_have_no_former_runs(tmp_path):
    keep(tmp_path, "2024-03")
    own = replace(read_series(SERIES), vintage=None)
    assert former_runs(own).last is None


# benchmarks and targets


def test_benchmarks_cover_the_forecasts_periods_at_its_origin():
    result = forecast(read_series(SERIES), horizon=6, model="seasonal_naive-log", n_paths=50)
    table = benchmark_table(result, seed=1)
    assert list(table["model"].unique()) == list(BENCHMARKS)
    own = forecast_table(result)
    assert set(table["period"]) == set(own["period"])
    assert set(table["origin"]) == set(own["origin"])


def test_a_benchmark_is_as_good_as_itself():
    known = read_series(SERIES)
    walk = forecast(
        known.until(known.origin - 12), horizon=12, model="random_walk", n_paths=50, seed=1
    )
    assert ratio_to_benchmark(walk, known.values, seed=1) == 1


def test_the_history_of_targets_tells_documents_and_runs_by_day(tmp_path):
    for minute, language in enumerate(("en", "sl")):
        keep(tmp_path, "2024-03", language=language, minute=minute)
    keep(tmp_path, "2021-10", vintage="2024-11-27", as_of="2021-12", minute=9)
    programme = load_programme(PROGRAMME)
    table = target_history(programme, Language("en")).table
    own = table[(table["indicator"] == "O.1.1.1") & (table["point"] == "target")]
    proposed = own[own["proposed_by"] == "suite"]
    assert list(proposed["value"]) == [38000, 31000]
    assert set(proposed["document"]) == {"SI-2024-03-en-00000000"}
    assert set(proposed["data_vintage"]) == {"2024-05-20"}
    published = own[own["proposed_by"] == PUBLISHED]
    assert list(published["value"]) == [17740]
    assert list(published["proposed_on"]) == ["2025-10-24"]
    assert own["proposed_on"].is_monotonic_increasing


def test_every_published_value_of_a_programme_is_in_its_history():
    programme = load_programme(PROGRAMME)
    table = target_history(programme, Language("sl")).table
    assert set(table["proposed_by"]) == {PUBLISHED}
    for row in table.to_dict("records"):
        version = row["document"].rpartition("; ")[2]
        value = programme.published_value(row["indicator"], row["point"], version)
        assert row["value"] == value


def test_a_later_run_that_reaches_further_adds_only_what_lies_beyond(tmp_path):
    keep(tmp_path, "2023-06", horizon=3)
    keep(tmp_path, "2023-06", minute=1)
    scores = read_history().scores
    own = scores[scores["model"] == "pool"].set_index("horizon")["run_id"].str[-1]
    assert list(own) == ["0"] * 3 + ["1"] * 9
