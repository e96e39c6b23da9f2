"""Texts of the data files, which stand there by language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from forecasting.errors import InputError
from forecasting.languages.messages import say

__all__ = [
    "LANGUAGES_REQUIRED",
    "for_all_languages",
    "in_every_language",
    "lacking_languages",
    "texts_by_language",
]

LANGUAGES_REQUIRED = ("en", "sl", "sv", "fi")
"""Languages in which every text of a data file has to stand."""


def for_all_languages(text: str) -> dict[str, str]:
    """Return a text that is shown as it is in every language."""
    return dict.fromkeys(LANGUAGES_REQUIRED, text)


def in_every_language(text: Mapping[str, str] | str, where: str) -> dict[str, str]:
    """Return a text in every language: where it is not written, as in English or the first one.

    Parameters
    ----------
    text : mapping of str to str, or str
        By language code; a bare text is shown as it is.
    where : str
        File and key, for the message.

    Raises
    ------
    InputError
        If a language is none of `LANGUAGES_REQUIRED`, or there is no text.
    """
    if isinstance(text, str):
        return for_all_languages(text.strip())
    unknown = [code for code in text if code not in LANGUAGES_REQUIRED]
    if unknown or not text:
        raise InputError(
            say("language '{code}'", code=unknown[0]) if unknown else say("no text"),
            where=where,
            expected=", ".join(LANGUAGES_REQUIRED),
        )
    written = text.get("en") or next(iter(text.values()))
    return {code: (text.get(code) or written).strip() for code in LANGUAGES_REQUIRED}


def lacking_languages(text: Mapping[str, object]) -> list[str]:
    """Return the languages in which a text by language is missing or empty."""
    return [code for code in LANGUAGES_REQUIRED if not str(text.get(code) or "").strip()]


def texts_by_language(
    content: object, place: tuple[str, ...] = ()
) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Find every text by language in the content of a file.

    Parameters
    ----------
    content : object
        As read from the file.
    place : tuple of str
        Keys above it.

    Yields
    ------
    str
        Its keys, joined by points; entries of a list are named by their code, version or name.
    mapping of str to object
        The text by language.
    """
    if isinstance(content, Mapping):
        if content.keys() & set(LANGUAGES_REQUIRED):
            yield ".".join(place), content
            return
        for key, value in content.items():
            yield from texts_by_language(value, (*place, str(key)))
    if isinstance(content, list | tuple):
        for number, value in enumerate(content):
            named = value if isinstance(value, Mapping) else {}
            names = (named.get(key) for key in ("code", "version", "name", "indicator"))
            known = next((name for name in names if isinstance(name, str)), str(number))
            yield from texts_by_language(value, (*place, known))
