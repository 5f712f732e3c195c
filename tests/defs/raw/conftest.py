"""Fixtures of the loading tests; what they are made of stands in conftest_raw.py."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest_raw import Landing, new_landing


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return new_landing(tmp_path / "home")


@pytest.fixture(scope="module")
def make_landing(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Landing]:
    return lambda: new_landing(tmp_path_factory.mktemp("home"))
