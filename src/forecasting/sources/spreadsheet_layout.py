"""What a spreadsheet kept by hand looks like: columns and words, in every language of the suite."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from forecasting.languages import Language, language_codes
from forecasting.languages.messages import message_words, say


@dataclass(frozen=True)
class Layout:
    """One kind of spreadsheet.

    Attributes
    ----------
    kind : str
        Name of the kind, such as ``stays``.
    sheet_name : callable
        Name of the sheet to fill in, in a language.
    headers : callable
        Headers in a language, by the key of the column.
    examples : callable
        Rows that show how to fill it in, by the key of the column; without the mark.
    explanation : callable
        Sentences that say how to fill it in.
    optional : frozenset of str
        Keys of columns that may be left out.
    other_column : callable
        What to do about a column that does not belong there, in the language of messages.
    """

    kind: str
    sheet_name: Callable[[Language], str]
    headers: Callable[[Language], dict[str, str]]
    examples: Callable[[Language], list[dict[str, str]]]
    explanation: Callable[[Language], list[str]]
    optional: frozenset[str] = frozenset()
    other_column: Callable[[], str] = lambda: say("delete the column")

    def known_headers(self) -> dict[str, str]:
        """Key of the column by its header in any language, folded."""
        return {
            folded(name): key for words in languages() for key, name in self.headers(words).items()
        }

    def language_of(self, headers: Iterable[object]) -> Language:
        """Language of most of the headers of a file; if it is open, that of messages."""
        found = {folded(str(header)) for header in headers}
        own = [message_words(), *languages()]
        return max(
            own, key=lambda words: len(found & set(map(folded, self.headers(words).values())))
        )

    def header_names(self, words: Language) -> Mapping[str, str]:
        """Header by the key of the column, for messages."""
        return {key: f"'{name}'" for key, name in self.headers(words).items()}

    def marked_examples(self, words: Language) -> list[dict[str, str]]:
        """Rows that show how to fill it in, every value marked as an example."""
        mark = example_mark(words)
        return [
            {key: f"{mark} {text}" for key, text in row.items()} for row in self.examples(words)
        ]

    def guidance(self, words: Language) -> list[str]:
        """Sentences of the explaining sheet: its own, and those that hold for every kind."""
        on_examples = words.gettext("Delete the example rows: a file that has them is refused.")
        return [
            *self.explanation(words),
            words.gettext("Leave the headers as they are; no merged cells and no hidden sheets."),
            *([on_examples] if self.examples(words) else []),
        ]


def example_mark(words: Language) -> str:
    """How the value of an example begins."""
    return words.gettext("example:")


def explanation_name(words: Language) -> str:
    """Name of the sheet that explains the other one."""
    return words.gettext("explanation")


def example_marks() -> tuple[str, ...]:
    """How the value of an example begins in any language, folded."""
    return tuple(folded(example_mark(words)) for words in languages())


def explanation_names() -> frozenset[str]:
    """Name of the explaining sheet in any language, folded."""
    return frozenset(folded(explanation_name(words)) for words in languages())


def folded(text: str) -> str:
    """Text in small letters and with single blanks, as headers are compared."""
    return " ".join(text.split()).casefold()


def languages() -> list[Language]:
    """Every language of the suite."""
    return [Language(code) for code in language_codes()]
