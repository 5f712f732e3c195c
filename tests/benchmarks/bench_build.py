"""The full build beside the same work in other engines on the same events.

Add here: another engine. Keep out: what each engine says; that stands in its rival_ module.
"""

import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from orchestration.settings import Settings
from tests.benchmarks.measure import Measured, in_own_process, in_turn, peak_gib, spread
from tests.benchmarks.rival_chdb import build_in_chdb
from tests.benchmarks.rival_polars import build_in_polars
from tests.benchmarks.rivals import Found, export_inputs, found_by_build
from tests.benchmarks.steps import build, copy_for_readers

NUMBERS = count()
# The rivals do not cut sessions after 24 hours, so a page looked at across a cut counts once there.
TOLERANCE = 0.001


def test_full_build_beside_other_engines(
    year: Settings, first_run: Measured, workshop: Path, repeats, report
):
    pytest.importorskip("chdb", reason="chdb is not installed: `make bench` installs requirements/bench.txt")
    inputs = workshop / "inputs"
    in_own_process(export_inputs, year, inputs)
    taken = in_turn(
        {
            "trackway": lambda: in_own_process(build, year, True),
            "chdb": lambda: go(build_in_chdb, inputs, workshop),
            "polars": lambda: go(build_in_polars, inputs, workshop),
            "copy": lambda: in_own_process(copy_for_readers, year),
        },
        repeats,
    )
    ours = in_own_process(found_by_build, year).result
    rivals: dict[str, Found] = {name: taken[name][-1].result for name in ("chdb", "polars")}
    for found in rivals.values():
        assert found.counts == pytest.approx(ours.counts, rel=TOLERANCE)
    models = [one.result.sql for one in taken["trackway"]]
    statements = [one.result.statements for one in taken["trackway"]]
    engines = {name: [one.result.seconds for one in taken[name]] for name in rivals}
    report(
        "Full build: sessions, page views, people, profiles, five-step funnel",
        [
            "engine",
            "seconds (range)",
            "our statements / this",
            "peak GiB",
            "sessions",
            "page views",
            "profiles",
            "steps",
        ],
        [
            engine_row("Trackway, dbt's models", models, statements, taken["trackway"], ours),
            engine_row("Trackway, their statements", statements, statements, taken["trackway"], ours),
            *(engine_row(name, engines[name], statements, taken[name], rivals[name]) for name in rivals),
        ],
        f"Trackway's `dbt build` takes {spread([one.seconds for one in taken['trackway']])} s with tests and"
        f" start-up, the copy for readers {spread([one.seconds for one in taken['copy']])} s; the first"
        f" `trackway run` (load, build, publish) took {first_run.seconds:.1f} s and"
        f" {first_run.peak_mib / 1024:.2f} GiB with memory_limit {year.memory_limit}."
        " To reach: 0.8 of ClickHouse's time.",
    )
    shutil.rmtree(inputs)


def go(engine: Callable[[Path, Path], Found], inputs: Path, workshop: Path) -> Measured:
    folder = workshop / f"rival-{next(NUMBERS)}"
    folder.mkdir()
    try:
        return in_own_process(engine, inputs, folder)
    finally:
        shutil.rmtree(folder)


def engine_row(
    name: str, seconds: list[float], ours: list[float], taken: list[Measured], found: Found
) -> list[str]:
    ratio = sorted(ours)[len(ours) // 2] / sorted(seconds)[len(seconds) // 2]
    counts = (found.sessions, found.page_views, found.profiles)
    steps = ", ".join(f"{step:,}" for step in found.steps)
    return [
        name,
        spread(seconds),
        f"**{ratio:.2f}**",
        peak_gib(taken),
        *(f"{one:,}" for one in counts),
        steps,
    ]
