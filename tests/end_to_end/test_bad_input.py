"""Everything that can be wrong with a delivery, dropped at once: a clear record each, the rest once."""

import contextlib
import gzip
import itertools
import json
import shutil
import threading
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from orchestration.settings import Settings
from tests.end_to_end.running import drop, pointer, query

EVENTS = "trackway/events"
GOOD_LINES = 60
# Over the limit of 5 % however long the growing file gets meanwhile.
WRONG_LINES = 200
SOON = (datetime.now(UTC) + timedelta(hours=2)).isoformat()


def event(event_id, **fields):
    """A line of JSON; fields come on top of a page view of a device of its own."""
    values = {
        "event_id": event_id,
        "event_type": "page_view",
        "event_ts": "2026-01-05T10:00:00Z",
        "anonymous_id": f"device of {event_id}",
        "page_url": "https://repair.example/",
    }
    return json.dumps(values | fields) + "\n"


def lines(name, count):
    """Events with ids `name`-1, `name`-2, ..."""
    return "".join(event(f"{name}-{number}") for number in range(1, count + 1))


# Reasons of whole files, by name; nothing of such a file is loaded.
REFUSED = {
    "truncated.jsonl.gz": "ends too early",
    "wrong_crc.jsonl.gz": "CRC",
    "log_named_events.parquet": "not",
    "events_named_log.log": "ending",
    "page_not_found.jsonl": "HTML",
}
# Bad lines of `mixed.jsonl`, by line number. Line 1 and the last ones are good.
BAD_LINES = {
    2: ('{"event_id": "cut off', "not valid JSON"),
    3: (event("wrong number", revenue="a lot"), "revenue is not a valid number"),
    4: (event("wrong time", event_ts="yesterday"), "event_ts is not a valid timestamp"),
    5: (event("future", event_ts=SOON), "future-dated"),
}


@pytest.fixture(scope="module")
def delivered(tmp_path_factory, run_trackway):
    """A home after one run over all of it, with the run's result."""
    settings = Settings(home=tmp_path_factory.mktemp("bad"), memory_limit="1GiB", threads=2)
    packed = gzip.compress(lines("packed", 50).encode())
    bad_lines = [text.rstrip("\n") + "\n" for text, _ in BAD_LINES.values()]
    contents = {
        "truncated.jsonl.gz": packed[:-12],
        "wrong_crc.jsonl.gz": packed[:-8] + zlib.crc32(b"other").to_bytes(4, "little") + packed[-4:],
        "log_named_events.parquet": b'10.0.0.1 - - [05/Jan/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5\n'
        * 20,
        "events_named_log.log": lines("named log", 5).encode(),
        "page_not_found.jsonl": b"<!DOCTYPE html><html><body>404</body></html>",
        "empty.jsonl": b"",
        "named_unfinished.jsonl.part": lines("unfinished", 3).encode(),
        "monday.jsonl": lines("twice", 40).encode(),
        "monday_again.jsonl.gz": gzip.compress(lines("twice", 40).encode()),
        "overlapping.jsonl": (lines("twice", 40) + lines("new", 2)).encode(),
        "mixed.jsonl": "".join([event("first"), *bad_lines, lines("good", GOOD_LINES)]).encode(),
        "unknown_keys.jsonl": event("extended", shoe_size=43, mood={"is": "fine"}).encode(),
    }
    for name, content in contents.items():
        drop(settings, f"{EVENTS}/{name}", content)
    drop(settings, "trackway/horoscopes/today.jsonl", lines("stars", 2).encode())
    with growing(settings.landing / EVENTS / "growing.jsonl"):
        result = run_trackway(settings, "run")
    return settings, result


@contextlib.contextmanager
def growing(path):
    """Something appends an event several times a second."""
    ended = threading.Event()

    def write():
        with path.open("a") as file:
            for number in itertools.count(1):
                file.write(event(f"growing-{number}"))
                file.flush()
                if ended.wait(0.15):
                    return

    writer = threading.Thread(target=write)
    writer.start()
    yield
    ended.set()
    writer.join()


def loads(settings):
    """The ledger's rows by the file's own name."""
    columns = "file, status, reason, lines, loaded, duplicate, quarantined"
    rows = query(settings, f"select {columns} from loads", "status")
    assert len({file for file, *_ in rows}) == len(rows)
    return {file.rpartition("/")[2]: rest for file, *rest in rows}


def rejected(settings, name):
    """Line numbers and reasons of the rejects of a file."""
    statement = f"select line_number, reason from rejected_events where file like '%/{name}' order by 1"
    return query(settings, statement, "status")


