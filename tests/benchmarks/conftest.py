"""Sizes, data and tables that the benchmarks share.

    make bench                                            1 million events, medians of 5
    make bench BENCH="--events 10000000 --repeats 3"      the README's figures
    make bench BENCH="-k load --events 300000"            one of load, build, day, start, sample

Everything is written to a folder under TMPDIR that goes with the last benchmark; about 2 GB for each million
events are enough.
Add here: data that more than one benchmark needs. Keep out: timing.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from orchestration.settings import Settings
from tests.benchmarks.deliveries import Pieces, hold_back_last_day, make_pieces, make_year
from tests.benchmarks.measure import Measured, in_own_process
from tests.benchmarks.steps import run_daily

Report = Callable[[str, Sequence[str], Sequence[Sequence[str]], str], None]
TABLES: pytest.StashKey[list[str]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--events", type=int, default=1_000_000, help="about how many events a year has")
    parser.addoption("--repeats", type=int, default=5, help="goes of each thing, after one to warm up")


@pytest.fixture(scope="session")
def repeats(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--repeats"))


@pytest.fixture(scope="session")
def workshop() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="trackway-bench-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def delivered(request: pytest.FixtureRequest, workshop: Path) -> Settings:
    """A home with a year's sample in landing, nothing loaded yet."""
    settings = Settings(home=workshop / "year")
    in_own_process(make_year, settings, request.config.getoption("--events"))
    return settings


@pytest.fixture(scope="session")
def pieces(delivered: Settings, workshop: Path) -> Iterator[Pieces]:
    """The year's events as plain JSON Lines and as Parquet, in files of equal size."""
    yield in_own_process(make_pieces, delivered, workshop / "pieces").result
    shutil.rmtree(workshop / "pieces")


@pytest.fixture(scope="session")
def last_day(delivered: Settings, workshop: Path) -> Path:
    """The events of the last day, held back from the home."""
    return hold_back_last_day(delivered, workshop / "last_day")


@pytest.fixture(scope="session")
def first_run(delivered: Settings, last_day: Path) -> Measured:
    """`trackway run` over the year without its last day: load, build, publish."""
    return in_own_process(run_daily, delivered)


@pytest.fixture(scope="session")
def year(delivered: Settings, first_run: Measured) -> Settings:
    """The home after that run."""
    return delivered


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """Takes a table - title, headings, rows, remark - that is printed after all benchmarks."""
    tables = request.config.stash.setdefault(TABLES, [])

    def add(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], remark: str) -> None:
        lines = [headings, ["---"] * len(headings), *rows]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        tables.append(f"### {title}\n\n{table}\n\n{remark}\n")

    return add


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    size = f"--events {config.getoption('--events')} --repeats {config.getoption('--repeats')}"
    for table in config.stash.get(TABLES, []):
        terminalreporter.write_line(f'\n{table}`make bench BENCH="{size}"`')
