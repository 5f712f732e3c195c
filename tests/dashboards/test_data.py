import json

import duckdb
import pytest

from dashboards import data
from tests.dashboards.handmade import SESSIONS, figures, open_app, texts

PAGES = [None, "sessions", "funnel", "loads"]


def test_a_new_version_is_followed_without_a_restart(published_home):
    app = open_app(period="Last 7 days")
    assert figures(app)["Sessions"] == "6"
    published_home.publish("two", SESSIONS[:2])
    assert figures(app.run())["Sessions"] == "2"


def test_the_old_file_is_let_go_when_a_new_one_is_published(published_home):
    first = published_home.path / "published" / "one.duckdb"
    open_app()
    published_home.publish("two")
    open_app()
    # A writer can open a file only when nobody in this process reads it.
    duckdb.connect(str(first)).close()


@pytest.mark.parametrize("page", PAGES)
def test_a_damaged_pointer_is_explained(published_home, page):
    (published_home.path / "published" / "current.json").write_text("{")
    assert "is damaged" in texts(open_app(page))


@pytest.mark.parametrize("page", PAGES[:3])
def test_nothing_published_is_explained(published_home, page):
    (published_home.path / "published" / "current.json").unlink()
    assert "Nothing is published yet" in texts(open_app(page))


def test_a_published_file_that_is_gone_is_explained(published_home):
    (published_home.path / "published" / "one.duckdb").unlink()
    assert "one.duckdb is missing" in texts(open_app())


def test_a_published_file_that_is_no_database_is_explained(published_home):
    (published_home.path / "published" / "one.duckdb").write_text("garbage" * 1000)
    assert "one.duckdb cannot be opened" in texts(open_app())


@pytest.mark.parametrize("page", PAGES[:3])
def test_a_version_without_sessions_is_explained(published_home, page):
    published_home.publish("empty", [])
    assert "No sessions yet" in texts(open_app(page))


def test_an_unset_home_is_explained(published_home, monkeypatch):
    monkeypatch.delenv("TRACKWAY_HOME")
    assert "TRACKWAY_HOME is not set" in texts(open_app())


def test_a_pointer_cannot_lead_out_of_its_folder(published_home):
    pointer = published_home.path / "published" / "current.json"
    entry = json.loads(pointer.read_text())
    pointer.write_text(json.dumps(entry | {"file": "../../etc/passwd"}))
    with pytest.raises(data.DataUnavailableError, match="passwd is missing from the published folder"):
        data.published()


@pytest.mark.parametrize(
    "statement",
    [
        "create table x (a int)",
        "copy analytics_sessions to '/tmp/x.csv'",
        "select * from read_text('/etc/hostname')",
        "set memory_limit = '90GB'",
        "attach ':memory:' as other",
    ],
)
def test_the_connection_can_neither_write_nor_leave_its_file(published_home, statement):
    with pytest.raises(duckdb.Error):
        data.query(data.published().file, statement)


def test_the_badge_shows_freshness_and_failed_checks(published_home):
    badge = texts(open_app())
    assert "Data until 18 Nov 2026 23:59 · published 19 Nov 00:12 · 1 of 2 checks failed" in badge


def test_the_badge_says_since_when_and_why_data_are_stale(published_home):
    published_home.record("run-two", "2026-11-17T23:00:00+00:00", "stg_events: 3 rows are not unique")
    shown = texts(open_app("sessions")).replace("\\", "")
    assert "Stale since 18 Nov 2026 00:00" in shown
    assert "stg_events: 3 rows are not unique" in shown


def test_the_badge_says_that_a_version_is_pinned(published_home):
    published_home.publish("one", pinned=True)
    assert "Pinned" in texts(open_app())
