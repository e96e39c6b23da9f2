"""No text has words of another language: pages of every notebook, catalogues, texts of the data."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType

import nbformat
import pytest
from babel.messages.pofile import read_po

import forecasting
from forecasting import languages
from forecasting.briefing.blocks import Displayed, Paragraph
from forecasting.explorer import widget
from forecasting.languages.texts import LANGUAGES_REQUIRED, texts_by_language
from forecasting.locations import data_dir, notebooks_dir
from forecasting.runs.parameters import read_parameters
from forecasting.sources.yaml_files import read_yaml

LOCALE = Path(languages.__file__).parent / "locale"
NOTEBOOKS = sorted(notebooks_dir().glob("*.ipynb"))
SHORTENED = ("paths", "origins")
"""Parameters that are set to their minimum, so that a notebook runs quickly."""

FUNCTION_WORDS = {
    "en": "the of and with from which is are was were be been by on at in for to not that it this "
    "these as than or would what how where who whose when each no an their its other same after "
    "before between until over under above below out only all more do so if has have had can",
    "sl": "in ki je so se ne na za od do po pri iz ali da kot bi bo ni niso ter med nad pod "
    "pred brez vsak vsaka vsako vsi vse tega teh to ta katere kateri koliko kolikor več manj "
    "zato ker če pa tudi še že le samo",
    "sv": "och av som för att är det den de en ett i på till med inte om från vid har kan ska "
    "skulle under över efter före mellan eller när där hur vad vilken vilka var varje alla sig "
    "sin dess deras än endast bara utan ingen inget så",
    "fi": "ja on ei eivät ole olisi ovat oli olivat että joka jotka josta jossa jonka jos kun kuin "
    "niin sen sitä siitä niiden ne se tämä tämän nämä tai myös vain sekä jälkeen ennen mukaan "
    "mennessä kuinka mitä mikä milloin vielä ilman kaikki yli alle",
}
HOMOGRAPHS = {
    ("en", "sl"): "on more",
    ("en", "sv"): "in do so",
    ("en", "fi"): "on",
    ("sl", "en"): "to",
    ("sl", "sv"): "in se bo ta",
    ("sv", "sl"): "en",
    ("sv", "fi"): "alla",
    ("fi", "sv"): "se ja",
}
"""Function words of the first language that are words of the second, where its list lacks them."""

NAMES = {
    "as-of": "parameter of the notebooks",
    "Exit from and re-entry into social assistance benefit in Belgium among people with migration "
    "background and the native-born": "title of a study that has no translation",
}
"""Names that stay as they are in every language, with the reason."""

NO_WORDS = re.compile(r"\{\w*\}|\S*[/_@]\S*|\S+\.(?:yaml|csv|xlsx)\b|\bdoi:\S+|\b[A-Z]+\d*\b")
"""Placeholders, names of files, keys, codes and abbreviations: the same in every language."""
NOT_READ = {"block", "id", "align", "language", "data_date", "author", "keywords"}


def texts_of(content: object) -> Iterator[str]:
    """Every text of a block that a reader sees or hears, of a drawing those it is drawn with."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for key, value in content.items():
            if key == "svg":
                yield from re.findall(r"<!-- (.*?) -->", value, re.DOTALL)
            elif key not in NOT_READ:
                yield from texts_of(value)
    elif isinstance(content, list | tuple):
        for part in content:
            yield from texts_of(part)


def foreign_words(text: str, language: str) -> set[str]:
    """Function words of the other languages."""
    for name in NAMES:
        text = text.replace(name, " ")
    found = set(re.findall(r"[^\W\d_]{2,}", NO_WORDS.sub(" ", text).lower()))
    foreign: set[str] = set()
    for other in set(FUNCTION_WORDS) - {language}:
        shared = HOMOGRAPHS.get((other, language), "").split()
        own = set(FUNCTION_WORDS[language].split()) | set(shared)
        foreign |= found & set(FUNCTION_WORDS[other].split()) - own
    return foreign


