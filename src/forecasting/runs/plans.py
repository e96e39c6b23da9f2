"""Plans: which briefings a night makes, ``data/plans/*.yaml``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StrictInt, StrictStr

from forecasting.archive.record import SUITE
from forecasting.errors import InputError
from forecasting.languages import language_codes
from forecasting.languages.messages import say
from forecasting.languages.texts import in_every_language
from forecasting.locations import data_dir
from forecasting.periods import format_period
from forecasting.runs.brief import BriefRequest
from forecasting.schemas import Month, Number, Strict, key_place, validate
from forecasting.sources.yaml_files import read_yaml

FOLDER = "plans"
ENDINGS = (".yaml", ".yml")

Text = Annotated[StrictStr, Field(min_length=1)]
Names = Annotated[tuple[Text, ...], Field(min_length=1)]


class BriefingsFile(Strict):
    """Briefings of one programme: one for each country in each language.

    Attributes
    ----------
    programme : str
        Id, or a YAML file, found from the plan's folder.
    geo, language : tuple of str
    scenarios : tuple of str
        Beside the reference, by name or file; empty: those that ship for the country.
    probability : float, optional
        Attainment probability of the proposed targets; that of the notebook if not given.
    as_of : pandas.Period, optional
        Month as of which figures are used; everything held if not given.
    """

    programme: Text
    geo: Names
    language: Names
    scenarios: tuple[Text, ...] = ()
    probability: Number | None = None
    as_of: Month | None = None


class PlanFile(Strict):
    """The keys of a plan."""

    title: dict[StrictStr, Text] | Text
    refresh: tuple[Text, ...] = ()
    briefings: Annotated[tuple[BriefingsFile, ...], Field(min_length=1)]
    paths: StrictInt = 5000
    seed: StrictInt = 1
    index_languages: Names = ("en",)
    minutes: Annotated[StrictInt, Field(ge=1)] = 10
    keep_failed: Annotated[StrictInt, Field(ge=0)] = 20
    proposed_by: StrictStr = ""


@dataclass(frozen=True)
class Planned:
    """One briefing of a plan.

    Attributes
    ----------
    request : BriefRequest
    place : str
        File and key of the plan in which it stands, for messages.
    """

    request: BriefRequest
    place: str


@dataclass(frozen=True)
class Plan:
    """What a night does.

    Attributes
    ----------
    name : str
        Stem of the file.
    path : pathlib.Path
    title : mapping of str to str
        In every language.
    refresh : tuple of str
        Sources to ask for new figures, by name or file; empty: none.
    briefings : tuple of Planned
        In the order of the file: countries, and of each the languages.
    index_languages : tuple of str
        Languages of the index page; ``index.html`` is in the first.
    minutes : int
        Longest time for the cells of one briefing.
    keep_failed : int
        How many failed runs are kept.
    proposed_by : str
        Who answers for the plan; may be empty.
    """

    name: str
    path: Path
    title: Mapping[str, str]
    refresh: tuple[str, ...]
    briefings: tuple[Planned, ...]
    index_languages: tuple[str, ...]
    minutes: int
    keep_failed: int
    proposed_by: str


def plan_names() -> list[str]:
    """Return the names of the plans that ship with the suite."""
    return sorted(file.stem for file in (data_dir() / FOLDER).glob("*.yaml"))


def load_plan(name_or_file: str, *, output_dir: Path) -> Plan:
    """Read a plan.

    Parameters
    ----------
    name_or_file : str
        Name in ``data/plans``, or a YAML file of one's own; files that it names are looked for
        beside it.
    output_dir : pathlib.Path
        Where the briefings will appear.

    Raises
    ------
    InputError
        Naming file, key, what was found and what was expected. What the plan names is checked by
        `forecasting.runs.plan_checks.check_plan`.
    """
    path = _find(name_or_file)
    file = validate(PlanFile, _as_written(read_yaml(path)), path, of=say("a plan"))
    _check_languages(file, path)
    return Plan(
        name=path.stem,
        path=path,
        title=in_every_language(file.title, key_place(path, "title")),
        refresh=tuple(_beside(name, path) for name in file.refresh),
        briefings=tuple(_briefings(file, path, output_dir)),
        index_languages=tuple(dict.fromkeys(file.index_languages)),
        minutes=file.minutes,
        keep_failed=file.keep_failed,
        proposed_by=file.proposed_by,
    )


def _find(name: str) -> Path:
    if name.endswith(ENDINGS):
        return Path(name).absolute()  # that it is not there is said when it is read
    known = plan_names()
    if name in known:
        return data_dir() / FOLDER / f"{name}.yaml"
    near = get_close_matches(name, known, n=1)
    raise InputError(
        say("plan '{name}'", name=name),
        expected=say("{names}, or a file that ends in .yaml", names=", ".join(known)),
        action=say("did you mean '{name}'?", name=near[0]) if near else None,
    )


def _as_written(content: object, key: str = "") -> Any:
    """Undo what YAML 1.1 makes of the code ``NO``, Norway, which is its word for false."""
    if isinstance(content, dict):
        return {name: _as_written(value, name) for name, value in content.items()}
    if isinstance(content, list):
        return [_as_written(value, key) for value in content]
    return "NO" if content is False and key == "geo" else content


def _check_languages(file: PlanFile, path: Path) -> None:
    asked = {f"briefings.{number}.language": own.language for number, own in _numbered(file)}
    for key, codes in {"index_languages": file.index_languages, **asked}.items():
        for code in codes:
            if code not in language_codes():
                raise InputError(
                    say("language '{code}'", code=code),
                    where=key_place(path, key),
                    expected=", ".join(language_codes()),
                )


def _numbered(file: PlanFile) -> Iterator[tuple[int, BriefingsFile]]:
    """Entries of ``briefings``, numbered as the checks of the file number them."""
    yield from enumerate(file.briefings)


def _briefings(file: PlanFile, path: Path, output_dir: Path) -> Iterator[Planned]:
    for number, entry in _numbered(file):
        place = key_place(path, f"briefings.{number}")
        for geo in entry.geo:
            for language in entry.language:
                request = BriefRequest(
                    programme=_beside(entry.programme, path),
                    geo=geo,
                    as_of=format_period(entry.as_of) if entry.as_of is not None else "",
                    language=language,
                    paths=file.paths,
                    seed=file.seed,
                    output_dir=output_dir,
                    scenario=tuple(_beside(name, path) for name in entry.scenarios),
                    probability=None if entry.probability is None else float(entry.probability),
                    proposed_by=file.proposed_by or SUITE,
                )
                yield Planned(request, place)


def _beside(name: str, path: Path) -> str:
    """Return a name as it is, and a file by its absolute path."""
    return str((path.parent / name).resolve()) if name.endswith(ENDINGS) else name
