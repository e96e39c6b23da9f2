"""The spreadsheet of what a programme has achieved, ``achieved``: one row an indicator and date."""

from __future__ import annotations

from forecasting.languages import Language
from forecasting.sources.spreadsheet_layout import Layout


def _headers(words: Language) -> dict[str, str]:
    return {
        "code": words.gettext("code"),
        "name": words.gettext("indicator"),
        "unit": words.gettext("unit"),
        "value": words.gettext("achieved value"),
        "cut_off": words.gettext("cut-off date"),
        "source": words.gettext("source"),
        "remark": words.gettext("remark"),
    }


def _explanation(words: Language) -> list[str]:
    return [
        words.gettext(
            "One row for every indicator that is monitored: fill in the achieved value and its "
            "cut-off date; source and remark are optional. Leave the value empty where there is "
            "none yet; 0 means that nothing was achieved."
        ),
        words.gettext(
            "Counts and amounts are those since the start of the programme, so that they never "
            "fall; a percentage is the one at the cut-off date."
        ),
        words.gettext(
            "For another cut-off date add a row with the same code and unit; leave the earlier "
            "rows in."
        ),
        words.gettext(
            "Counts are whole numbers, digits only: 48210, not 48.210 and not about 48210."
        ),
        words.gettext("Percentages: 12,5 or 12.5, with or without the sign."),
        words.gettext("A deliverable is done or not done."),
        words.gettext("Write days as date cells or as text: 5. 3. 2024 or 2024-03-05."),
        words.gettext("No other columns: a file that has them is refused."),
    ]


ACHIEVED = Layout(
    "achieved",
    lambda words: words.gettext("achieved values"),
    _headers,
    lambda words: [],
    _explanation,
    optional=frozenset({"name", "source", "remark"}),
)
