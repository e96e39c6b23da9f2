"""Words, numbers and dates in the reader's language.

English text is the message id itself. Every other language is one catalogue,
``locale/<code>.po``, read when it is first needed: translators edit it, nothing is compiled.
A message that a catalogue lacks is an error, never an English word on a foreign page.
"""

from __future__ import annotations

import datetime
import gettext as stdlib_gettext
import io
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.resources import files
from numbers import Integral
from typing import TYPE_CHECKING, NoReturn, SupportsFloat

from forecasting.errors import ForecastingError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.resources.abc import Traversable

    import pandas as pd
    from babel import Locale

__all__ = ["Language", "MissingTranslationError", "language_codes"]

_SOURCE_CODE = "en"
_LOCALES = {_SOURCE_CODE: "en_GB"}  # the day before the month; other codes are their own locale
_MONTH = re.compile(r"(?!0000)([0-9]{4})-(0[1-9]|1[0-2])")
_MINUS = "\N{MINUS SIGN}"


class MissingTranslationError(ForecastingError):
    """A catalogue has no translation for a message."""


@dataclass(frozen=True)
class Language:
    """A language a reader may choose.

    Parameters
    ----------
    code : str
        ``"en"``, or the name of a catalogue in ``locale/``: ``"fi"``, ``"sl"``, ``"sv"``.

    Raises
    ------
    InputError
        If there is no catalogue with this code.

    Examples
    --------
    >>> Language("sl").number(1234.5, 1)
    '1.234,5'
    """

    code: str

    def __post_init__(self) -> None:
        if self.code not in language_codes():
            raise InputError(
                f"language {self.code!r} is not known",
                expected=f"one of {', '.join(language_codes())}",
            )

    def gettext(self, msgid: str) -> str:
        """Return the translation of an English message.

        Parameters
        ----------
        msgid : str
            The English text, with ``{placeholders}`` left in.

        Returns
        -------
        str
            The text in this language, placeholders still left in.

        Raises
        ------
        MissingTranslationError
            If the catalogue lacks the message.
        """
        if self.code == _SOURCE_CODE:
            return msgid
        if not msgid:  # in a catalogue the empty message stands for its header
            raise MissingTranslationError("the empty text is not a message")
        return _translations(self.code).gettext(msgid)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """Return the form of a message that goes with a whole number.

        Parameters
        ----------
        singular, plural : str
            The two English texts.
        n : int
            The number; its sign does not matter.

        Returns
        -------
        str
            The form this language uses for `n`; Slovenian has four.

        Raises
        ------
        MissingTranslationError
            If the catalogue lacks the message.
        """
        if self.code == _SOURCE_CODE:
            return singular if abs(n) == 1 else plural
        return _translations(self.code).ngettext(singular, plural, abs(n))

    def number(self, value: SupportsFloat, decimals: int = 0) -> str:
        """Write a number with this language's group and decimal signs.

        Parameters
        ----------
        value : int, float, Fraction or Decimal
            A finite number. A float counts as the decimal it prints as.
        decimals : int, default 0
            Digits after the decimal sign; halves are rounded away from zero.

        Returns
        -------
        str
            Grouping blanks are no-break spaces, the minus sign is U+2212.

        Raises
        ------
        InputError
            If the value is not finite.
        """
        scaled = _exact(value) * 10**decimals
        units = int(abs(scaled) + Fraction(1, 2))
        whole, rest = divmod(units, 10**decimals)
        group, decimal = _signs(self.code)
        text = f"{whole:,}".replace(",", group)
        if decimals:
            text += f"{decimal}{rest:0{decimals}d}"
        return _MINUS + text if scaled < 0 and units else text

    def percent(self, share: SupportsFloat, decimals: int = 0) -> str:
        """Write a share as a percentage: 0.28 is "28%", in Slovenian "28 %".

        Parameters
        ----------
        share : int, float, Fraction or Decimal
            1 is 100 %.
        decimals : int, default 0
            Digits after the decimal sign.

        Returns
        -------
        str
            With a no-break space where the language wants one.

        Raises
        ------
        InputError
            If the share is not finite.
        """
        return self.number(_exact(share) * 100, decimals) + self.percent_sign

    @property
    def percent_sign(self) -> str:
        """The sign after a percentage, with a no-break space before it where one belongs."""
        return str(_locale(self.code).percent_formats[None].suffix[0])

    def month(self, month: pd.Period | str) -> str:
        """Write a month: "September 2024".

        Parameters
        ----------
        month : pandas.Period or str
            A period of monthly frequency, or ``"YYYY-MM"``.

        Returns
        -------
        str
            Month in letters and year.

        Raises
        ------
        InputError
            If it is not a month.
        """
        from babel.dates import format_skeleton

        found = _MONTH.fullmatch(str(month))
        if found is None:
            raise InputError(f"{str(month)!r} is not a month", expected="YYYY-MM")
        first_day = datetime.date(int(found[1]), int(found[2]), 1)
        return str(format_skeleton("yMMMM", first_day, locale=_locale(self.code)))

    def short_month(self, month: pd.Period) -> str:
        """Write a month for a narrow column: "Sept 2024", in Slovenian "sep. 2024"."""
        from babel.dates import format_skeleton

        first_day = datetime.date(month.year, month.month, 1)
        return str(format_skeleton("yMMM", first_day, locale=_locale(self.code)))

    def in_month(self, month: pd.Period) -> str:
        """Write a month within a sentence: "in September 2024", in Slovenian "septembra 2024"."""
        names = (
            self.gettext("in January {year}"),
            self.gettext("in February {year}"),
            self.gettext("in March {year}"),
            self.gettext("in April {year}"),
            self.gettext("in May {year}"),
            self.gettext("in June {year}"),
            self.gettext("in July {year}"),
            self.gettext("in August {year}"),
            self.gettext("in September {year}"),
            self.gettext("in October {year}"),
            self.gettext("in November {year}"),
            self.gettext("in December {year}"),
        )
        return names[month.month - 1].format(year=month.year)

    def territory(self, geo: str) -> str:
        """Name a country by its Eurostat code: "Slovenia"."""
        iso = {"EL": "GR", "UK": "GB"}.get(geo, geo)
        return str(_locale(self.code).territories.get(iso, geo))

    def date(self, day: datetime.date) -> str:
        """Write a day: "27 November 2024".

        Parameters
        ----------
        day : datetime.date
            The day.

        Returns
        -------
        str
            Day, month in letters, year.
        """
        from babel.dates import format_date

        return str(format_date(day, "long", locale=_locale(self.code)))

    def short_date(self, day: datetime.date) -> str:
        """Write a day for a narrow column: "27 Nov 2024", in Slovenian "27. nov. 2024"."""
        from babel.dates import format_date

        return str(format_date(day, "medium", locale=_locale(self.code)))

    def join(self, words: Sequence[str]) -> str:
        """Join words to a list within a sentence: "a, b and c".

        Parameters
        ----------
        words : sequence of str
            The words, already in this language; none gives an empty text.

        Returns
        -------
        str
            The list.
        """
        from babel.lists import format_list

        return str(format_list(words, locale=_locale(self.code)))


