"""Two runs at once while a dashboard and another reader look on: nobody fails, nothing counts twice."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
import time

import pytest
import streamlit as st

from tests.dashboards.handmade import figures, open_app, texts
from tests.end_to_end.running import drop, query

EVENTS_A_FILE = 50
# Opens what current.json names, again and again, as any SQL client would; says how many events it saw.
READER = textwrap.dedent(
    """
    import json, pathlib, sys, time
    import duckdb

    home, seen = pathlib.Path(sys.argv[1]), []
    read = {"published": ["analytics_events", "analytics_sessions"], "status": ["loads"]}
    while not (home / "enough").exists():
        for folder, tables in read.items():
            current = json.loads((home / folder / "current.json").read_text())
            with duckdb.connect(str(home / folder / current["file"]), read_only=True) as connection:
                counts = [connection.table(table).count("*").fetchall()[0][0] for table in tables]
            if folder == "published":
                assert counts == [current["tables"][table] for table in tables], (counts, current)
                seen.append(counts[0])
        time.sleep(0.1)
    print(json.dumps(seen))
    """
)


def events(name):
    """A file with one page view each of `EVENTS_A_FILE` devices."""
    lines = (
        {
            "event_id": f"{name}-{number}",
            "event_type": "page_view",
            "event_ts": "2026-01-05T10:00:00Z",
            "anonymous_id": f"{name} {number}",
        }
        for number in range(EVENTS_A_FILE)
    )
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


@pytest.fixture
def watched(weblogs, tmp_path, monkeypatch):
    """A copy of a home with something published, which the dashboard of this process reads."""
    settings = weblogs.model_copy(update={"home": tmp_path / "home"})
    shutil.copytree(weblogs.home, settings.home)
    monkeypatch.setenv("TRACKWAY_HOME", str(settings.home))
    yield settings
    st.cache_data.clear()
    st.cache_resource.clear()


def start_reader(settings):
    return subprocess.Popen(
        [sys.executable, "-c", READER, str(settings.home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TZ": "UTC"},
    )


def wait_until_it_says(process, text):
    for line in process.stdout:
        if text in line:
            return
    pytest.fail(f"the run ended without saying {text!r}: {process.stderr.read()}")


def look_until_ended(app, processes):
    """Reload the page until all processes have ended and once more; the sessions it showed each time."""
    shown = []
    while True:
        running = any(process.poll() is None for process in processes)
        app.run()
        assert not app.exception, app.exception[0].message
        assert not app.error, texts(app)
        shown.append(int(figures(app)["Sessions"].replace(",", "")))
        if not running:
            return shown
        # The runs need the machine too.
        time.sleep(0.5)


def test_two_runs_with_a_file_each_and_two_readers_all_succeed_and_count_once(watched, start_trackway):
    [(sessions_before,)] = query(watched, "select count(*) from analytics_sessions where not is_bot")
    app = open_app(period="All data")
    reader = start_reader(watched)
    drop(watched, "trackway/events/first.jsonl", events("first"))
    first = start_trackway(watched, "run")
    wait_until_it_says(first, "loading 1 files of events, from trackway/events/first.jsonl")
    drop(watched, "trackway/events/second.jsonl", events("second"))
    second = start_trackway(watched, "run")

    shown = look_until_ended(app, [first, second])
    assert [(one.returncode, one.stderr.read()) for one in (first, second)] == [(0, ""), (0, "")]
    # Each version has whole files only, and no version is followed by an older one.
    assert set(shown) <= {sessions_before + EVENTS_A_FILE * files for files in range(3)}
    assert shown == sorted(shown)
    assert shown[-1] == sessions_before + EVENTS_A_FILE * 2

    (watched.home / "enough").touch()
    output, errors = reader.communicate(timeout=60)
    assert (reader.returncode, errors) == (0, "")
    seen = json.loads(output)
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (10_000, 10_000 + EVENTS_A_FILE * 2)

    st.cache_resource.clear()
    ledger = "select file, status, loaded from loads where dataset = 'events' order by file"
    assert query(watched, ledger, "status") == [
        ("trackway/events/first.jsonl", "loaded", EVENTS_A_FILE),
        ("trackway/events/second.jsonl", "loaded", EVENTS_A_FILE),
    ]
    counted = """
        select split_part(id, '-', 1) as file, count(*), count(distinct id)
        from analytics_events where source = 'trackway' group by file order by file
    """
    assert query(watched, counted) == [
        ("first", EVENTS_A_FILE, EVENTS_A_FILE),
        ("second", EVENTS_A_FILE, EVENTS_A_FILE),
    ]