class Replay:
    """Computes what does not depend on the language once, and hands it out again in that order."""

    def __init__(self) -> None:
        self.known: list[object] = []
        self.language, self.n_calls = "", 0

    def begin(self, language: str) -> None:
        self.language, self.n_calls = language, 0

    def of(self, function: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            if any(map(self._is_in_language, [*arguments, *options.values()])):
                return function(*arguments, **options)
            if self.n_calls == len(self.known):
                self.known.append(function(*arguments, **options))
            self.n_calls += 1
            return self.known[self.n_calls - 1]

        return call

    def _is_in_language(self, given: object) -> bool:
        return hasattr(given, "language") or (isinstance(given, str) and given == self.language)


def run_notebook(path, language: str) -> list[object]:
    """Run the cells of a notebook here, and return the content of what it shows a reader."""
    few = {n: int(p.minimum) for n, p in read_parameters(path).items() if n in SHORTENED}
    shown: list[object] = []
    names: dict[str, object] = {}
    cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    for cell in cells:
        body = ast.parse(cell.source).body
        last = body.pop() if isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), path.name, "exec"), names)
        if "parameters" in cell.metadata.get("tags", []):
            names |= {**few, "language": language}
        if "display" in names:
            names["display"] = lambda *given: shown.extend(given)
        if last is not None:
            shown.append(eval(compile(ast.Expression(last.value), path.name, "eval"), names))
    contents: list[object] = [each.to_json() for each in shown if isinstance(each, Displayed)]
    explorers = [each for each in shown if isinstance(each, forecasting.Explorer)]
    return contents + [[each.widget.setup, each.widget.initial] for each in explorers]


@pytest.fixture
def replay(monkeypatch):
    found = Replay()
    for name in forecasting.__all__:
        function = getattr(forecasting, name)
        if isinstance(function, FunctionType):
            monkeypatch.setattr(forecasting, name, found.of(function), raising=False)
    monkeypatch.setattr(widget, "prepare_reference", found.of(widget.prepare_reference))
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_page_has_words_of_another_language(path, replay, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = []
    for language in LANGUAGES_REQUIRED:
        replay.begin(language)
        contents = run_notebook(path, language)
        assert contents
        texts = texts_of(contents)
        found += [(language, words, t) for t in texts if (words := foreign_words(t, language))]
    assert found == []
    assert list(tmp_path.iterdir()) == [], "it writes no file unasked"


@pytest.mark.parametrize("path", sorted(data_dir().rglob("*.yaml")), ids=lambda path: path.stem)
def test_no_text_of_the_data_has_words_of_another_language(path):
    found = [
        (key, language, words)
        for key, text in texts_by_language(read_yaml(path))
        for language in LANGUAGES_REQUIRED
        if (words := foreign_words(str(text.get(language, "")), language))
    ]
    assert found == []


@pytest.mark.parametrize("language", sorted(set(LANGUAGES_REQUIRED) - {"en"}))
def test_no_message_of_a_catalogue_has_words_of_another_language(language):
    text = (LOCALE / f"{language}.po").read_text("utf-8")
    messages = [m for m in read_po(io.StringIO(text), locale=language) if m.id]
    assert len(messages) > 1000
    forms = [f for m in messages for f in ([m.string] if isinstance(m.id, str) else m.string)]
    assert [(words, f) for f in forms if (words := foreign_words(f, language))] == []


def test_a_word_of_another_language_is_found():
    block = Paragraph("Prognoser och mål: the source, vir 004, jotka")
    text = " ".join(texts_of(block.to_json()))
    assert foreign_words(text, "sv") == {"the", "jotka"}
    assert foreign_words(text, "fi") == {"the", "och"}
    assert foreign_words("data/reference/of_the.csv, doi:10.1/in.the", "sl") == set()
