"""A real dashboard in a real browser, over the warehouse that the pipeline built.

Add here: what every browser test needs. Keep out: expected figures.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from orchestration.settings import Settings

APP = Path(__file__).resolve().parents[2] / "dashboards" / "app.py"
# Nothing but the dashboard may be asked for anything.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@dataclass
class Visit:
    """One visitor: the page, the address of the dashboard and every address that the page asked."""

    page: Page
    address: str
    asked: list[str]

    def open(self, path: str = "/") -> None:
        """Open a page and wait until it shows its figures."""
        self.page.goto(self.address + path)
        self.page.get_by_test_id("stMetricValue").first.wait_for()
        self.settle()

    def settle(self) -> None:
        """Wait until the page has taken in what was changed."""
        self.page.wait_for_timeout(300)
        self.page.wait_for_function(
            "document.querySelector('[data-testid=stApp]').dataset.testScriptState !== 'running'"
        )
        self.page.wait_for_timeout(300)

    def figure(self, label: str) -> str:
        """Return the value of the card with this label."""
        cards = self.page.get_by_test_id("stMetric")
        card = cards.filter(has=self.page.get_by_text(label, exact=True)).first
        return card.get_by_test_id("stMetricValue").inner_text()

    def choose(self, label: str, option: str) -> None:
        """Choose an option of a list."""
        self.page.get_by_label(label).first.click()
        self.page.get_by_role("option", name=option, exact=True).click()
        self.page.keyboard.press("Escape")
        self.settle()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; the test is skipped where it is not installed."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def address(built: Settings) -> Iterator[str]:
    """The dashboard over the built home, in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(APP), "--server.port", str(port)]
    environment = os.environ | {"TRACKWAY_HOME": str(built.home)}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    """A new visitor without history."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    yield Visit(page, address, asked)
    page.close()


@pytest.fixture(scope="session")
def pointer(built: Settings) -> dict:
    """The current.json of the published version."""
    return json.loads((built.published / "current.json").read_text())


@pytest.fixture
def published(built: Settings, pointer: dict) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file, read by the test itself."""
    with duckdb.connect(str(built.published / pointer["file"]), read_only=True) as connection:
        yield connection


def _wait(url: str, server: subprocess.Popen) -> None:
    for _ in range(100):
        if server.poll() is not None:
            raise RuntimeError(f"the dashboard ended with {server.returncode}")
        try:
            urllib.request.urlopen(url, timeout=1)
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"no dashboard at {url} within 20 s")