def test_the_run_succeeds_because_bad_input_is_not_a_failed_run(delivered):
    _, result = delivered
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(("name", "reason"), [*REFUSED.items(), ("today.jsonl", "no contract")])
def test_a_file_that_cannot_be_read_is_refused_with_one_record(delivered, name, reason):
    settings, result = delivered
    status, said, *counts = loads(settings)[name]
    assert (status, counts) == ("refused", [0, 0, 0, 0])
    assert reason in said
    assert [(line, text) for line, text in rejected(settings, name)] == [(None, said)]
    assert result.stdout.count(f"{name} refused: {said}") == 1


def test_bad_lines_have_one_record_each_and_their_neighbours_load(delivered):
    settings, _ = delivered
    status, _, *counts = loads(settings)["mixed.jsonl"]
    everything = 1 + len(BAD_LINES) + GOOD_LINES
    assert (status, counts) == ("loaded", [everything, 1 + GOOD_LINES, 0, len(BAD_LINES)])
    found = dict(rejected(settings, "mixed.jsonl"))
    assert found.keys() == BAD_LINES.keys()
    assert [reason for number, (_, reason) in BAD_LINES.items() if reason not in found[number]] == []


def test_the_same_content_under_another_name_and_compression_counts_once(delivered):
    ledger = loads(delivered[0])
    copies = [ledger[name][:2] for name in ("monday.jsonl", "monday_again.jsonl.gz")]
    assert sorted(status for status, _ in copies) == ["already_loaded", "loaded"]
    assert "same content as trackway/events/monday.jsonl" in [reason for _, reason in copies]


def test_events_of_a_longer_copy_count_once_and_its_new_ones_too(delivered):
    assert loads(delivered[0])["overlapping.jsonl"][2:] == [42, 2, 40, 0]


def test_an_empty_file_is_said_to_be_empty(delivered):
    assert loads(delivered[0])["empty.jsonl"] == ["loaded", "the file is empty", 0, 0, 0, 0]


@pytest.mark.parametrize("name", ["named_unfinished.jsonl.part", "growing.jsonl"])
def test_a_file_that_is_still_written_is_left_for_the_next_run(delivered, name):
    settings, result = delivered
    assert name not in loads(settings)
    assert f"{name} is still being written: left for the next run" in result.stdout


def test_unknown_keys_are_kept_with_the_event(delivered):
    statement = "select event_data from analytics_events where id = 'extended'"
    [(data,)] = query(delivered[0], statement)
    assert json.loads(data) == {"shoe_size": 43, "mood": {"is": "fine"}}


def test_readers_see_every_good_event_exactly_once(delivered):
    good = [
        "first",
        "extended",
        *(f"good-{number}" for number in range(1, GOOD_LINES + 1)),
        *(f"twice-{number}" for number in range(1, 41)),
        "new-1",
        "new-2",
    ]
    ids = [one for (one,) in query(delivered[0], "select id from analytics_events")]
    assert sorted(ids) == sorted(good)


def test_a_mostly_bad_delivery_stops_the_run_until_a_better_one_comes(delivered, run_trackway, tmp_path):
    original, _ = delivered
    settings = original.model_copy(update={"home": tmp_path / "copy"})
    shutil.copytree(original.home, settings.home)
    before = pointer(settings)
    wrong = "".join(event(f"wrong-{number}", event_ts="never") for number in range(WRONG_LINES))
    drop(settings, f"{EVENTS}/mostly_bad.jsonl", (wrong + lines("few", 20)).encode())
    result = run_trackway(settings, "run")
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert "few_lines_quarantined" in result.stderr
    assert pointer(settings) == before
    assert pointer(settings, "status")["stale_since"] is not None

    drop(settings, f"{EVENTS}/corrected.jsonl", lines("wrong", WRONG_LINES).encode())
    result = run_trackway(settings, "run")
    assert result.returncode == 0, result.stderr
    assert pointer(settings, "status")["stale_since"] is None
    statement = "select split_part(id, '-', 1), count(*), count(distinct id) from analytics_events group by 1"
    counts = {name: [rows, ids] for name, rows, ids in query(settings, statement)}
    assert (counts["few"], counts["wrong"]) == ([20, 20], [WRONG_LINES, WRONG_LINES])
    grown = (settings.landing / EVENTS / "growing.jsonl").read_bytes().count(b"\n")
    assert counts["growing"] == [grown, grown]
