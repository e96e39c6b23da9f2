"""What a client of a publisher hands over: an answer staged as one Parquet file.

A client is a module of `forecasting.sources.clients` with one function

    fetch(source: Source, transport: Transport, folder: Path, newest: Vintage | None)
        -> Fetched | None

which asks the publisher, holds the answer against what its interface promises, and stages it in
`folder`; None if the publisher says that nothing has changed since the newest vintage. What holds
for every answer (codes, duplicates, level, what is missing) is checked after it, in
`forecasting.sources.answers`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class Fetched:
    """An answer of a publisher, whole, ready for the store.

    Attributes
    ----------
    staged : pathlib.Path
        Parquet file: the source's key columns and ``period`` as text, ``value`` as a number (empty
        where the publisher has none) and ``flag``, the publisher's mark of the cell.
    address : str
        Where it came from.
    retrieved : datetime.datetime
        When, in UTC.
    answer_sha256 : str
        Of the answer as it came.
    etag, last_modified : str
        What the publisher says of its version, for the next conditional request.
    """

    staged: Path
    address: str
    retrieved: datetime
    answer_sha256: str
    etag: str = ""
    last_modified: str = ""
