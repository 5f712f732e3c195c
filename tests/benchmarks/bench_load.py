"""Loading beside its limit: DuckDB reading the same files into a table, nothing checked.

Add here: another format. Keep out: what loading must do; other tests hold that.
"""

import shutil
import statistics
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

import pytest

from orchestration.settings import Settings
from tests.benchmarks.deliveries import Pieces, deliver
from tests.benchmarks.measure import Measured, in_own_process, in_turn, peak_gib, seconds, spread
from tests.benchmarks.steps import load, read_json_lines, read_parquet

NUMBERS = count()


@pytest.mark.parametrize(
    ("form", "limit", "named"),
    [
        ("json_lines", read_json_lines, "JSON Lines beside `read_json` into a table"),
        ("parquet", read_parquet, "Parquet beside `create table as select`"),
    ],
)
def test_loading_beside_its_limit(form, limit, named, pieces: Pieces, workshop, repeats, report):
    files: list[Path] = getattr(pieces, form)
    taken = in_turn(
        {
            "load": lambda: go_load(files, workshop),
            "limit": lambda: go_limit(limit, files, workshop),
        },
        repeats,
    )
    report(
        f"Loading {pieces.lines:,} events of {named}",
        ["what", "seconds (range)", "events/s", "peak GiB", "limit / ours"],
        [
            row("load_landing", taken["load"], f"**{seconds(taken['limit']) / seconds(taken['load']):.2f}**"),
            row("limit", taken["limit"], ""),
        ],
        f"{len(files)} files of up to 250,000 lines, each go into a new home. To reach: 0.6; JSON Lines"
        " 815,542 events/s.",
    )


def go_load(files: list[Path], workshop: Path) -> Measured:
    settings = Settings(home=workshop / f"load-{next(NUMBERS)}")
    deliver(files, settings)
    try:
        return in_own_process(load, settings)
    finally:
        shutil.rmtree(settings.home)


def go_limit(limit: Callable[..., int], files: list[Path], workshop: Path) -> Measured:
    folder = workshop / f"limit-{next(NUMBERS)}"
    folder.mkdir()
    try:
        return in_own_process(limit, files, folder / "limit.duckdb", Settings(home=folder))
    finally:
        shutil.rmtree(folder)


def row(name: str, taken: Sequence[Measured], ratio: str) -> list[str]:
    rate = statistics.median(one.result / one.seconds for one in taken)
    return [name, spread([one.seconds for one in taken]), f"{rate:,.0f}", peak_gib(taken), ratio]
