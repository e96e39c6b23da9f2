"""What every spreadsheet that is refused has in common: it is refused in four languages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from forecasting.errors import InputError
from forecasting.languages.messages import message_language

_WORDS = """
    the of and or is are be with without not no from as at by before after than that this which each
    every once only one two has have expected found row rows sheet sheets column columns header
    values number day month year empty example save choose delete write add a
"""
ENGLISH = frozenset(_WORDS.split())
QUOTED = re.compile(r"'[^']*'")
WORD = re.compile(r"(?<!\w)[^\W\d_]+(?!\w)")
FILE = re.compile(r"\S+\.(xlsx|xls|csv|yaml)\b")


def english_words(message: str) -> set[str]:
    """Return the English words of a message, apart from what it quotes and the file it names."""
    plain = [FILE.sub("", QUOTED.sub("", line)) for line in message.split("\n")]
    return ENGLISH & {word.casefold() for line in plain for word in WORD.findall(line)}


@pytest.fixture
def in_every_language() -> Callable[[Callable[[], object]], list[str]]:
    """Return a function that gives the lines of a refusal in English, and checks the others."""

    def refusal(read: Callable[[], object]) -> list[str]:
        lines = {}
        for code in ("sl", "sv", "fi", "en"):
            with message_language(code), pytest.raises(InputError) as caught:
                read()
            lines[code] = str(caught.value).split("\n")
        english = lines.pop("en")
        assert english_words("\n".join(english)), "the check finds no English in English"
        for code, own in lines.items():
            assert len(own) == len(english), code
            assert english_words("\n".join(own)) == set(), (code, own)
        return english

    return refusal
