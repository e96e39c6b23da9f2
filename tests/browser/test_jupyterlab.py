"""The explorer's notebook in JupyterLab."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading

import pytest

from forecasting.locations import notebooks_dir

pytestmark = pytest.mark.slow

STAY = "[data-slider='stay.multiply/si-reception-centres']"
PEAK = "[data-tile='peak_present/si-reception-centres'] .fx-number"


@pytest.fixture
def lab(browser, tmp_path):
    """Address of JupyterLab in a folder with the notebook."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed: the extra 'lab'")
    shutil.copy(notebooks_dir() / "41_explorer.ipynb", tmp_path)
    settings = {"JUPYTER_CONFIG_DIR": str(tmp_path / "c"), "JUPYTER_DATA_DIR": str(tmp_path / "d")}
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0"),
            *("--allow-root", "--IdentityProvider.token=browser-test"),
            "--LabApp.news_url=None",
        ],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **settings},
    )
    timer = threading.Timer(120, server.kill)
    timer.start()
    found = None
    while found is None and (line := server.stderr.readline()):
        found = re.search(r"http://127\.0\.0\.1:\d+/", line)
    timer.cancel()
    assert found, "JupyterLab did not start"
    threading.Thread(target=server.stderr.read, daemon=True).start()
    yield found[0]
    server.terminate()
    server.wait(60)


def test_the_notebook_shows_the_explorer_in_jupyterlab(browser, lab):
    page = browser.new_page(viewport={"width": 1600, "height": 1000})
    page.goto(f"{lab}lab/tree/41_explorer.ipynb?token=browser-test", timeout=120_000)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=120_000)
    page.wait_for_selector("text=/Idle$/", timeout=120_000)  # the kernel answers
    page.click("text=Run >> nth=0")
    page.click("text=Run All Cells >> nth=0")
    page.wait_for_selector(".fx", timeout=300_000)

    before = page.text_content(PEAK)
    page.focus(STAY)
    page.keyboard.press("PageUp")
    page.wait_for_function(
        "([tile, before]) => document.querySelector(tile).textContent !== before",
        arg=[PEAK, before],
    )

    assert page.get_attribute(".fx", "data-busy") is None
    page.close()
