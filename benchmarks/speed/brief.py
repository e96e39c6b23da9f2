"""Time a cold `forecasting brief` against the sum of its unavoidable parts, in one run.

    python benchmarks/speed/brief.py

Parts, each in a process of its own: interpreter and imports of the command; start of a kernel;
imports of the kernel with the fits and simulations of the pool, called on statsforecast directly;
Typst. Prints seconds, the ratio, and the peak memory of the largest process.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPEATS = 3

IMPORTS = "import forecasting.runs.brief, papermill, nbconvert"
KERNEL = """
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="python3")
client.execute_interactive("pass")
client.stop_channels(); manager.shutdown_kernel(now=True)
"""
FITS = """
import matplotlib.figure, numpy as np, pandas, xarray
from statsforecast.models import AutoETS, DynamicOptimizedTheta, SeasonalNaive
from forecasting import read_series
y = read_series("asylum-applicants/SI").values.to_numpy()
for known, horizon in ((y, 63), (y[:-12], 12)):
    z = np.log1p(known)
    for model, scale in (
        (DynamicOptimizedTheta(12), z), (AutoETS(12), z), (AutoETS(12), known),
        (SeasonalNaive(12), z),
    ):
        model.fit(scale).simulate(horizon, 1250, seed=1)
"""
TYPST = """
import json, sys, time
from pathlib import Path
import nbformat
from forecasting.briefing.exporter import collect_blocks, render_pdf
document, blocks = collect_blocks(nbformat.read(sys.argv[1], 4))
render_pdf(document, blocks)
start = time.perf_counter()
render_pdf(document, blocks)
print(time.perf_counter() - start)
"""


def seconds(*command: str, cwd: str | None = None) -> float:
    """Wall time of a process, median over the repeats."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        subprocess.run(command, check=True, cwd=cwd, capture_output=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        whole = seconds(sys.executable, "-m", "forecasting", "brief", cwd=folder)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        notebook = next(Path(folder).glob("outputs/*/90_briefing.ipynb"))
        answer = subprocess.run(
            [sys.executable, "-c", TYPST, str(notebook)],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    python = sys.executable
    parts = {
        "interpreter and imports": seconds(python, "-c", IMPORTS),
        "kernel start": seconds(python, "-c", KERNEL),
        "kernel imports and model fits": seconds(python, "-c", FITS),
        "typst": float(answer.stdout),
    }
    total = sum(parts.values())
    print(json.dumps({name: round(value, 2) for name, value in parts.items()}, indent=1))
    print(f"sum of parts {total:.2f} s, forecasting brief {whole:.2f} s, ratio {whole / total:.2f}")
    print(f"peak memory of the largest process {peak:.0f} MB")
    print(f"forecasting --help {seconds(python, '-m', 'forecasting', '--help'):.2f} s")


if __name__ == "__main__":
    main()
