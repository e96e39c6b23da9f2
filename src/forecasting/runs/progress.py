"""Progress of long work: a bar on a terminal, plain lines with time stamps in a log."""

from __future__ import annotations

import math
import sys
import time
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TextIO


class Progress:
    """Report which of a known number of steps has begun.

    On a terminal this is a bar that vanishes at the end. Elsewhere, such as in the log of a timer,
    every step is one line: ``2026-11-22 02:00:01 90_briefing: cell 3/9 forecast``.

    Parameters
    ----------
    total : int
        Number of steps.
    description : str
        Name of the work, at the beginning of every line.
    unit : str, default "step"
        What one step is called.
    stream : text stream, optional
        Where to write; standard error if not given.
    every_seconds : float, default 0
        Least time between two lines of a log; the last step is always written.
    """

    def __init__(
        self,
        total: int,
        description: str,
        *,
        unit: str = "step",
        stream: TextIO | None = None,
        every_seconds: float = 0.0,
    ) -> None:
        self.total, self.description, self.unit = total, description, unit
        self.every_seconds, self._written = every_seconds, -math.inf
        self._stream = sys.stderr if stream is None else stream
        self._begun = 0
        self._bar: Any = None

    def __enter__(self) -> Self:
        if self._stream.isatty():
            from tqdm import tqdm  # type: ignore[import-untyped]

            self._bar = tqdm(
                total=self.total,
                desc=self.description,
                unit=self.unit,
                file=self._stream,
                leave=False,
                dynamic_ncols=True,
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def begin(self, text: str) -> None:
        """Report that the next step has begun.

        Parameters
        ----------
        text : str
            What the step does; may be empty.
        """
        self._begun += 1
        self._report(text, self._begun - 1)

    def end(self, text: str) -> None:
        """Report that one more step has ended, where several are under way at once.

        Parameters
        ----------
        text : str
            What was done.
        """
        self._begun += 1
        self._report(text, self._begun)

    def _report(self, text: str, done: int) -> None:
        if self._bar is not None:
            self._bar.n = done
            self._bar.set_description(f"{self.description}: {text}".removesuffix(": "))
            return
        now = time.monotonic()
        if now - self._written < self.every_seconds and self._begun < self.total:
            return
        self._written = now
        line = f"{self.description}: {self.unit} {self._begun}/{self.total} {text}".rstrip()
        with suppress(OSError):  # a log that cannot be written must not stop the work
            self._stream.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} {line}\n")
            self._stream.flush()