@cache
def language_codes() -> tuple[str, ...]:
    """Return the codes of the languages, in alphabetical order.

    Returns
    -------
    tuple of str
        ``"en"`` and the name of every catalogue.
    """
    return tuple(sorted([_SOURCE_CODE, *_catalogues(_catalogue_folder())]))


def _catalogues(folder: Traversable) -> dict[str, Traversable]:
    found = {entry.name: entry for entry in folder.iterdir()}
    return {name[: -len(".po")]: entry for name, entry in found.items() if name.endswith(".po")}


class _Missing(stdlib_gettext.NullTranslations):
    """Stands behind a catalogue and refuses what the catalogue does not have."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self._code = code

    def gettext(self, message: str) -> NoReturn:
        raise MissingTranslationError(
            f"locale/{self._code}.po has no translation for {message!r}; add it there"
        )

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> NoReturn:
        self.gettext(msgid1)


def _catalogue_folder() -> Traversable:
    return files(__name__) / "locale"


@cache
def _translations(code: str) -> stdlib_gettext.GNUTranslations:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    text = _catalogues(_catalogue_folder())[code].read_text("utf-8")
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.StringIO(text), locale=code))
    compiled.seek(0)
    translations = stdlib_gettext.GNUTranslations(compiled)
    translations.add_fallback(_Missing(code))
    return translations


@cache
def _locale(code: str) -> Locale:
    from babel import Locale

    return Locale.parse(_LOCALES.get(code, code))


@cache
def _signs(code: str) -> tuple[str, str]:
    from babel.numbers import get_decimal_symbol, get_group_symbol

    locale = _locale(code)
    group = get_group_symbol(locale).replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}")
    return group, get_decimal_symbol(locale)


def _exact(value: SupportsFloat) -> Fraction:
    if isinstance(value, Integral):
        return Fraction(int(value))
    try:
        if isinstance(value, (Fraction, Decimal)):
            return Fraction(value)
        return Fraction(repr(float(value)))
    except (ValueError, OverflowError) as error:
        raise InputError(f"{value} is not a finite number") from error
