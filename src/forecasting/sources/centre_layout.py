"""What the spreadsheets of a centre look like: columns and words, in every language of the suite.

Two kinds: ``stays`` has one row a stay, ``monthly`` one row a month.
"""

from __future__ import annotations

from collections.abc import Mapping

from forecasting.languages import Language, language_codes

STAYS, MONTHLY = KINDS = ("stays", "monthly")

OPTIONAL = frozenset({"group"})
"""Keys of columns that may be left out."""

MOST_GROUPS = 20
"""More different groups than these are taken for names or numbers of persons."""


def headers(kind: str, words: Language) -> dict[str, str]:
    """Headers of a kind of spreadsheet by the key of the column."""
    if kind == STAYS:
        return {
            "entry": words.gettext("entry date"),
            "exit": words.gettext("exit date"),
            "group": words.gettext("group"),
        }
    return {
        "month": words.gettext("month"),
        "entries": words.gettext("entries"),
        "exits": words.gettext("exits"),
        "present": words.gettext("present at month end"),
    }


def examples(kind: str, words: Language) -> list[dict[str, str]]:
    """Rows that show how to fill in a spreadsheet, every value marked as an example."""
    returns, families = words.gettext("returns"), words.gettext("families")
    rows = {
        STAYS: [
            {"entry": "2024-03-05", "exit": "2024-04-09", "group": returns},
            {"entry": "2024-03-12", "group": families},
        ],
        MONTHLY: [
            {"month": "2024-01", "entries": "21", "exits": "19", "present": "14"},
            {"month": "2024-02", "entries": "17", "exits": "20", "present": "11"},
        ],
    }
    mark = example_mark(words)
    return [{key: f"{mark} {text}" for key, text in row.items()} for row in rows[kind]]


def example_mark(words: Language) -> str:
    """How the value of an example begins."""
    return words.gettext("example:")


def sheet_name(kind: str, words: Language) -> str:
    """Name of the sheet to fill in."""
    return words.gettext("stays") if kind == STAYS else words.gettext("monthly totals")


def explanation_name(words: Language) -> str:
    """Name of the sheet that explains the other one."""
    return words.gettext("explanation")


def explanation(kind: str, words: Language) -> list[str]:
    """Sentences that say how to fill in a spreadsheet."""
    own = {
        STAYS: [
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
        ],
        MONTHLY: [
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
        ],
    }
    return [
        *own[kind],
        words.gettext("Leave the headers as they are; no merged cells and no hidden sheets."),
        words.gettext("Delete the example rows: a file that has them is refused."),
    ]


def known_headers(kind: str) -> dict[str, str]:
    """Key of the column by its header in any language, folded."""
    return {
        folded(name): key for words in _languages() for key, name in headers(kind, words).items()
    }


def header_names(kind: str) -> Mapping[str, str]:
    """Header in all languages by the key of the column, for messages."""
    by_language = [headers(kind, words) for words in _languages()]
    return {key: " / ".join(f"'{each[key]}'" for each in by_language) for key in by_language[0]}


def example_marks() -> tuple[str, ...]:
    """How the value of an example begins in any language, folded."""
    return tuple(folded(example_mark(words)) for words in _languages())


def explanation_names() -> frozenset[str]:
    """Name of the explaining sheet in any language, folded."""
    return frozenset(folded(explanation_name(words)) for words in _languages())


def folded(text: str) -> str:
    """Text in small letters and with single blanks, as headers are compared."""
    return " ".join(text.split()).casefold()


def _languages() -> list[Language]:
    return [Language(code) for code in language_codes()]
