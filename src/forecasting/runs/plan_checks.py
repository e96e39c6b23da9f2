"""Everything that can be wrong with a plan, found before anything runs.

Figures are left out of it: those that cannot be used are a failure of their own briefing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from functools import partial

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.runs.brief import BriefRequest, check_programme
from forecasting.runs.brief_inputs import BriefInputs
from forecasting.runs.plans import Plan, Planned
from forecasting.schemas import key_place
from forecasting.sources.definitions import load_askable, source_feeding


def check_plan(plan: Plan, inputs: BriefInputs) -> None:
    """Refuse a plan that names what is not there, or the same briefing twice.

    Parameters
    ----------
    plan : Plan
    inputs : BriefInputs
        What is read on the way.

    Raises
    ------
    InputError
        With all that is wrong, each fault named by file and key.
    """
    faults = [*_source_faults(plan), *_number_faults(plan, inputs)]
    for planned in plan.briefings:
        faults += _found(planned.place, partial(_check_request, planned, inputs))
    faults = list(dict.fromkeys(faults)) or list(_repeated(plan, inputs))
    if faults:
        raise InputError("\n".join(faults))


def _found(place: str, check: Callable[[], object]) -> Iterator[str]:
    """Run a check, and write what it finds with its place in the plan."""
    try:
        check()
    except InputError as problem:
        yield from (line if line.startswith(place) else f"{place}: {line}"
                    for line in str(problem).split("\n"))  # fmt: skip


def _source_faults(plan: Plan) -> Iterator[str]:
    place = key_place(plan.path, "refresh")
    for name in plan.refresh:
        yield from _found(place, partial(load_askable, name))
    for name in {name for name in plan.refresh if plan.refresh.count(name) > 1}:
        yield str(InputError(say("'{name}' stands twice", name=name), where=place))


def _number_faults(plan: Plan, inputs: BriefInputs) -> Iterator[str]:
    first = plan.briefings[0].request
    for name, value in (("paths", first.paths), ("seed", first.seed)):
        yield from _found(str(plan.path), partial(inputs.declared[name].check, value))


def _check_request(planned: Planned, inputs: BriefInputs) -> None:
    request = planned.request
    if request.probability is not None:
        inputs.declared["probability"].check(request.probability)
    driver = str(check_programme(request, inputs).driver)
    known = _countries(driver)
    if request.geo not in known and not _has_figures(driver, request, inputs):
        near = get_close_matches(request.geo, known, n=1, cutoff=0.5)
        raise InputError(
            say("country '{geo}', without figures", geo=request.geo),
            expected=say("one of {names}", names=", ".join(known)),
            action=say("did you mean '{name}'?", name=near[0]) if near else None,
        )
    if request.scenario and _has_figures(driver, request, inputs):  # on which scenarios rest
        inputs.scenarios(request.scenario, f"{driver}/{request.geo}")


def _countries(driver: str) -> tuple[str, ...]:
    """Codes that the source of a data set may have, whether figures of them are held or not."""
    feeding = source_feeding(driver)
    return feeding[0].codes.get(feeding[1].series, ()) if feeding else ()


def _has_figures(driver: str, request: BriefRequest, inputs: BriefInputs) -> bool:
    try:
        inputs.series(f"{driver}/{request.geo}", request.as_of)
    except InputError:
        return False
    return True


def _repeated(plan: Plan, inputs: BriefInputs) -> Iterator[str]:
    """Name what would be written twice: by its name, or because its pages are the same."""
    seen: dict[tuple[object, ...], Planned] = {}
    for planned in plan.briefings:
        for identity in _identities(planned.request, inputs):
            former = seen.setdefault(identity, planned)
            if former is not planned:
                yield str(
                    InputError(
                        say(
                            "the briefing for {geo} in '{language}' stands there already",
                            geo=planned.request.geo,
                            language=planned.request.language,
                        ),
                        where=planned.place,
                        expected=say("each briefing once"),
                    )
                )
                break


def _identities(request: BriefRequest, inputs: BriefInputs) -> Iterator[tuple[object, ...]]:
    programme = inputs.programme(request.programme)
    yield "name", programme.id, request.geo, request.language
    if programme.geo != request.geo:  # without targets the programme gives only flow and end
        pages = (programme.driver, programme.target_date, request.as_of, request.probability)
        yield "pages", *pages, request.scenario, request.geo, request.language
