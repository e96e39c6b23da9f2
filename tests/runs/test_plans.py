"""Plans: what a night of each makes, and what they may name."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from forecasting.errors import InputError
from forecasting.runs.brief import plan_brief
from forecasting.runs.brief_inputs import BriefInputs
from forecasting.runs.plan_checks import check_plan
from forecasting.runs.plans import load_plan, plan_names

OWN = {
    "title": "Mine",
    "briefings": [{"programme": "si-amif-2021-2027", "geo": ["SI"], "language": ["sl", "en"]}],
}


def write_plan(path: Path, **changes: object) -> str:
    path.write_text(yaml.safe_dump({**OWN, **changes}), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", plan_names())
def test_a_shipped_plan_can_be_used(name: str, tmp_path: Path) -> None:
    plan = load_plan(name, output_dir=tmp_path)
    check_plan(plan, BriefInputs())
    assert plan.refresh
    assert all(plan.title[code] for code in ("en", "sl", "sv", "fi"))
    assert len(set(plan.title.values())) == 4


def test_europe_is_every_country_in_four_languages(tmp_path: Path) -> None:
    plan = load_plan("europe", output_dir=tmp_path)
    asked = {(each.request.geo, each.request.language) for each in plan.briefings}
    assert len(plan.briefings) == len(asked) == 31 * 4
    assert {geo for geo, _ in asked} >= {"NO", "EL", "SI", "CH"}
    assert {code for _, code in asked} == {"en", "sl", "sv", "fi"}


def test_a_briefing_is_made_for_each_country_in_each_language(tmp_path: Path) -> None:
    entry = OWN["briefings"][0] | {
        "geo": ["SI", "FI"],
        "as_of": "2024-06",
        "probability": 0.9,
    }
    path = write_plan(tmp_path / "own.yaml", briefings=[entry], paths=300, seed=7)
    requests = [each.request for each in load_plan(path, output_dir=tmp_path / "o").briefings]
    assert [(each.geo, each.language) for each in requests] == [
        ("SI", "sl"),
        ("SI", "en"),
        ("FI", "sl"),
        ("FI", "en"),
    ]
    assert {(each.paths, each.seed, each.as_of) for each in requests} == {(300, 7, "2024-06")}
    assert {each.probability for each in requests} == {0.9}
    assert {each.output_dir for each in requests} == {tmp_path / "o"}


def test_norway_needs_no_quotes(tmp_path: Path) -> None:
    """YAML takes the word NO for false."""
    text = "title: N\nbriefings: [{programme: si-amif-2021-2027, geo: [NO], language: [en]}]\n"
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    plan = load_plan(str(path), output_dir=tmp_path)
    check_plan(plan, BriefInputs())
    assert plan.briefings[0].request.geo == "NO"


def test_files_are_found_from_the_plan_not_from_where_it_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "plans"
    folder.mkdir()
    entry = OWN["briefings"][0] | {"programme": "mine.yaml", "scenarios": ["../low.yaml"]}
    write_plan(folder / "own.yaml", briefings=[entry], refresh=["here.yaml"])
    monkeypatch.chdir(tmp_path)
    plan = load_plan("plans/own.yaml", output_dir=tmp_path)
    assert plan.refresh == (str(folder / "here.yaml"),)
    assert plan.briefings[0].request.programme == str(folder / "mine.yaml")
    assert plan.briefings[0].request.scenario == (str(tmp_path / "low.yaml"),)


def test_a_country_whose_figures_have_not_come_is_no_fault_of_the_plan(tmp_path: Path) -> None:
    entry = OWN["briefings"][0] | {"geo": ["DE"]}
    plan = load_plan(write_plan(tmp_path / "own.yaml", briefings=[entry]), output_dir=tmp_path)
    check_plan(plan, BriefInputs())
    with pytest.raises(InputError, match="no figures for 'DE'"):
        plan_brief(plan.briefings[0].request)


def test_planned_together_or_alone_a_briefing_has_the_same_run_id(tmp_path: Path) -> None:
    plan = load_plan("nightly", output_dir=tmp_path)
    inputs = BriefInputs()
    together = [plan_brief(each.request, inputs) for each in plan.briefings]
    alone = plan_brief(plan.briefings[-1].request)
    assert alone.run_id == together[-1].run_id
    assert alone.data_files == together[-1].data_files
    assert len({job.run_id for job in together}) == len(together)


def test_a_title_may_stand_in_some_languages(tmp_path: Path) -> None:
    path = write_plan(tmp_path / "own.yaml", title={"sl": "Moj", "en": "Mine"})
    title = load_plan(path, output_dir=tmp_path).title
    assert title == {"en": "Mine", "sl": "Moj", "sv": "Mine", "fi": "Mine"}
