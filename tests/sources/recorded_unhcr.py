"""UNHCR's population API in the recorded shape: pages of items with codes and a figure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from recorded import Answered, Asked, as_json

COUNTRIES = {"SVN": ("Slovenia", "SVN", 183), "FIN": ("Finland", "FIN", 67)}
FIRST_YEAR = 2015


def applications(*, years: int = 10) -> list[dict[str, Any]]:
    """Make items of asylum applications: two countries, new and repeat, year by year."""
    return [
        {
            **_where(iso, year),
            "procedure_type": "G",
            "app_type": app_type,
            "dec_level": dec_level,
            "app_pc": "P",
            "applied": value + 10 * (year - FIRST_YEAR),
        }
        for iso in COUNTRIES
        for year in range(FIRST_YEAR, FIRST_YEAR + years)
        for app_type, dec_level, value in (("N", "NA", 1000), ("R", "RA", 100))
    ]


def population(*, years: int = 10) -> list[dict[str, Any]]:
    """Make items of end-year figures; numbers may be texts, and a dash is none."""
    return [
        {
            **_where(iso, year),
            "refugees": "512",
            "asylum_seekers": "-" if year == FIRST_YEAR else str(300 + year - FIRST_YEAR),
            "idps": 0,
            "stateless": 4,
            "ooc": "-",
            "oip": "-",
            "hst": "-",
        }
        for iso in COUNTRIES
        for year in range(FIRST_YEAR, FIRST_YEAR + years)
    ]


def _where(iso: str, year: int) -> dict[str, Any]:
    name, code, number = COUNTRIES[iso]
    origin = {"coo_id": "-", "coo_name": "-", "coo": "-", "coo_iso": "-"}
    asylum = {"coa_id": number, "coa_name": name, "coa": code, "coa_iso": iso}
    return {"year": year, **origin, **asylum}


def pages_of(items: Callable[[], list[dict[str, Any]]]) -> Callable[[Asked], Answered]:
    """Answer with the page that is asked for, by ``limit`` and ``page``."""

    def answer(asked: Asked) -> Answered:
        wanted = set(asked.parameters["coa"].split(","))
        found = [item for item in items() if item["coa_iso"] in wanted]
        limit, page = int(asked.parameters["limit"]), int(asked.parameters["page"])
        content = {
            "page": page,
            "short_url": "a1B2c3",
            "maxPages": -(-len(found) // limit),
            "total": {},
            "items": found[(page - 1) * limit : page * limit],
        }
        return as_json(content)

    return answer
