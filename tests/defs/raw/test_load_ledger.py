"""The ledger: content counts once under whatever name, and every name is only data."""

import os
from pathlib import Path

from conftest_raw import Landing, event

LINES = "".join(event(f"e{number}") + "\n" for number in range(10))


def test_the_same_content_counts_once_under_any_name_folder_or_compression(landing: Landing) -> None:
    landing.put("events/a.jsonl", LINES)
    landing.load()
    landing.put("events/b.jsonl", LINES)
    landing.put("events/old/c.jsonl.gz", LINES, compress=True)
    report = landing.load()
    assert report.nothing_new
    assert report.datasets["events"].already_loaded_files == 2
    assert landing.rows("select count(*) from raw.events") == [(10,)]
    assert landing.file("c.jsonl.gz")["reason"] == "same content as trackway/events/a.jsonl"


def test_the_same_content_twice_in_one_run_counts_once(landing: Landing) -> None:
    landing.put("events/a.jsonl", LINES)
    landing.put("events/b.jsonl", LINES)
    landing.load()
    assert landing.rows("select status, lines from raw.loads order by file") == [
        ("loaded", 10),
        ("already_loaded", 0),
    ]


def test_a_file_that_is_known_is_not_read_again(landing: Landing) -> None:
    path = landing.put("events/a.jsonl", LINES)
    landing.load()
    # Other bytes of the same length at the same time: whoever reads them would notice.
    path.write_bytes(b"x" * path.stat().st_size)
    os.utime(path, (1_600_000_000, 1_600_000_000))
    report = landing.load()
    assert (report.load_ids, report.nothing_new) == ((), True)


def test_new_content_under_an_old_name_is_loaded_and_said(landing: Landing) -> None:
    landing.put("events/a.jsonl", LINES)
    landing.load()
    landing.put("events/a.jsonl", LINES + event("appended") + "\n")
    landing.load()
    rows = landing.rows("select loaded, duplicate, reason is not null from raw.loads order by file_id")
    assert rows == [(10, 0, False), (1, 10, True)]


def test_load_ids_grow_by_one_for_each_transaction(landing: Landing) -> None:
    for number in range(3):
        landing.put(f"events/{number}.jsonl", event(f"e{number}"))
        assert landing.load().load_ids == (number + 1,)


def test_the_time_of_first_loading_survives_the_loss_of_the_warehouse(landing: Landing) -> None:
    landing.put("events/a.jsonl", LINES)
    landing.load()
    first = landing.file("a.jsonl")["loaded_at"]
    landing.settings.warehouse.unlink()
    landing.load()
    assert landing.file("a.jsonl")["loaded_at"] == first


def test_an_event_that_was_future_dated_when_it_came_stays_so_after_a_rebuild(landing: Landing) -> None:
    landing.put("events/a.jsonl", LINES)
    landing.load()
    # As if the file had come on 4 January, a day before its events.
    import sqlite3

    with sqlite3.connect(landing.settings.state) as state:
        state.execute("update first_loads set loaded_at = '2026-01-04T00:00:00'")
    landing.settings.warehouse.unlink()
    landing.load()
    assert landing.file("a.jsonl")["quarantined"] == 10


def test_hostile_names_are_data_and_links_and_pipes_are_refused(landing: Landing, tmp_path: Path) -> None:
    names = [
        'a"; drop table raw.events; --.jsonl',
        "it's [a-z]*?.jsonl",
        "spaces and \U0001f600.jsonl",
        "$(touch x).jsonl",
        "n" * 249 + ".jsonl",
        "new\nline.jsonl",
    ]
    for number, name in enumerate(names):
        landing.put(f"events/{name}", event(f"h{number}"))
    folder = landing.settings.landing / "trackway" / "events"
    secret = tmp_path / "secret.jsonl"
    secret.write_text(event("secret"))
    (folder / "link.jsonl").symlink_to(secret)
    (folder / "linked_folder").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.jsonl")
    (folder / "folder.csv").mkdir()
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xff.jsonl"))).write_text(event("bytes"))
    landing.load()
    ids = [one for (one,) in landing.rows("select event_id from raw.events order by 1")]
    assert ids == ["bytes", *(f"h{number}" for number in range(len(names)))]
    refused = landing.rows("select file from raw.loads where status = 'refused' order by 1")
    assert [Path(file).name for (file,) in refused] == ["link.jsonl", "linked_folder", "pipe.jsonl"]


def test_a_thousand_small_files_are_one_transaction(landing: Landing) -> None:
    for number in range(1000):
        landing.put(f"events/{number % 7}/{number}.jsonl", event(f"e{number}"))
    report = landing.load()
    assert len(report.load_ids) == 1
    assert report.datasets["events"].loaded == 1000
