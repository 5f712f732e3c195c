"""The published tables hold what the definitions say, row for row, by an implementation of its own.

Add here: another published table or column that reference.py can tell. Keep out: the order of arrival.
"""

import statistics
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
import reference
import reference_people as people
from expected import Expected
from reference import Event
from worlds import World

Rows = dict[Any, tuple[Any, ...]]
PERIODS = ("day", "week", "month", "all")


@pytest.fixture(scope="module")
def expected(world: World) -> Expected:
    return Expected(world)


def test_events_are_kept_once_and_belong_to_their_person_and_session(expected: Expected) -> None:
    assert_events(expected, expected.world.at_once)


def test_sessions_hold_what_the_definitions_say(expected: Expected) -> None:
    assert_sessions(expected, expected.world.at_once)


def test_profiles_sum_up_the_sessions_and_conversions_of_people(expected: Expected) -> None:
    assert_profiles(expected, expected.world.at_once)


def test_the_best_attempt_of_each_person_and_day_is_kept(expected: Expected) -> None:
    assert_attempts(expected, expected.world.at_once)


def test_people_count_once_in_each_day_week_and_month_of_the_funnel(expected: Expected) -> None:
    assert_funnel_summary(expected, expected.world.at_once)


@pytest.mark.soak
def test_two_hundred_populations_are_what_the_definitions_say(make_world: Callable[..., World]) -> None:
    expected = Expected(make_world(range(1_000, 1_200), 0))
    for check in (assert_events, assert_sessions, assert_profiles, assert_attempts, assert_funnel_summary):
        check(expected, expected.world.at_once)


def assert_events(expected: Expected, file: Path) -> None:
    session_of = {
        event["event_id"]: expected.session_id(session)
        for session in expected.sessions
        for event in session.events + session.attached
    }
    rows = {
        event["event_id"]: (
            event["ts"].replace(tzinfo=None),
            event["event_type"],
            expected.person(event),
            session_of.get(event["event_id"]),
            expected.is_bot(event),
        )
        for event in expected.events
    }
    columns = "id, timestamp, event_type, person_id, session_id, is_bot"
    assert_same(_published(file, "analytics_events", columns), rows)


def assert_sessions(expected: Expected, file: Path) -> None:
    rows = {}
    for session in expected.sessions:
        origin = session.origin or {}
        rows[expected.session_id(session)] = (
            session.first["ts"].replace(tzinfo=None),
            session.events[-1]["ts"].replace(tzinfo=None),
            reference.period_start(session.first["ts"], "day"),
            session.seconds,
            session.engaged_seconds,
            len(session.pages),
            len(session.events) + len(session.attached),
            not session.is_engaged,
            session.is_engaged,
            len(session.conversions),
            len(session.pages) == 1,
            session in expected.bots,
            people.person_of_session(session, expected.names),
            *(origin.get(tag) for tag in ("utm_source", "utm_medium", "utm_campaign")),
            session.origin is None,
        )
    columns = """
        session_id, start_time, end_time, session_date, duration_seconds, engaged_seconds, page_views,
        events_count, bounce_session, engaged_session, conversions, single_page_session, is_bot, person_id,
        utm_source, utm_medium, utm_campaign, channel = 'Direct'
    """
    assert_same(_published(file, "analytics_sessions", columns), rows)


