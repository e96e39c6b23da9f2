"""The index page of a night: every briefing, what failed and what to do, the sources.

One file a language, static: no script, nothing loaded from anywhere, every link relative, every
text escaped. ``index.html`` is in the first language of the plan, ``index.<code>.html`` in the
others.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from forecasting.errors import ForecastingError
from forecasting.languages import Language
from forecasting.languages.messages import message_words
from forecasting.runs.kept import BRIEFING_PDF, Briefing
from forecasting.runs.night_status import STATUS_NAME, BriefingNight, Night, SourceNight
from forecasting.runs.private import without_home
from forecasting.tables import write_bytes

MOST_CHARTS = 4
"""Series whose forecasts are drawn against the outturn: the first of the plan."""

TEMPLATE, STYLE = "index_page.html.j2", "index_page.css"


def write_index(night: Night, languages: Sequence[str], output_dir: Path) -> list[Path]:
    """Write the index page in every language, each file whole or not at all.

    Parameters
    ----------
    night : Night
    languages : sequence of str
        Language codes; ``index.html`` is in the first.
    output_dir : pathlib.Path
        The folder of the briefings.

    Returns
    -------
    list of pathlib.Path

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    pages = {
        _file_name(code, languages): render_index(night, code, languages) for code in languages
    }
    for name, page in reversed(pages.items()):  # the first, which leads to the others, last
        write_bytes(without_home(page).encode(), output_dir / name)
    return [output_dir / name for name in pages]


def _file_name(code: str, languages: Sequence[str]) -> str:
    return "index.html" if code == languages[0] else f"index.{code}.html"


