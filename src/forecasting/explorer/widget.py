"""The explorer as a widget: the page in the browser, the figures from here."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecasting.errors import ForecastingError, InputError
from forecasting.explorer.session import Session
from forecasting.explorer.state import Settings, State
from forecasting.explorer.typeface import font_faces
from forecasting.languages import Language
from forecasting.languages.messages import message_language, say
from forecasting.projections import prepare_reference

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

SCRIPTS = ("chart.js", "panel.js", "explorer.js")
STYLES = ("explorer.css",)


class Explorer:
    """Sliders, charts and key figures of one chain, for JupyterLab and Voila.

    Displayed as the last value of a cell. Without a browser, as in a run by papermill, the cell
    holds the key figures as text.

    Parameters
    ----------
    reference : str
        A scenario with a chain: name in ``data/scenarios``, or a YAML file.
    language : str
        Of every word on the page.
    paths : int
        Joint sample paths.
    seed : int
        Same seed, same figures.
    scenario : str
        What the page opens with: name in ``data/scenarios``, or a YAML file; empty: the reference.
    folder : str or pathlib.Path
        Where scenarios are saved; made when the first one is.

    Raises
    ------
    InputError
        If something named cannot be used, or `anywidget` is not installed.

    Examples
    --------
    >>> Explorer(language="sl", scenario="stay-doubles")  # doctest: +SKIP
    """

    def __init__(
        self,
        reference: str = "reference",
        *,
        language: str = "en",
        paths: int = 1000,
        seed: int = 1,
        scenario: str = "",
        folder: str | Path = "scenarios",
    ) -> None:
        from threadpoolctl import ThreadpoolController

        widget_class = _widget_class()
        settings = Settings(reference, Path(folder).resolve())
        prepared = prepare_reference(settings.root, n_paths=paths, seed=seed)
        self.session = Session(settings, prepared, Language(language))
        opened = self.session.open_path(scenario) if scenario else _at_rest(settings.root.id)
        state = opened["state"]
        figures = self.session.figures(state)
        figures["sliders"] = self.session.sliders(state["start"])
        self._summary = figures["summary"]
        self._libraries = ThreadpoolController()
        initial = opened | {"figures": figures}
        self.widget = widget_class(setup=self.session.setup(), initial=initial)
        self.widget.on_msg(self._answer)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = self.widget._repr_mimebundle_(**options)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "text/plain": self._summary}, metadata

    def _answer(self, widget: Any, message: Mapping[str, Any], buffers: Any) -> None:
        """Answer a message of the page; whatever goes wrong is said on the page."""
        view, kind = message.get("view"), message.get("kind")
        try:
            # one thread: for arrays of this size a second one costs more than it brings
            with message_language(self.session.language.code), self._libraries.limit(limits=1):
                answer = self._handlers()[str(kind)](message)
        except ForecastingError as problem:
            answer = {"kind": _REFUSED.get(str(kind), "failed"), "message": str(problem)}
        except Exception:
            logging.getLogger(__name__).exception("explorer: %s", kind)
            words = self.session.language.gettext("This could not be computed; see the log.")
            answer = {"kind": _REFUSED.get(str(kind), "failed"), "message": words}
        widget.send({**answer, "view": view, "seq": message.get("seq")})

    def _handlers(self) -> dict[str, Any]:
        return {
            "compute": self._compute,
            "save": self._save,
            "download": self._download,
            "open": self._open,
        }

    def _compute(self, message: Mapping[str, Any]) -> dict[str, Any]:
        figures = self.session.figures(message["state"], message.get("have"))
        if message.get("renew"):
            figures["sliders"] = self.session.sliders(message["state"]["start"])
        return {"kind": "figures", **figures}

    def _save(self, message: Mapping[str, Any]) -> dict[str, Any]:
        title, gettext = str(message["name"]), self.session.language.gettext
        path = self.session.path_of(title)
        replace = bool(message["replace"])
        if path.exists() and not replace:
            words = gettext(
                "{path} exists and was left as it is. Choose another name, or replace it."
            )
            return {"kind": "exists", "message": words.format(path=path)}
        reason = str(message["reason"])
        saved = self.session.save(message["state"], title=title, reason=reason, replace=replace)
        return {"kind": "saved", "message": gettext("Saved: {path}").format(path=saved)}

    def _download(self, message: Mapping[str, Any]) -> dict[str, Any]:
        title, reason = str(message["name"]), str(message["reason"])
        name, text = self.session.text(message["state"], title=title, reason=reason)
        words = self.session.language.gettext("Downloaded: {name}").format(name=name)
        return {"kind": "file", "name": name, "text": text, "message": words}

    def _open(self, message: Mapping[str, Any]) -> dict[str, Any]:
        name = str(message["name"])
        opened = self.session.open(name, str(message["text"]))
        words = self.session.language.gettext("Opened: {name}").format(name=name)
        return {"kind": "opened", **opened, "message": words}


_REFUSED = {"compute": "refused"}


def _at_rest(start: str) -> dict[str, Any]:
    return {"state": State(start).to_json(), "name": "", "reason": ""}


def static_files() -> Traversable:
    """Return the folder of the page's scripts and styles."""
    return files(__package__) / "static"


@cache
def _widget_class() -> Any:
    """Make the widget's class, once `anywidget` is known to be there.

    Raises
    ------
    InputError
        If it is not installed.
    """
    try:
        import anywidget
        import traitlets
    except ImportError:
        raise InputError(
            say("{name} is not installed", name="anywidget"),
            expected=say("the extra 'lab'"),
            action="pip install 'forecasting[lab]'",
        ) from None
    folder = static_files()
    script = "\n".join((folder / name).read_text(encoding="utf-8") for name in SCRIPTS)
    style = "\n".join((folder / name).read_text(encoding="utf-8") for name in STYLES)

    class ExplorerWidget(anywidget.AnyWidget):
        _esm = script
        _css = font_faces() + style
        setup = traitlets.Dict().tag(sync=True)
        initial = traitlets.Dict().tag(sync=True)

    return ExplorerWidget
