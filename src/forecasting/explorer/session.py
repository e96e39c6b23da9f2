"""What the page asks for and gets: figures of a setting, and scenario files of it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from forecasting.briefing.scenarios.words import ScenarioWords
from forecasting.errors import InputError
from forecasting.explorer.charts import Charts
from forecasting.explorer.fans import choose_shown
from forecasting.explorer.page import Page
from forecasting.explorer.sentences import Sentences
from forecasting.explorer.state import UNNAMED, Settings, State, file_name
from forecasting.explorer.tiles import Tiles
from forecasting.languages import Language
from forecasting.languages.messages import say
from forecasting.names import is_plain_name
from forecasting.programmes.catalogue import Programme, load_programme
from forecasting.projections import Projection, Reference, project
from forecasting.scenarios import Scenario, config_of, load_scenario, write_scenario
from forecasting.sources.yaml_files import read_yaml

_MOST_CHARACTERS = 200_000
"""Of a file that is opened; a scenario has a few thousand."""


class Session:
    """The explorer without its page: every number and word the page shows comes from here.

    Parameters
    ----------
    settings : Settings
    reference : Reference
        Prepared from the same root.
    language : Language
    """

    def __init__(self, settings: Settings, reference: Reference, language: Language) -> None:
        self.settings, self.reference, self.language = settings, reference, language
        chain, root = reference.scenario.chain, project(reference, reference.scenario)
        programme = load_programme(chain.programme) if chain.programme else None
        words = ScenarioWords(language, _things(root, programme, language.code))
        self.page = Page(words, chain)
        self._tiles = Tiles(words, programme, root)
        limit = config_of(chain.backlog, "stocks").get("limit_months") if chain.backlog else None
        shown = choose_shown(root, reference.flow, programme, limit)
        self._sentences = Sentences(words, shown, chain.is_synthetic)
        self._charts = Charts(root, shown, self._sentences)

    def setup(self) -> dict[str, Any]:
        """Return all that stays: words, sliders, and the reference in every chart."""
        reference, language, settings = self.reference, self.language, self.settings
        origin = None if reference.flow is None else reference.flow.origin
        return {
            "language": language.code,
            "signs": {
                "group": language.number(1000)[1:-3],
                "decimal": language.number(0.5, 1)[1],
            },
            "words": self.page.words(),
            "first_year": self._charts.first.year,
            "first_month": self._charts.first.month,
            "months": self._charts.months(),
            "starts": self.page.starts(list(settings.starts.values())),
            "groups": self.page.groups(settings.sliders(settings.root.id)),
            "charts": self._charts.setup,
            "tiles": self._tiles.setup(),
            **self.page.head(reference.n_paths, reference.seed, origin),
        }

    def figures(
        self, given: Mapping[str, Any], have: Mapping[str, int] | None = None
    ) -> dict[str, Any]:
        """Project a setting.

        Parameters
        ----------
        given : mapping
            State of the page: ``start``, ``values``, ``extra``.
        have : mapping of str to int, optional
            Versions of the charts that the page has; those are left out.

        Raises
        ------
        InputError
            If the setting is none.
        """
        state = self.settings.check(given)
        scenario = self.settings.scenario(state)
        projection = project(self.reference, scenario)
        return {
            "charts": self._charts.draw(projection, have or {}),
            "levers": self.page.levers(scenario.levers[: self.settings.given(state)]),
            "status": self._sentences.status(len(scenario.levers)),
            **self._tiles.show(projection),
        }

    def sliders(self, start: str) -> dict[str, Any]:
        """Return the sliders as they rest on a starting scenario, by id."""
        self.settings.check({"start": start, "values": {}, "extra": []})
        return {each.id: self.page.slider(each) for each in self.settings.sliders(start)}

    def path_of(self, title: str) -> Path:
        """Return the file a scenario of this title is saved in."""
        return self.settings.folder / f"{file_name(title)}.yaml"

    def save(
        self, given: Mapping[str, Any], *, title: str, reason: str, replace: bool = False
    ) -> Path:
        """Save a setting as a scenario file in the folder.

        Raises
        ------
        InputError
            If the name is empty or that of a shipped scenario, or the file exists and is not to
            be replaced.
        OutputError
            If it cannot be written.
        """
        path = self.path_of(title)
        content = self._content(given, path.stem, title, reason)
        path.parent.mkdir(parents=True, exist_ok=True)
        return write_scenario(content, path, overwrite=replace)

    def text(self, given: Mapping[str, Any], *, title: str, reason: str) -> tuple[str, str]:
        """Return name and text of the scenario file of a setting, without keeping it."""
        name = file_name(title) if title.strip() else "scenario"
        with tempfile.TemporaryDirectory() as folder:
            content = self._content(given, name, title, reason)
            path = write_scenario(content, Path(folder) / f"{name}.yaml")
            return path.name, path.read_text(encoding="utf-8")

    def open(self, name: str, text: str) -> dict[str, Any]:
        """Set the page to a scenario file that was handed in.

        Raises
        ------
        InputError
            If it is no scenario file, or one of another chain.
        """
        if len(text) > _MOST_CHARACTERS:
            raise InputError(
                say("{n} characters", n=len(text)), where=name, expected=say("a scenario file")
            )
        stem = Path(name).stem
        stem = stem if is_plain_name(stem) else UNNAMED
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{stem}.yaml"
            path.write_text(text, encoding="utf-8")
            content = read_yaml(path)
        return self._opened(*self.settings.open(content, self.settings.folder / path.name))

    def open_path(self, scenario: str) -> dict[str, Any]:
        """Set the page to a shipped scenario, or to a file."""
        found = load_scenario(scenario)
        start = self.settings.starts.get(found.id)
        if start is not None and start.path == found.path:
            return {"state": State(found.id).to_json(), "name": "", "reason": ""}
        return self._opened(*self.settings.open(read_yaml(found.path), found.path))

    def _opened(self, state: State, found: Scenario) -> dict[str, Any]:
        code = self.language.code
        return {"state": state.to_json(), "name": found.title[code], "reason": found.reason[code]}

    def _content(
        self, given: Mapping[str, Any], name: str, title: str, reason: str
    ) -> dict[str, Any]:
        state = self.settings.check(given)
        return self.settings.content(state, name=name, title=title.strip(), reason=reason.strip())


def _things(root: Projection, programme: Programme | None, code: str) -> dict[str, str]:
    """Return what levers act on, by the names of scenario files."""
    found = {each.name: each.title.get(code, each.title["en"]) for each in root.centres}
    inputs = programme.inputs if programme else {}
    return found | {
        name: given.label.get(code, given.label["en"]) for name, given in inputs.items()
    }
