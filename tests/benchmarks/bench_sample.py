"""How fast samples are made: events a second, writing included, and the peak of memory.

Add here: nothing but the generator. Keep out: what a sample holds; other tests hold that.
"""

import shutil
from itertools import count
from pathlib import Path

import pytest

from orchestration.settings import Settings
from tests.benchmarks.deliveries import event_folder, make_year
from tests.benchmarks.measure import Measured, in_own_process, in_turn, peak_gib, seconds, spread

NUMBERS = count()


def test_making_a_sample(request: pytest.FixtureRequest, workshop: Path, repeats, report):
    events = request.config.getoption("--events")
    taken = in_turn({"sample": lambda: go(events, workshop)}, repeats)["sample"]
    report(
        f"Making a sample of about {events:,} events over a year",
        ["what", "seconds (range)", "events/s", "peak GiB"],
        [
            [
                "`trackway sample`",
                spread([one.seconds for one in taken]),
                f"{events / seconds(taken):,.0f}",
                peak_gib(taken),
            ]
        ],
        "Files of every format that landing takes, records and the truth included.",
    )


def go(events: int, workshop: Path) -> Measured:
    settings = Settings(home=workshop / f"sample-{next(NUMBERS)}")
    try:
        measured = in_own_process(make_year, settings, events)
        assert any(event_folder(settings).iterdir())
        return measured
    finally:
        shutil.rmtree(settings.home)
