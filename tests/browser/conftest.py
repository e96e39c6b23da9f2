"""A running explorer and a real browser; without either, the reason why the tests are skipped."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading

import pytest

START_SECONDS, OPEN_SECONDS = 120, 300


class Server:
    """``forecasting explore`` in a folder of its own."""

    def __init__(self, folder, *options):
        self.folder = folder
        self.log = (folder / "log.txt").open("w+b")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "forecasting", "explore", "--no-browser", *options],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=self.log,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            text=True,
        )
        timer = threading.Timer(START_SECONDS, self.process.kill)
        timer.start()
        line = self.process.stdout.readline()
        timer.cancel()
        found = re.match(r"(http://127\.0\.0\.1:(\d+)/)", line)
        assert found, f"{line}\n{(folder / 'log.txt').read_text()}"
        self.address, self.port = found[1], int(found[2])

    def interrupt(self):
        """Press Ctrl-C; returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def close(self):
        if self.process.poll() is None:
            self.interrupt()
        self.process.stdout.close()
        self.log.close()


class Opened:
    """The explorer's page in a browser context of its own."""

    def __init__(self, browser, address, options):
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page = context.new_page()
        self.faults, self.hosts = [], set()
        self.page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        self.page.on("request", lambda sent: self.hosts.add(sent.url.split("/")[2].split(":")[0]))
        self.page.goto(address, timeout=OPEN_SECONDS * 1000)
        self.page.wait_for_function(
            "document.querySelector('.fx, [data-mime-type*=stderr], [data-mime-type*=error]')",
            timeout=60_000,
        )
        assert self.page.locator(".fx").count() == 1, self.page.inner_text("body")
        self.settle()

    def close(self):
        self.page.context.close()

    def settle(self):
        """Wait until the figures are those of the sliders."""
        self.page.wait_for_function(
            "() => { const fx = document.querySelector('.fx');"
            " return fx && !fx.hasAttribute('data-busy') && !fx.hasAttribute('data-lost'); }",
            timeout=60_000,
        )

    def reset(self):
        self.page.click("[data-action='reset']")
        self.settle()

    def click(self, action):
        self.page.click(f"[data-action='{action}']")

    def start_from(self, scenario):
        self.page.select_option(".fx select", scenario)
        self.settle()

    def press(self, slider, key, times=1):
        """Press a key on a slider, and wait for its figures."""
        self.page.focus(slider)
        for _ in range(times):
            self.page.keyboard.press(key)
        self.settle()

    def tile(self, name):
        """Value of a key figure."""
        return self.page.text_content(f"[data-tile='{name}'] .fx-number")

    def drawing(self, chart):
        """Path of the median of a chart."""
        return self.page.get_attribute(f"[data-chart='{chart}'] .fx-median", "d")

    def says(self, slider):
        """Words of a slider's value."""
        return self.page.get_attribute(slider, "aria-valuetext")

    def message(self, words):
        """Wait for a message about saving and sharing."""
        self.page.wait_for_function(
            "words => document.querySelector('.fx-message').textContent.includes(words)", arg=words
        )
        return self.page.text_content(".fx-message")

    def name(self, title, reason=""):
        self.page.fill("[id$='-name']", title)
        self.page.fill("[id$='-reason']", reason)

    def hand_in(self, path):
        """Open a scenario file."""
        self.page.set_input_files("[id$='-file']", path)


@pytest.fixture(scope="session")
def browser(chromium):
    pytest.importorskip("voila", reason="Voila is not installed: the extra 'lab'")
    pytest.importorskip("anywidget", reason="anywidget is not installed: the extra 'lab'")
    return chromium


@pytest.fixture(scope="session")
def start_server(browser):
    """Return a function that starts ``forecasting explore``; without a browser none is."""
    started = []

    def start(folder, *options):
        started.append(Server(folder, *options))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture(scope="session")
def server(start_server, tmp_path_factory):
    return start_server(tmp_path_factory.mktemp("explorer"))


@pytest.fixture(scope="session")
def open_page(browser):
    """Return a function that opens an address and waits for the figures."""
    return lambda address, **options: Opened(browser, address, options)
