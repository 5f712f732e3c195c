"""What the tests of the dashboard share: a small home that is written by hand."""

from pathlib import Path

import pytest

from tests.dashboards.handmade import HandmadeHome


@pytest.fixture
def published_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HandmadeHome:
    """A home with one published version and one passed run."""
    monkeypatch.setenv("TRACKWAY_HOME", str(tmp_path))
    monkeypatch.delenv("TRACKWAY_PERSON_PAGES", raising=False)
    made = HandmadeHome(tmp_path)
    made.publish("one")
    made.record("run-one")
    return made
