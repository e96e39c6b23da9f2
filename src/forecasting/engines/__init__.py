"""Where a batch or a night is computed: processes of this machine, or the workers of a cluster."""

from __future__ import annotations

import re
from dataclasses import dataclass

from forecasting.errors import InputError
from forecasting.languages.messages import one_of, say

__all__ = ["ENGINES", "LOCAL", "Engine"]

ENGINES = ("local", "dask")

_ADDRESS = re.compile(r"(tcp|tls)://[^/\s]+:\d+")
_EXAMPLE = "tcp://192.0.2.10:8786"


@dataclass(frozen=True)
class Engine:
    """Where work is done.

    Attributes
    ----------
    name : {"local", "dask"}
        Processes of this machine, or the workers of a Dask cluster.
    scheduler : str
        Address of the Dask scheduler, ``tcp://HOST:PORT`` or ``tls://HOST:PORT``; empty with
        ``local``.

    Raises
    ------
    InputError
        If the two do not go together.
    """

    name: str = "local"
    scheduler: str = ""

    def __post_init__(self) -> None:
        if self.name not in ENGINES:
            raise InputError(say("engine '{name}'", name=self.name), expected=one_of(ENGINES))
        if self.name == "local":
            if self.scheduler:
                raise InputError(
                    say("a scheduler with the engine local: {address}", address=self.scheduler),
                    expected="--engine dask",
                )
        elif not _ADDRESS.fullmatch(self.scheduler):
            raise InputError(
                say("address '{address}' of the scheduler", address=self.scheduler),
                where="--scheduler",
                expected=say(
                    "that of a Dask scheduler, tcp:// or tls://, host and port: {example}",
                    example=_EXAMPLE,
                ),
            )


LOCAL = Engine()
"""Processes of this machine."""
