"""Requests to end, by Ctrl-C or by the system: what is under way unwinds, nothing stays behind."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_AGAIN_SECONDS = 0.05


@contextmanager
def terminate_as_interrupt() -> Iterator[None]:
    """Let a request to terminate unwind this block, as Ctrl-C does, wherever it meets it.

    What is raised while Python cleans an object up reaches nobody: such an interrupt is repeated.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    tell = sys.unraisablehook

    def repeat(lost: UnraisableHookArgs) -> None:
        if issubclass(lost.exc_type, KeyboardInterrupt):
            process = os.getpid()
            threading.Timer(_AGAIN_SECONDS, os.kill, (process, signal.SIGTERM)).start()
        else:
            tell(lost)

    former = signal.signal(signal.SIGTERM, _interrupt)
    sys.unraisablehook = repeat
    try:
        yield
    finally:
        sys.unraisablehook = tell
        signal.signal(signal.SIGTERM, signal.SIG_DFL if former is None else former)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ignore Ctrl-C within this block."""
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)
