"""Files that are damaged, unfinished or not what their name says: one record each, and the others load."""

import gzip
import os
import zlib
from collections.abc import Callable

import pytest
from conftest_raw import Landing, event

GOOD = event("good") + "\n"


@pytest.fixture(scope="module")
def loaded(make_landing: Callable[[], Landing]) -> Landing:
    landing = make_landing()
    packed = gzip.compress(GOOD.encode() * 50)
    wrong_sum = packed[:-8] + (zlib.crc32(b"other")).to_bytes(4, "little") + packed[-4:]
    landing.put("events/truncated.jsonl.gz", packed[:-12])
    landing.put("events/wrong_crc.jsonl.gz", wrong_sum)
    landing.put("events/trailing.jsonl.gz", packed + b"garbage")
    landing.put("events/zip.jsonl", b"PK\x03\x04" + b"x" * 100)
    landing.put("events/utf16.jsonl", GOOD.encode("utf-16"))
    landing.put("events/page.jsonl", "<!DOCTYPE html><html><body>503</body></html>")
    landing.put("events/binary.jsonl", bytes(range(256)) * 0 + b"\x00\x01" * 500)
    landing.put("events/plain_named_gz.jsonl.gz", event("plain") + "\n")
    landing.put("events/gzip_named_plain.jsonl", gzip.compress(event("packed").encode() + b"\n"))
    landing.put("events/empty.jsonl", "")
    landing.put("events/half.jsonl.part", GOOD)
    landing.put("events/corrupt.parquet", b"PAR1 and then nothing of use PAR1")
    landing.put("events/odd.xlsx", GOOD)
    landing.put("unheard_of/a.jsonl", GOOD)
    landing.put("events/good.jsonl", GOOD)
    landing.load()
    return landing


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("truncated.jsonl.gz", "ends too early"),
        ("wrong_crc.jsonl.gz", "CRC"),
        ("trailing.jsonl.gz", "damaged"),
        ("zip.jsonl", "zip archive"),
        ("utf16.jsonl", "UTF-16"),
        ("page.jsonl", "HTML"),
        ("binary.jsonl", "binary"),
        ("corrupt.parquet", "damaged"),
        ("odd.xlsx", "ending"),
        ("a.jsonl", "no contract"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_refused_as_a_whole_with_one_record(
    loaded: Landing, name: str, reason: str
) -> None:
    row = loaded.file(name)
    assert (row["status"], row["lines"], row["loaded"]) == ("refused", 0, 0)
    ((line, said),) = loaded.rejected(name)
    assert line is None
    assert reason in said


@pytest.mark.parametrize("name", ["plain_named_gz.jsonl.gz", "gzip_named_plain.jsonl", "good.jsonl"])
def test_the_content_decides_whether_a_file_is_compressed(loaded: Landing, name: str) -> None:
    assert loaded.file(name)["loaded"] == 1


def test_only_the_events_of_good_files_are_loaded(loaded: Landing) -> None:
    assert loaded.rows("select event_id from raw.events order by 1") == [("good",), ("packed",), ("plain",)]


def test_an_empty_file_is_loaded_with_no_lines_and_said_to_be_empty(loaded: Landing) -> None:
    row = loaded.file("empty.jsonl")
    assert (row["status"], row["lines"], row["reason"]) == ("loaded", 0, "the file is empty")


def test_a_file_named_as_unfinished_is_left_for_the_next_run(loaded: Landing) -> None:
    assert loaded.rows("select count(*) from raw.loads where file like '%half%'") == [(0,)]
    assert loaded.load().unfinished == ("trackway/events/half.jsonl.part",)


def test_a_file_that_grows_while_it_is_looked_at_is_left_for_the_next_run(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = landing.put("events/growing.jsonl", GOOD)
    os.utime(path)

    def write_more(_: float) -> None:
        with path.open("a") as file:
            file.write(event("later") + "\n")

    with monkeypatch.context() as patched:
        patched.setattr("orchestration.defs.raw.landing.time.sleep", write_more)
        report = landing.load()
    assert report.unfinished == ("trackway/events/growing.jsonl",)
    assert report.nothing_new
    os.utime(path, (1, 1))
    assert landing.load().datasets["events"].loaded == 2


def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_run(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = landing.put("events/changing.jsonl", GOOD)
    with monkeypatch.context() as patched:
        patched.setattr(
            "orchestration.defs.raw.ledger.unseen", lambda _, files: (path.write_text(GOOD * 2), files)[1]
        )
        assert landing.load().nothing_new
    assert landing.rows("select count(*) from raw.events") == [(0,)]
    os.utime(path, (1, 1))
    # Two lines with the same event: one stays.
    assert landing.load().datasets["events"].duplicate == 1
