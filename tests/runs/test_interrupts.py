"""A request to end is heard wherever it comes."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest

from forecasting.runs.interrupts import terminate_as_interrupt


class EndsWhileCleanedUp:
    """The request comes while Python cleans this up, where what is raised goes nowhere."""

    def __init__(self, number: signal.Signals) -> None:
        self.number = number

    def __del__(self) -> None:
        os.kill(os.getpid(), self.number)
        time.sleep(10)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_that_meets_a_clean_up_is_repeated(number, capsys):
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), terminate_as_interrupt():  # noqa: PT012
        EndsWhileCleanedUp(number)
        time.sleep(10)
    assert time.monotonic() - began < 10
    assert capsys.readouterr().err == ""


def test_what_else_goes_wrong_in_a_clean_up_is_told(monkeypatch):
    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda lost: told.append(lost.exc_type))
    former = signal.getsignal(signal.SIGTERM)

    class Broken:
        def __del__(self) -> None:
            raise LookupError

    with terminate_as_interrupt():
        Broken()
    assert told == [LookupError]
    assert signal.getsignal(signal.SIGTERM) == former
