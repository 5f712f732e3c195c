"""One more day on a year: the incremental build beside the full refresh of the same warehouse.

Add here: another kind of increment. Keep out: whether both give the same tables; other tests hold that.
"""

import shutil
import statistics
from pathlib import Path

from orchestration.home import prepare_home
from orchestration.settings import Settings
from tests.benchmarks.deliveries import deliver
from tests.benchmarks.measure import Measured, in_own_process, in_turn, peak_gib, spread
from tests.benchmarks.steps import BuildTimes, build, copy_for_readers, load

SLOWEST = 15


def test_one_more_day_beside_a_full_refresh(year: Settings, last_day: Path, workshop: Path, repeats, report):
    settings = with_day_loaded(year, last_day, workshop / "day")
    taken = in_turn(
        {
            "day": lambda: go(settings, False),
            "full": lambda: go(settings, True),
            "copy": lambda: in_own_process(copy_for_readers, settings),
        },
        repeats,
    )
    day, full = [one.result for one in taken["day"]], [one.result for one in taken["full"]]
    times = middle(full).sql / middle(day).sql
    in_duckdb = middle(full).statements / middle(day).statements
    report(
        "One more day on a year",
        ["what", "models, s (range)", "of it in DuckDB", "tests", "start-up", "whole command", "peak GiB"],
        [build_row("one more day", day, taken["day"]), build_row("full refresh", full, taken["full"])],
        f"One day takes **1/{times:.1f}** of the full refresh's time in models,"
        f" **1/{in_duckdb:.1f}** of it in DuckDB. To reach: 1/100, at least 1/20."
        f" The copy for readers beside it: {spread([one.seconds for one in taken['copy']])} s.",
    )
    report(
        "The slowest models",
        ["model", "full refresh", "one more day"],
        slowest(middle(full), middle(day)),
        "Seconds of the goes with the median SQL time.",
    )
    shutil.rmtree(settings.home)


def with_day_loaded(year: Settings, last_day: Path, home: Path) -> Settings:
    """A copy of the year's home whose warehouse has loaded one more day and not yet built it."""
    settings = Settings(home=home)
    shutil.copytree(year.home, home, ignore=shutil.ignore_patterns("landing", "truth", "published", "*.lock"))
    prepare_home(settings)
    deliver([last_day], settings)
    in_own_process(load, settings)
    return settings


def go(settings: Settings, full_refresh: bool) -> Measured:
    """Build what was loaded, and put the warehouse back, so that each go finds the same state."""
    kept = settings.warehouse.with_suffix(".kept")
    settings.warehouse.rename(kept)
    shutil.copyfile(kept, settings.warehouse)
    try:
        return in_own_process(build, settings, full_refresh)
    finally:
        kept.replace(settings.warehouse)


def middle(times: list[BuildTimes]) -> BuildTimes:
    return sorted(times, key=lambda one: one.sql)[len(times) // 2]


def build_row(name: str, times: list[BuildTimes], taken: list[Measured]) -> list[str]:
    return [
        name,
        spread([one.sql for one in times]),
        f"{statistics.median(one.statements for one in times):.2f}",
        f"{middle(times).tests:.2f}",
        f"{middle(times).start_up:.2f}",
        spread([one.wall for one in times]),
        peak_gib(taken),
    ]


def slowest(full: BuildTimes, day: BuildTimes) -> list[list[str]]:
    names = sorted(full.models, key=lambda name: full.models[name] + day.models[name], reverse=True)[:SLOWEST]
    return [[f"`{name}`", f"{full.models[name]:.2f}", f"{day.models[name]:.2f}"] for name in names]
