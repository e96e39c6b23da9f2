"""The spreadsheets of a centre: ``stays`` has one row a stay, ``monthly`` one row a month."""

from __future__ import annotations

from forecasting.languages import Language
from forecasting.languages.messages import say
from forecasting.sources.spreadsheet_layout import Layout

MOST_GROUPS = 20
"""More different groups than these are taken for names or numbers of persons."""


def _stays_headers(words: Language) -> dict[str, str]:
    return {
        "entry": words.gettext("entry date"),
        "exit": words.gettext("exit date"),
        "group": words.gettext("group"),
    }


def _monthly_headers(words: Language) -> dict[str, str]:
    return {
        "month": words.gettext("month"),
        "entries": words.gettext("entries"),
        "exits": words.gettext("exits"),
        "present": words.gettext("present at month end"),
    }


def _stays_examples(words: Language) -> list[dict[str, str]]:
    returns, families = words.gettext("returns"), words.gettext("families")
    return [
        {"entry": "2024-03-05", "exit": "2024-04-09", "group": returns},
        {"entry": "2024-03-12", "group": families},
    ]


def _monthly_examples(words: Language) -> list[dict[str, str]]:
    return [
        {"month": "2024-01", "entries": "21", "exits": "19", "present": "14"},
        {"month": "2024-02", "entries": "17", "exits": "20", "present": "11"},
    ]


def _stays_explanation(words: Language) -> list[str]:
    return [
        words.gettext("One row for every stay: the day of entry and the day of exit."),
        words.gettext(
            "List everybody who entered since the day on which the records begin, and "
            "everybody who was present on that day. Put its month into the configuration, as "
            "in since: 2020-01."
        ),
        words.gettext("Leave the exit date empty for those who are still present."),
        words.gettext("Write days as date cells or as text: 5. 3. 2024 or 2024-03-05."),
        words.gettext(
            "The group is optional, at most {n} different ones, such as returns or families."
        ).format(n=MOST_GROUPS),
        words.gettext(
            "No names, numbers of persons, dates of birth, notes or any other columns: a file "
            "that has them is refused."
        ),
    ]


def _monthly_explanation(words: Language) -> list[str]:
    return [
        words.gettext(
            "One row for every month, none left out: those who entered and left in the month, "
            "and those present at its end."
        ),
        words.gettext(
            "Present at month end is the number of the month before plus entries minus exits."
        ),
        words.gettext("Write months as date cells or as text: 3. 2024 or 2024-03."),
        words.gettext("Counts are whole numbers of persons; write 0 where there was nobody."),
        words.gettext("No other columns: a file that has them is refused."),
    ]


STAYS = Layout(
    "stays",
    lambda words: words.gettext("stays"),
    _stays_headers,
    _stays_examples,
    _stays_explanation,
    optional=frozenset({"group"}),
    other_column=lambda: say("delete the column: no names, numbers or other properties of persons"),
)

MONTHLY = Layout(
    "monthly",
    lambda words: words.gettext("monthly totals"),
    _monthly_headers,
    _monthly_examples,
    _monthly_explanation,
)