def assert_profiles(expected: Expected, file: Path) -> None:
    of_person = defaultdict(list)
    for session in expected.sessions:
        person = people.person_of_session(session, expected.names)
        if person and session not in expected.bots:
            of_person[person].append(session)
    by_bots = {event["event_id"] for session in expected.bots for event in session.conversions}
    conversions = [one for one in reference.conversions(expected.events) if one["event_id"] not in by_bots]
    rows = {}
    for person, sessions in of_person.items():
        count = len(sessions)
        events = [event for session in sessions for event in session.events]
        bought = [event for event in conversions if expected.person(event) == person]
        rows[person] = (
            min(session.first["ts"] for session in sessions).replace(tzinfo=None),
            count,
            sum(len(session.pages) for session in sessions),
            sum(session.engaged_seconds for session in sessions),
            sum(session.seconds for session in sessions) / count,
            sum(not session.is_engaged for session in sessions) / count,
            (count - 1) / count,
            sum(event["event_type"] == "pricing_check" for event in events) / count,
            sum(event["event_type"] == "comparison_view" for event in events),
            sum(event["event_type"] == "booking_start" for event in events),
            len(bought),
            len(bought) / count,
            sum(map(expected.value, bought)),
        )
    columns = """
        person_id, first_seen_at, total_sessions, total_page_views, total_time_spent, avg_session_duration,
        bounce_rate, return_visit_rate, price_check_frequency, service_comparison_count, booking_attempts,
        total_bookings, booking_conversion_rate, lifetime_value::double
    """
    assert_same(_published(file, "user_behavior_profiles", columns), rows)


def assert_attempts(expected: Expected, file: Path) -> None:
    rows = {
        (person, day): (len(reached), [moment.replace(tzinfo=None) for moment in reached])
        for person, events in _events_of_people(expected).items()
        for day, reached in reference.best_attempts(events, "day").items()
    }
    columns = "{'person': person_id, 'day': entered_date}, steps_reached, reached_at"
    published = _published(file, "funnel_attempts", columns, lambda key: (key["person"], key["day"]))
    assert_same(published, rows)


def assert_funnel_summary(expected: Expected, file: Path) -> None:
    reached_by: dict[Any, list[Any]] = defaultdict(list)
    for events in _events_of_people(expected).values():
        for period in PERIODS:
            for start, reached in reference.best_attempts(events, period).items():
                reached_by[period, start].append(reached)
    rows = {}
    for (period, start), attempts in reached_by.items():
        for step in range(1, 6):
            here = [one for one in attempts if len(one) >= step]
            before = len([one for one in attempts if len(one) >= step - 1])
            waits = [(one[step - 1] - one[step - 2]).total_seconds() for one in here] if step > 1 else []
            rows[period, start, step] = (
                len(here),
                len(here) / len(attempts),
                before - len(here),
                statistics.median(waits) if waits else None,
            )
    columns = """
        {'period': period, 'start': period_start, 'step': step_number}, people, overall_rate, drop_off,
        median_seconds_from_previous
    """
    published = _published(
        file, "(from funnel_summary where dimension = 'all')", columns, lambda key: tuple(key.values())
    )
    assert_same(published, rows)


def assert_same(published: Mapping[Any, tuple[Any, ...]], rows: Rows) -> None:
    """Shows the first few rows that differ, as (key, published, expected)."""
    differ = [
        (key, published.get(key), rows.get(key))
        for key in sorted(published.keys() | rows.keys(), key=str)
        if published.get(key) is None or rows.get(key) is None or not _equal(published[key], rows[key])
    ]
    assert not differ, f"{len(differ)} of {len(rows)} rows differ:\n" + "\n".join(map(str, differ[:4]))
    assert rows


def _equal(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return all(
        here == pytest.approx(there, abs=2e-3) if isinstance(here, float) else here == there
        for here, there in zip(one, other, strict=True)
    )


def _events_of_people(expected: Expected) -> dict[str, list[Event]]:
    found = defaultdict(list)
    for event in expected.events:
        person = expected.person(event)
        if person and not expected.is_bot(event):
            found[person].append(event)
    return found


def _published(file: Path, table: str, columns: str, key: Callable[[Any], Any] = lambda value: value) -> Rows:
    with duckdb.connect(str(file), read_only=True) as connection:
        rows = connection.execute(f"select {columns} from {table}").fetchall()
    found = {key(first): tuple(rest) for first, *rest in rows}
    assert len(found) == len(rows), f"keys of {table} repeat"
    return found
