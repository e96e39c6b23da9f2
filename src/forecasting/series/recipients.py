"""One column of a monthly table of social assistance as a regular series."""

from __future__ import annotations

from forecasting.series.regular import RegularSeries
from forecasting.sources.recipients_layout import MEASURED
from forecasting.sources.recipients_table import RecipientsTable


def recipients_series(table: RecipientsTable, key: str = "recipients") -> RegularSeries:
    """Return a column as a series with its own unit, so that the two counts are never mixed.

    Parameters
    ----------
    table : RecipientsTable
        As `forecasting.sources.recipients_table.read_recipients` returns it.
    key : {"recipients", "persons_entitled", "entries", "exits", "expenditure_eur"}
        Recipients, entries and exits are in ``families``, one recipient each; persons entitled in
        ``persons``.

    Returns
    -------
    RegularSeries

    Raises
    ------
    InputError
        If the table does not have the column.
    """
    unit, kind = MEASURED.get(key, ("", ""))
    return RegularSeries(key, table.column(key), unit, kind, source=table.source)
