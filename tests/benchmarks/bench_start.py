"""What a run and a server cost when there is nothing to do.

Add here: another start. Keep out: work on data.
"""

from orchestration.settings import Settings
from tests.benchmarks.measure import in_own_process, in_turn, spread
from tests.benchmarks.steps import load_definitions, run_daily, start_dagster_dev


def test_a_run_with_nothing_new(year: Settings, repeats, report):
    before = contents(year)
    taken = in_turn({"run": lambda: in_own_process(run_daily, year)}, repeats)["run"]
    assert contents(year) == before
    report(
        "A run with nothing new",
        ["what", "seconds (range)"],
        [["`trackway run`", spread([one.seconds for one in taken])]],
        "No table rewritten, nothing published: checked. To reach: seconds.",
    )


def contents(settings: Settings) -> tuple[list[str], int]:
    """Published files, and the warehouse's size, which a rewritten table would change."""
    return sorted(one.name for one in settings.published.iterdir()), settings.warehouse.stat().st_size


def test_starting_dagster(year: Settings, repeats, report):
    taken = in_turn(
        {
            "definitions": lambda: in_own_process(load_definitions, year),
            "dagster dev": lambda: in_own_process(start_dagster_dev, year),
        },
        repeats,
    )
    report(
        "Starting Dagster",
        ["what", "seconds (range)"],
        [
            ["definitions in a fresh interpreter", spread([one.seconds for one in taken["definitions"]])],
            ["`dagster dev` to a loaded code location", spread([one.result for one in taken["dagster dev"]])],
        ],
        "To reach: under 10 s.",
    )
