"""Whether the rows of a centre's records are those they should be: no more, none left out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from forecasting.errors import InputError
from forecasting.languages.messages import say, say_n
from forecasting.sources.centre_layout import MOST_GROUPS

_SILENCE = 20  # events usual in a time without any, from which on the records are taken to end
_PARTIAL = 5  # the same, from which on a month is taken to be in the records in part
_UNSEEN_EXITS = 10  # exits usual before the first one
_FEWEST = 10  # completed stays to compare with


def check_groups(groups: pd.Series, where: str) -> None:
    """Refuse so many groups that they may be persons.

    Raises
    ------
    InputError
        If there are more than `MOST_GROUPS`.
    """
    found = groups[groups != ""].nunique()
    if found > MOST_GROUPS:
        raise InputError(
            say_n("{n} different groups", "{n} different groups", found),
            where=where,
            expected=say("at most {number}, such as returns or families", number=MOST_GROUPS),
            action=say("no names or numbers of persons may be in the file"),
        )


def first_day_of(table: pd.DataFrame, where: str) -> pd.Timestamp:
    """First day of the first month of entries that is in the records as a whole.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``entry`` and ``exit``.
    where : str
        The file, for messages.

    Raises
    ------
    InputError
        If the file seems to hold only those who were present on some day: none of those who
        entered before the first exit had left until then, where many would have.
    """
    _refuse_selection(table, where)
    first: pd.Timestamp = table["entry"].min()
    begin = first.to_period("M").start_time
    early = _events_per_day(table["entry"]) * (first - begin).days > _PARTIAL
    return (first.to_period("M") + 1).start_time if early else begin


def check_ends(table: pd.DataFrame, since: pd.Timestamp, until: pd.Timestamp, where: str) -> None:
    """Refuse records that seem to begin later or end earlier than they are said to.

    Raises
    ------
    InputError
        If nobody came or left for so long at either end that some twenty usually would have.
    """
    if since > until:
        raise InputError(
            say("records from {day} on", day=since.date()),
            where=where,
            expected=say("some before the cut-off {day}", day=until.date()),
        )
    days = pd.concat([table["entry"], table["exit"]]).dropna()
    days = days[(days >= since) & (days <= until)]
    if days.empty:
        raise InputError(
            say("no entry or exit"),
            where=where,
            expected=say("some from {first} to {last}", first=since.date(), last=until.date()),
        )
    per_day, first, last = _events_per_day(days), days.min(), days.max()
    if per_day * (until - last).days > _SILENCE:
        raise InputError(
            say("no entry or exit after {day}", day=last.date()),
            where=where,
            expected=say("records up to the cut-off {day}", day=until.date()),
            action=say("add the later ones, or choose an earlier cut-off"),
        )
    if per_day * (first - since).days > _SILENCE:
        raise InputError(
            say("no entry or exit before {day}", day=first.date()),
            where=where,
            expected=say("records from {day} on", day=since.date()),
            action=say("add the earlier ones, or choose a later since"),
        )


def _refuse_selection(table: pd.DataFrame, where: str) -> None:
    first_exit = table["exit"].min()
    before = table["entry"] < first_exit
    later = table[~before]
    stays = (later["exit"] - later["entry"]).dt.days
    if stays.notna().sum() < _FEWEST:
        return
    waited = (first_exit - table["entry"][before]).dt.days.to_numpy()
    shorter = np.searchsorted(np.sort(stays.dropna()), waited) / len(stays)
    if shorter.sum() > _UNSEEN_EXITS:
        raise InputError(
            say_n(
                "{n} persons entered before {day}, when the first one left; usually {number} of "
                "them would have left sooner",
                "{n} persons entered before {day}, when the first one left; usually {number} of "
                "them would have left sooner",
                int(before.sum()),
                day=first_exit.date(),
                number=f"{shorter.sum():.0f}",
            ),
            where=where,
            expected=say("everybody who entered, also those who had left"),
            action=say("if it holds only those present from some month on, say since which one"),
        )


def _events_per_day(days: pd.Series) -> float:
    return len(days) / float((days.max() - days.min()).days + 1)
