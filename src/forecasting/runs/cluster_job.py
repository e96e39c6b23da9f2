"""One run in a process of its own on a worker of a cluster; see `forecasting.runs.cluster`.

The worker writes the job to standard input and keeps that open: when it closes, because the worker
died or the job is no longer wanted, the run unwinds. The outcome goes to standard output as JSON.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import sys
import time
from threading import Thread

from forecasting.locations import STORE_VARIABLE
from forecasting.runs.processes import UNWIND_SECONDS, attempt


def main() -> None:
    """Read a job, run it, write its outcome; what the run prints goes to standard error."""
    answers = os.dup(1)
    os.dup2(2, 1)
    job, language, store = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the worker's own pipe
    os.environ[STORE_VARIABLE] = store
    Thread(target=_end_with_worker, daemon=True).start()
    try:
        published, reason = attempt(job, language)
    except KeyboardInterrupt:
        sys.exit(130)
    text = json.dumps({"published": published and str(published), "reason": reason})
    os.write(answers, text.encode())


def _end_with_worker() -> None:
    while os.read(0, 1):  # nothing more is written: returns when the other end closes
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(UNWIND_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
