"""A real access log through the real command line: readers see what plain Python counts."""

import json
from collections import Counter

import pytest
import streamlit as st

from tests.dashboards.handmade import figures, open_app
from tests.end_to_end import weblogs as log
from tests.end_to_end.running import query

FILE = "access_log/access_log/apache_access_2015.log.gz"


@pytest.fixture(scope="module")
def requests(weblogs):
    return log.read_requests(weblogs.landing / FILE)


@pytest.fixture(scope="module")
def expected_sessions(requests):
    return log.sessions(requests)


def test_every_line_is_one_event_with_the_counts_by_status_that_others_found(weblogs):
    statuses = query(
        weblogs, "select (event_data ->> '$.status')::int, count(*) from analytics_events group by 1"
    )
    assert dict(statuses) == {200: 9126, 304: 445, 404: 213, 301: 164, 206: 45, 500: 3, 403: 2, 416: 2}
    assert query(weblogs, "select count(distinct id), count(person_id) from analytics_events") == [
        (10_000, 0)
    ]


def test_every_event_has_the_time_type_and_bot_flag_that_its_line_tells(weblogs, requests):
    seen = Counter(query(weblogs, "select timestamp, event_type, is_bot from analytics_events"))
    assert seen == Counter((one.at, one.event_type, is_bot) for one, is_bot in log.flagged(requests))


def test_the_most_active_crawler_is_a_bot_in_all_its_lines(weblogs, requests):
    agents = {one.agent for one in requests if one.address == "66.249.73.135"}
    assert sum(one.address == "66.249.73.135" for one in requests) == 482
    assert all(log.known_crawler(agent) for agent in agents)
    # Readers see no address: the crawlers' lines are found by their times.
    crawled = Counter(one.at for one in requests if log.known_crawler(one.agent))
    flagged = Counter(at for (at,) in query(weblogs, "select timestamp from analytics_events where is_bot"))
    assert crawled <= flagged


def test_sessions_are_those_of_a_plain_computation(weblogs, expected_sessions):
    columns = "start_time, end_time, events_count, page_views, engaged_seconds, is_bot"
    seen = Counter(log.Session(*row) for row in query(weblogs, f"select {columns} from analytics_sessions"))
    assert seen == expected_sessions


def test_page_views_are_those_of_a_plain_computation(weblogs, requests):
    seen = Counter(at for (at,) in query(weblogs, "select viewed_ts from page_views"))
    assert seen == Counter(one.at for one in requests if one.event_type == "page_view")


@pytest.fixture
def shown_home(weblogs, monkeypatch):
    """The home as the dashboard of this process reads it, let go of afterwards."""
    monkeypatch.setenv("TRACKWAY_HOME", str(weblogs.home))
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.mark.parametrize("bots", [False, True], ids=["without bots", "with bots"])
def test_the_dashboard_shows_these_sessions(shown_home, expected_sessions, bots):
    shown = figures(open_app(period="All data", bots=json.dumps(bots)))
    counted = [one for one in expected_sessions.elements() if bots or not one.is_bot]
    engaged = [one for one in counted if one.engaged_seconds > 10 or one.page_views >= 2]
    assert shown["Sessions"] == f"{len(counted):,}"
    assert shown["Page views"] == f"{sum(one.page_views for one in counted):,}"
    assert shown["Engaged rate"] == f"{100 * len(engaged) / len(counted):.1f} %"
    assert shown["People"] == "0"


def test_the_ledger_and_the_checks_of_the_run_are_in_the_status_file(weblogs):
    ledger = "select file, status, lines, loaded, duplicate, quarantined, blank from loads"
    assert query(weblogs, ledger, "status") == [(FILE, "loaded", 10_000, 10_000, 0, 0, 0)]
    assert query(weblogs, "select count(*) from data_quality where status = 'failed'", "status") == [(0,)]
