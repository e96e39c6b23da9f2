"""Who proposed which milestone and target of a programme, when, from which data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from forecasting.archive.files import connect, folder_of, list_files, split_damaged
from forecasting.languages import Language
from forecasting.periods import format_period
from forecasting.programmes.catalogue import POINTS, Programme
from forecasting.programmes.driven_by import due_date

HISTORY_COLUMNS = (
    "programme",
    "indicator",
    "point",
    "due",
    "unit",
    "proposed_on",
    "proposed_by",
    "document",
    "data_vintage",
    "origin",
    "value",
    "probability",
    "attained",
    "published",
    "published_probability",
    "note",
)

PUBLISHED = "published"
"""Who proposed what stands in the programme's own document."""

# The first run of a vintage, origin and programme counts: the same in another language is no second
# proposal.
_PROPOSALS = """
SELECT programme, indicator, point, due, unit, made, proposed_by, run_id,
    CAST(vintage AS VARCHAR) AS vintage, origin, value, probability, attained, published,
    published_probability
FROM read_parquet($files)
WHERE NOT replay
QUALIFY row_number() OVER (
    PARTITION BY vintage, origin, indicator, point, probability, proposed_by ORDER BY made, run_id
) = 1
"""


@dataclass(frozen=True)
class TargetHistory:
    """Values of a programme over time.

    Attributes
    ----------
    table : pandas.DataFrame
        Columns `HISTORY_COLUMNS`, by indicator and point in the order of the catalogue, then by
        day. ``proposed_by`` is ``published`` for a version of the programme, whose ``document``
        and ``note`` (its reason) stand beside it, and ``suite`` for a run, whose id is the
        ``document``.
    problems : tuple of str
        Files that cannot be read.
    """

    table: pd.DataFrame
    problems: tuple[str, ...]


def target_history(programme: Programme, language: Language) -> TargetHistory:
    """Put the published versions of a programme and the suite's proposals in one table.

    Parameters
    ----------
    programme : Programme
    language : Language
        Of the document's name and of the reason for a version.

    Returns
    -------
    TargetHistory
        Replays are left out: nobody proposed these values then.
    """
    files, problems = split_damaged(
        [each for each in list_files(folder_of("targets", programme.id)) if not each.replay]
    )
    published = pd.DataFrame(_published(programme, language), columns=list(HISTORY_COLUMNS))
    parts = [published]
    if files:
        parts.append(_proposed([str(each.path) for each in files]))
    order = {
        (indicator.code, point): number
        for number, (indicator, point) in enumerate(
            (indicator, point) for indicator in programme.indicators for point in POINTS
        )
    }
    # a column that is empty in one part keeps the type of the other
    table = pd.concat([part.astype(object) for part in parts], ignore_index=True).infer_objects()
    rank = [
        order.get(key, len(order)) for key in zip(table["indicator"], table["point"], strict=True)
    ]
    table = table.assign(rank=rank).sort_values(["rank", "proposed_on", "probability"])
    return TargetHistory(table.drop(columns="rank").reset_index(drop=True), tuple(problems))


def _published(programme: Programme, language: Language) -> Iterator[dict[str, object]]:
    for indicator in programme.indicators:
        for point in POINTS:
            for version in programme.versions:
                value = programme.published_value(indicator.code, point, version.version)
                if value is None:
                    continue
                yield {
                    "programme": programme.id,
                    "indicator": indicator.code,
                    "point": point,
                    "due": format_period(due_date(programme, indicator, point)),
                    "unit": indicator.unit,
                    "proposed_on": version.date.isoformat(),
                    "proposed_by": PUBLISHED,
                    "document": f"{programme.source[language.code]}; {version.version}",
                    "value": float(value),
                    "note": version.reason[language.code],
                }


def _proposed(names: list[str]) -> pd.DataFrame:
    found = connect().execute(_PROPOSALS, {"files": names}).df()
    found["proposed_on"] = found.pop("made").dt.strftime("%Y-%m-%d")
    found = found.rename(columns={"run_id": "document", "vintage": "data_vintage"})
    return found.reindex(columns=list(HISTORY_COLUMNS))
