"""What all tests share: homes of their own, the command line in a process, and one pipeline built once.

Add here: something that tests of more than one package need. Keep out: data that one package's tests need.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestration.home import prepare_home
from orchestration.settings import CHECKOUT, Settings

PEOPLE, DAYS, SEED = 300, 14, 7


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> Iterator[None]:
    """Tests say what they set; only the place of the test data comes from whoever runs them."""
    kept = {key: value for key, value in os.environ.items() if key.startswith("TRACKWAY_")}
    for key in kept:
        if key != "TRACKWAY_TEST_DATA":
            del os.environ[key]
    yield
    os.environ.update(kept)


@pytest.fixture
def home(tmp_path: Path) -> Callable[..., Settings]:
    """Makes a prepared, empty home; keyword arguments are fields of Settings."""

    def make(name: str = "home", **fields: object) -> Settings:
        settings = small_settings(tmp_path / name, **fields)
        prepare_home(settings)
        return settings

    return make


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home whose small sample was loaded, built and published by the real job. Read only; see `rebuilt`."""
    settings = small_settings(tmp_path_factory.mktemp("built"))
    size = ("--people", str(PEOPLE), "--days", str(DAYS), "--seed", str(SEED))
    for arguments in (("sample", *size), ("run",)):
        result = trackway(settings, *arguments)
        assert result.returncode == 0, result.stdout + result.stderr
    return settings


@pytest.fixture
def built_copy(built: Settings, tmp_path: Path) -> Settings:
    """A copy of the built home that a test may change."""
    copy = tmp_path / "copy"
    shutil.copytree(built.home, copy)
    return built.model_copy(update={"home": copy})


@pytest.fixture(scope="session")
def weblogs(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home whose only file, 10,000 lines of a real access log, was run once. Read only."""
    settings = small_settings(tmp_path_factory.mktemp("weblogs"))
    folder = settings.landing / "access_log" / "access_log"
    folder.mkdir(parents=True)
    shutil.copy2(test_data / "weblogs" / "apache_access_2015.log.gz", folder)
    result = trackway(settings, "run")
    assert result.returncode == 0, result.stdout + result.stderr
    return settings


@pytest.fixture(scope="session")
def run_trackway() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a verb to its end in a process of its own: `run_trackway(settings, "run", TRACKWAY_AS_OF=...)`."""
    return trackway


@pytest.fixture
def start_trackway() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a verb in a process group of its own; what still runs is killed after the test."""
    started: list[subprocess.Popen[str]] = []

    def start(settings: Settings, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command(*arguments), env=process_environment(settings, **environment), cwd=CHECKOUT,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of public data sets; the test is skipped where it is not there."""
    folder = Path(os.environ.get("TRACKWAY_TEST_DATA", CHECKOUT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"public data sets are not in {folder}: set TRACKWAY_TEST_DATA to their folder")
    return folder


def small_settings(path: Path, **fields: object) -> Settings:
    """Settings that leave the machine room for others."""
    return Settings.model_validate({"home": path, "memory_limit": "1GiB", "threads": 2, **fields})


def trackway(settings: Settings, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a verb to its end in a process of its own."""
    return subprocess.run(
        command(*arguments), env=process_environment(settings, **environment), cwd=CHECKOUT,
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def command(*arguments: str) -> list[str]:
    """The command line of a verb."""
    return [sys.executable, "-m", "orchestration.cli", *arguments]


def process_environment(settings: Settings, **environment: str) -> dict[str, str]:
    """This process's environment with the settings in it."""
    return {**os.environ, **settings.environment(), **environment}
