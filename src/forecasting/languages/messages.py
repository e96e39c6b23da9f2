"""Messages about what a user handed in, in the language of the process.

``say`` writes a message, its placeholders filled; the English text is the message id, as
everywhere. The command line chooses the language; a process that it starts, such as the kernel of a
notebook, is told by the environment variable `ENVIRONMENT`. No text of a message may be read by
other code.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import reduce

from forecasting.errors import InputError, introduce_expectations_with
from forecasting.languages import Language, language_codes

__all__ = [
    "ENVIRONMENT",
    "all_of",
    "environment_language",
    "library_words",
    "message_language",
    "message_words",
    "one_of",
    "say",
    "say_n",
    "set_message_language",
]

ENVIRONMENT = "FORECASTING_LANGUAGE"
"""Environment variable that chooses the language of messages."""

_LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set counts


def say(message: str, /, **values: object) -> str:
    """Write a message in the language of the process.

    Parameters
    ----------
    message : str
        The English text with ``{placeholders}``.
    **values
        What stands in their place: finished words and numbers.

    Returns
    -------
    str

    Raises
    ------
    MissingTranslationError
        If the catalogue lacks the message.
    """
    return message_words().gettext(message).format(**values)


def say_n(singular: str, plural: str, n: int, /, **values: object) -> str:
    """Write the form of a message that goes with a whole number, which is the placeholder ``{n}``.

    Raises
    ------
    MissingTranslationError
        If the catalogue lacks the message.
    """
    return message_words().ngettext(singular, plural, n).format(**{"n": n, **values})


def one_of(words: Sequence[str]) -> str:
    """Join words, at least one, between which there is a choice: "a or b"."""
    return reduce(lambda one, other: say("{one} or {other}", one=one, other=other), words)


def all_of(words: Sequence[str]) -> str:
    """Join words, at least one, that go together: "a and b"."""
    return reduce(lambda one, other: say("{one} and {other}", one=one, other=other), words)


def library_words(text: str, *, otherwise: str) -> str:
    """Words of a library, which are English, in English messages; another text in the others."""
    return text if _words.code == "en" else otherwise


def message_words() -> Language:
    """Language of the messages of this process."""
    return _words


def set_message_language(code: str) -> None:
    """Choose the language of the messages of this process.

    Parameters
    ----------
    code : str
        One of `forecasting.languages.language_codes`.

    Raises
    ------
    InputError
        For another code.
    """
    global _words  # noqa: PLW0603 - one per process
    if code not in language_codes():
        raise InputError(
            f"language {code!r} is not known", expected=f"one of {', '.join(language_codes())}"
        )
    _words = Language(code)


@contextmanager
def message_language(code: str) -> Iterator[None]:
    """Write messages in a language within this block; see `set_message_language`."""
    before = _words.code
    set_message_language(code)
    try:
        yield
    finally:
        set_message_language(before)


def environment_language(environment: Mapping[str, str]) -> str:
    """Return the language that the environment asks for.

    Parameters
    ----------
    environment : mapping of str to str
        `ENVIRONMENT` counts first, then the locale of messages (``LC_ALL``, ``LC_MESSAGES`` or
        ``LANG``) if the suite has its language; otherwise it is English.

    Raises
    ------
    InputError
        If `ENVIRONMENT` names a language that the suite does not have.
    """
    chosen = environment.get(ENVIRONMENT)
    if chosen:
        if chosen not in language_codes():
            raise InputError(
                f"language '{chosen}'",
                where=f"environment variable {ENVIRONMENT}",
                expected=f"one of {', '.join(language_codes())}",
            )
        return chosen
    locale = next((text for name in _LOCALES if (text := environment.get(name))), "")
    code = locale.split("_")[0].split(".")[0].split("@")[0]
    return code if code in language_codes() else "en"


def _of_process() -> Language:
    """Language that `ENVIRONMENT` hands down to a process; a wrong one is for `main` to refuse."""
    chosen = os.environ.get(ENVIRONMENT, "")
    return Language(chosen if chosen in language_codes() else "en")


_words = _of_process()
introduce_expectations_with(lambda expected: say("expected: {expected}", expected=expected))
