"""Definitions of sources: those that ship, those of one's own, and what is wrong with one."""

from __future__ import annotations

import pytest
import yaml
from server import SHIPPED

from forecasting.errors import InputError
from forecasting.languages.texts import LANGUAGES_REQUIRED
from forecasting.sources.definitions import load_source, source_feeding, source_names
from forecasting.sources.reference import load_manifest


def written(tmp_path, name="my-source.yaml", **changes):
    content = yaml.safe_load((SHIPPED / "eurostat-applicants.yaml").read_text(encoding="utf-8"))
    path = tmp_path / name
    content = {key: value for key, value in {**content, **changes}.items() if value is not None}
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path


def test_every_shipped_definition_can_be_read():
    names = source_names()
    assert {"eurostat-applicants", "eurostat-applicants-full", "eurostat-pending"} <= set(names)
    assert [load_source(name).id for name in names] == names


@pytest.mark.parametrize("name", source_names())
def test_a_shipped_source_has_a_title_in_every_language(name):
    assert len(set(load_source(name).title.values())) == len(LANGUAGES_REQUIRED)


def test_a_title_may_be_one_text_or_lack_languages(tmp_path):
    assert set(load_source(written(tmp_path, title="Mine")).title.values()) == {"Mine"}
    title = load_source(written(tmp_path, title={"en": "Mine", "fi": "Oma"})).title
    assert title == {"en": "Mine", "sl": "Mine", "sv": "Mine", "fi": "Oma"}
    with pytest.raises(InputError, match="key 'title': language 'de'"):
        load_source(written(tmp_path, title={"de": "Meins"}))


def test_the_figures_of_the_suite_are_continued_by_one_source_each():
    feeds = [feed.dataset for name in source_names() for feed in load_source(name).feeds]
    assert len(feeds) == len(set(feeds))
    assert set(feeds) <= set(load_manifest())
    source, feed = source_feeding("asylum-applicants")
    assert (source.id, feed.series, feed.where) == (
        "eurostat-applicants",
        "geo",
        {"citizen": "TOTAL"},
    )
    assert source_feeding("detention-counts") is None


def test_a_source_and_what_it_continues_count_the_same():
    for name in source_names():
        source = load_source(name)
        for feed in source.feeds:
            dataset = load_manifest()[feed.dataset]
            assert (source.unit, source.kind, source.frequency, source.dataset) == (
                dataset.unit,
                dataset.kind,
                dataset.frequency,
                dataset.dataset,
            )


def test_a_file_of_ones_own_has_its_name_as_id(tmp_path):
    source = load_source(written(tmp_path))
    assert source.id == "my-source"
    assert source.select["geo"] == ()


def test_norway_is_a_country(tmp_path):
    assert load_source(written(tmp_path, codes={"geo": [False, "SI"]})).codes["geo"] == ("NO", "SI")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"client": "excel"}, "key 'client'"),
        ({"dataset": None}, "key 'dataset': is missing"),
        ({"colour": "red"}, "is not a key of a source"),
        ({"key": []}, "key 'key'"),
        ({"key": ["geo", "geo"]}, r"column 'geo'; expected: each name once"),
        ({"key": ["geo", "period"]}, r"column 'period'; expected: .*none of period, value, flag"),
        ({"key": ['geo"; DROP TABLE x']}, "lower-case letters, digits and _"),
        ({"codes": {"sex": ["T"]}}, "column 'sex'; expected: geo or citizen"),
        ({"dropped": {"sex": ["T"]}}, "column 'sex'; expected: geo or citizen"),
        ({"feeds": [{"dataset": "asylum-applicants"}]}, "each of geo, citizen once"),
        ({"frequency": "D"}, "key 'frequency'"),
        ({"limits": {"megabytes": 0}}, "1 or more"),
        ({"address": "http://ec.europa.eu/x"}, "key 'address'.*begins with https://"),
        ({"address": ""}, "key 'address'"),
    ],
)
def test_what_is_wrong_is_named_with_its_key(tmp_path, changes, message):
    with pytest.raises(InputError, match=message):
        load_source(written(tmp_path, **changes))


@pytest.mark.parametrize("name", ["My Source.yaml", "-x.yaml", "ä.yaml", "..yaml"])
def test_the_name_of_the_file_becomes_the_id_and_is_plain(tmp_path, name):
    with pytest.raises(InputError, match="lower-case letters, digits and hyphens"):
        load_source(written(tmp_path, name=name))


@pytest.mark.parametrize("name", ["eurostat-applicant", "../secret", "", "/etc/passwd"])
def test_another_name_is_refused_with_those_that_there_are(name):
    with pytest.raises(InputError, match="expected: eurostat-applicants, "):
        load_source(name)


def test_a_slip_of_the_pen_is_guessed():
    with pytest.raises(InputError, match="did you mean 'eurostat-applicants'"):
        load_source("eurostat-aplicants")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        load_source(tmp_path / "none.yaml")