def render_index(night: Night, code: str, languages: Sequence[str]) -> str:
    """Write the index page in one language, as HTML."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    folder = Path(__file__).parent
    style = (folder / STYLE).read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined
    )
    page = _Page(night, Language(code), languages).content()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page |= {"style": Markup(style), "style_hash": f"sha256-{digest}"}  # noqa: S704 - a file of ours
    return environment.get_template(TEMPLATE).render(page=page, words=_words(Language(code)))


def _words(language: Language) -> dict[str, str]:
    """Words that are the same on every page."""
    return {
        "skip": language.gettext("Skip to the briefings"),
        "briefings": language.gettext("Briefings"),
        "languages": language.gettext("Languages"),
        "failures": language.gettext("What failed, and what to do"),
        "what": language.gettext("Failed"),
        "why": language.gettext("Why"),
        "action": language.gettext("What to do"),
        "latest": language.gettext("Latest briefings"),
        "nothing": language.gettext("There is no briefing yet."),
        "history": language.gettext("Forecast against outturn"),
        "sources": language.gettext("Sources"),
        "source": language.gettext("Source"),
        "status": language.gettext("Status"),
        "figures": language.gettext("Figures used"),
        "runs": language.gettext("Every run of the night"),
        "country": language.gettext("Country"),
        "language": language.gettext("Language"),
        "programme": language.gettext("Programme"),
        "seconds": language.gettext("Seconds"),
        "run": language.gettext("Run"),
        "plan": language.gettext("Plan"),
        "machine": language.gettext("Status for programs (JSON)"),
        "own": language.gettext("This page loads nothing from elsewhere and runs no program."),
    }


class _Page:
    """What stands on the page of one language."""

    def __init__(self, night: Night, language: Language, languages: Sequence[str]) -> None:
        self.night, self.language, self.languages = night, language, languages
        self.gettext, self.ngettext = language.gettext, language.ngettext

    def content(self) -> dict[str, Any]:
        night = self.night
        failures = [*self._source_failures(), *self._briefing_failures()]
        return {
            "code": self.language.code,
            "message_code": message_words().code,
            "title": night.title[self.language.code],
            "night": self._when(),
            "proposed_by": self._responsible(),
            "plan": night.plan,
            "languages": self._languages(),
            "verdict": self._verdict(bool(failures)),
            "tiles": self._tiles(),
            "failures": failures,
            "countries": self._countries(),
            "charts": list(self._charts()),
            "sources": [self._source(each) for each in night.sources],
            "runs": [self._run(each) for each in night.briefings],
            "runs_summary": self.ngettext(
                "{n} briefing, with its run and its time",
                "{n} briefings, with their runs and their times",
                len(night.briefings),
            ).format(n=len(night.briefings)),
            "status_href": STATUS_NAME,
        }

    def _when(self) -> str:
        started, finished = (
            each.astimezone() for each in (self.night.started, self.night.finished)
        )
        return self.gettext("Night of {date}, {start} to {end} ({zone})").format(
            date=self.language.date(started.date()),
            start=f"{started:%H:%M}",
            end=f"{finished:%H:%M}",
            zone=started.tzname(),
        )

    def _responsible(self) -> str:
        if not self.night.proposed_by:
            return ""
        return self.gettext("Plan proposed by: {who}").format(who=self.night.proposed_by)

    def _languages(self) -> list[dict[str, Any]]:
        return [
            {
                "code": code,
                "name": language_name(code),
                "href": _file_name(code, self.languages),
                "current": code == self.language.code,
            }
            for code in self.languages
        ]

    def _verdict(self, failed: bool) -> str:
        if failed:
            return self.gettext("Not everything went well: what failed stands below.")
        return self.gettext("Every briefing is there and up to date.")

    def _tiles(self) -> list[dict[str, Any]]:
        ngettext = self.ngettext
        done, skipped, failed, sources = self.night.counts.values()
        return [
            _tile(done, ngettext("briefing made", "briefings made", done)),
            _tile(skipped, ngettext("briefing unchanged", "briefings unchanged", skipped)),
            _tile(failed, ngettext("briefing failed", "briefings failed", failed), bad=failed > 0),
            _tile(sources, ngettext("source failed", "sources failed", sources), bad=sources > 0),
        ]

    def _source_failures(self) -> list[dict[str, Any]]:
        return [
            {
                "name": self.gettext("Source"),
                "detail": each.source,
                "reason": each.reason,
                "action": "",
                "instead": self._figures(each),
            }
            for each in self.night.sources
            if each.status == "failed"
        ]

    def _briefing_failures(self) -> list[dict[str, Any]]:
        return [
            {
                "name": self.language.territory(each.geo),
                "detail": f"{language_name(each.language)}, {each.programme}",
                "reason": each.reason,
                "action": each.action,
                "instead": self._instead(each),
            }
            for each in self.night.briefings
            if each.status == "failed"
        ]

    def _instead(self, briefing: BriefingNight) -> str:
        if briefing.shown is None:
            return self.gettext("There is no briefing yet.")
        text = self.gettext("The last good briefing is shown: data as of {data}, made {made}.")
        return text.format(**self._dates(briefing.shown))

    def _dates(self, shown: Briefing) -> dict[str, str]:
        return {
            "data": self.language.date(shown.data_date),
            "made": self.language.date(shown.made.astimezone().date()),
        }

    def _figures(self, source: SourceNight) -> str:
        """Which figures of a source are in use."""
        day = self.language.date(dt.date.fromisoformat(source.vintage)) if source.vintage else ""
        if not day:
            return self.gettext("None have come yet: figures that ship with the suite are used.")
        if source.status == "failed":
            return self.gettext("Figures of {date} are used, marked as old on the pages.").format(
                date=day
            )
        return self.gettext("Figures of {date} are used.").format(date=day)

    def _source(self, source: SourceNight) -> dict[str, Any]:
        words = {
            "new": self.gettext("new figures"),
            "unchanged": self.gettext("nothing new"),
            "failed": self.gettext("failed"),
            "not asked": self.gettext("not asked"),
        }
        return {
            "name": source.source,
            "title": source.title[self.language.code],
            "status": words[source.status],
            "figures": self._figures(source),
            "bad": source.status == "failed",
        }

    def _countries(self) -> list[dict[str, Any]]:
        groups: dict[tuple[str, str], list[BriefingNight]] = {}
        for each in self.night.briefings:
            groups.setdefault((each.geo, each.programme), []).append(each)
        geos = [geo for geo, _ in groups]
        cards = [
            self._country(number, found, alone=geos.count(geo) == 1)
            for number, ((geo, _), found) in enumerate(groups.items(), start=1)
        ]
        return sorted(cards, key=lambda card: _collated(card["name"]))

    def _country(
        self, number: int, briefings: Sequence[BriefingNight], *, alone: bool
    ) -> dict[str, Any]:
        """Write the card of a country: one for each of its programmes, if there are several."""
        first = briefings[0]
        name = self.language.territory(first.geo)
        shown = [each for each in briefings if each.shown is not None]
        order = [self.language.code, *self.languages]
        shown.sort(key=lambda each: (each.is_old, _rank(each.language, order)))
        card: dict[str, Any] = {
            "id": f"country-{number}",
            "name": name if alone else f"{name}, {first.programme}",
            "finding": "",
            "briefings": [self._link(each) for each in briefings],
        }
        if shown and shown[0].shown is not None:
            best = shown[0].shown
            dates = self._dates(best)
            card |= {
                "finding": best.title,
                "finding_code": shown[0].language,
                "data": self.gettext("Data as of {date}").format(date=dates["data"]),
                "made": self.gettext("Briefing made {date}").format(date=dates["made"]),
            }
        return card

    def _link(self, briefing: BriefingNight) -> dict[str, Any]:
        shown = briefing.shown
        link = {"code": briefing.language, "name": language_name(briefing.language), "href": ""}
        if shown is None:
            return link | {"kind": "absent", "mark": self.gettext("not made")}
        link["href"] = f"{shown.run_id}/{BRIEFING_PDF}"
        if briefing.is_old:
            mark = self.gettext("old: data as of {data}, made {made}").format(
                data=self.language.short_date(shown.data_date), made=self._short_day(shown)
            )
            return link | {"kind": "old", "mark": mark}
        if briefing.status == "done":
            return link | {"kind": "done", "mark": self.gettext("new")}
        mark = self.gettext("unchanged since {date}").format(date=self._short_day(shown))
        return link | {"kind": "skipped", "mark": mark}

    def _short_day(self, shown: Briefing) -> str:
        return self.language.short_date(shown.made.astimezone().date())

    def _charts(self) -> Iterator[dict[str, str]]:
        """Former forecasts against what was counted since, where something has been counted."""
        from forecasting.briefing.history_chart import draw_history

        places = {each.series: each.geo for each in self.night.briefings}
        for series, geo in list(places.items())[:MOST_CHARTS]:
            try:
                chart = draw_history(series, self.language)
            except ForecastingError:  # why stands among the failures
                continue
            if chart is not None:
                coded = base64.b64encode(chart.svg.encode()).decode()
                yield {
                    "name": self.language.territory(geo),
                    "source": f"data:image/svg+xml;base64,{coded}",
                    "alt": chart.alt,
                    "caption": chart.caption,
                }

    def _run(self, briefing: BriefingNight) -> dict[str, Any]:
        words = {
            "done": self.gettext("made"),
            "skipped": self.gettext("unchanged"),
            "failed": self.gettext("failed"),
        }
        return {
            "country": self.language.territory(briefing.geo),
            "code": briefing.language,
            "language": language_name(briefing.language),
            "programme": briefing.programme,
            "status": words[briefing.status],
            "seconds": self.language.number(briefing.seconds, 1) if briefing.seconds else "–",
            "run": briefing.run_id or "–",
            "bad": briefing.status == "failed",
        }


def _tile(number: int, label: str, *, bad: bool = False) -> dict[str, Any]:
    return {"number": number, "label": label, "bad": bad}


def language_name(code: str) -> str:
    """Name a language in itself: "slovenščina"."""
    from babel import Locale

    return str(Locale.parse(code).get_display_name(code) or code)


def _rank(code: str, order: Sequence[str]) -> int:
    return order.index(code) if code in order else len(order)


def _collated(name: str) -> tuple[str, str]:
    """Sort letters with a mark after those without, not after z."""
    plain = unicodedata.normalize("NFD", name)
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold(), plain
