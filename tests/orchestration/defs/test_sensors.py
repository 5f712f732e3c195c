"""Sensors: one run per state of landing/, and none while a file is being written."""

import os

import dagster as dg
import pytest

from orchestration.defs.sensors import SETTLED_SECONDS, landing_state, new_landing_files

NOW = 1_800_000_000.0


def land(settings, name, age, text="{}"):
    file = settings.landing / "trackway" / "events" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    os.utime(file, (NOW - age, NOW - age))


@pytest.fixture
def tick(monkeypatch):
    monkeypatch.setattr("orchestration.defs.sensors.time.time", lambda: NOW)

    def evaluate(settings, cursor=None):
        with dg.build_sensor_context(cursor=cursor) as context:
            return new_landing_files(context, settings=settings)

    return evaluate


def test_an_empty_landing_zone_starts_nothing(home, tick):
    settings = home()
    assert "no settled file" in tick(settings).skip_message


def test_a_new_file_starts_one_run_and_then_no_more(home, tick):
    settings = home()
    land(settings, "a.jsonl", age=3600)
    first = tick(settings)
    assert [request.run_key for request in first.run_requests] == [first.cursor]
    assert tick(settings, first.cursor).skip_message == "no new file"
    land(settings, "b.jsonl", age=600)
    second = tick(settings, first.cursor)
    assert second.run_requests[0].run_key != first.run_requests[0].run_key


@pytest.mark.parametrize("change", [{"text": "{} "}, {"age": 120}], ids=["another size", "another time"])
def test_a_changed_file_is_a_new_state(home, tick, change):
    settings = home()
    land(settings, "a.jsonl", age=3600)
    before = tick(settings).cursor
    land(settings, "a.jsonl", **{"age": 3600, **change})
    assert tick(settings, before).cursor != before


def test_a_file_that_is_still_being_written_waits(home, tick):
    settings = home()
    land(settings, "a.jsonl", age=3600)
    before = tick(settings).cursor
    land(settings, "b.jsonl", age=SETTLED_SECONDS - 1)
    assert tick(settings, before).skip_message == "no new file"
    assert landing_state(settings, NOW + 1) != before
