"""The monthly table of social assistance, ``recipients``: one row a month, one column a count."""

from __future__ import annotations

from forecasting.languages import Language
from forecasting.sources.spreadsheet_layout import Layout

COUNTS = ("recipients", "persons_entitled")
"""Keys of the two counts; a table has one of them or both."""

MEASURED = {
    "recipients": ("families", "stock"),
    "persons_entitled": ("persons", "stock"),
    "entries": ("families", "flow"),
    "exits": ("families", "flow"),
    "expenditure_eur": ("EUR", "flow"),
}
"""Unit and kind of each column; recipients are one per family."""


def _headers(words: Language) -> dict[str, str]:
    return {
        "month": words.gettext("month"),
        "recipients": words.gettext("recipients"),
        "persons_entitled": words.gettext("persons entitled"),
        "entries": words.gettext("entries"),
        "exits": words.gettext("exits"),
        "expenditure_eur": words.gettext("expenditure (EUR)"),
    }


def _examples(words: Language) -> list[dict[str, str]]:
    counts = (("2024-01", "48210", "77900"), ("2024-02", "47935", "77420"))
    flows = (("2610", "2745", "21350480"), ("2480", "2755", "21198200"))
    keys = list(_headers(words))
    return [
        dict(zip(keys, [*count, *flow], strict=True))
        for count, flow in zip(counts, flows, strict=True)
    ]


def _explanation(words: Language) -> list[str]:
    return [
        words.gettext("One row for every month, none left out; the counts are those of its end."),
        words.gettext(
            "Recipients and persons entitled are two counts, each in its own column: a family has "
            "one recipient, and every member is a person entitled. Leave a column out if it is "
            "not known."
        ),
        words.gettext(
            "Optional: recipients who began or ended in the month, and what was paid in the month."
        ),
        words.gettext("Write months as date cells or as text: 3. 2024 or 2024-03."),
        words.gettext(
            "Counts are whole numbers, digits only: 48210, not 48.210 and not about 48210."
        ),
        words.gettext("No other columns: a file that has them is refused."),
    ]


RECIPIENTS_TABLE = Layout(
    "recipients",
    lambda words: words.gettext("recipients"),
    _headers,
    _examples,
    _explanation,
    optional=frozenset(MEASURED),
)
