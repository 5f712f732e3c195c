"""A small published and status file, written by hand, so that every figure of a page can be
counted on paper.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb
from streamlit.testing.v1 import AppTest

APP = Path(__file__).resolve().parents[2] / "dashboards" / "app.py"

# Columns: day of November 2026 and hour in UTC, person, channel, device, country, pages, whether engaged,
# conversions, revenue, seconds, whether a bot. Berlin is one hour ahead: what starts on the 15th at 23:30 UTC
# is on the 16th there.
SESSIONS = [
    (18, 9, "ada", "Direct", "desktop", "DE", 5, True, 1, 100, 600, False),
    (18, 10, "ben", "Email", "mobile", "DE", 1, False, 0, 0, 5, False),
    (17, 9, "ada", "Direct", "desktop", "DE", 3, True, 0, 0, 120, False),
    (17, 12, "cleo", "Organic Search", "mobile", "AT", 2, True, 1, 60, 240, False),
    (15, 23, "dan", "Organic Search", "mobile", "AT", 1, False, 0, 0, 0, False),
    (14, 8, None, "Direct", "desktop", "CH", 1, False, 0, 0, 3, False),
    (18, 11, "bot", "Direct", "desktop", "US", 90, True, 0, 0, 50, True),
    # The previous 7 days.
    (10, 9, "ada", "Direct", "desktop", "DE", 4, True, 0, 0, 300, False),
    (9, 9, "eve", "Email", "mobile", "DE", 1, False, 0, 0, 9, False),
]
# funnel person, entered (day, hour), steps reached
ATTEMPTS = [
    ("ada", 18, 9, 5),
    ("ada", 17, 9, 3),
    ("ben", 18, 10, 1),
    ("cleo", 17, 12, 5),
    ("dan", 15, 23, 2),
    ("eve", 9, 9, 1),
]
STEPS = ["page_view", "service_view", "pricing_check", "booking_start", "booking_complete"]
HOSTILE = "<script>alert(1)</script> ![x](http://evil.example/p.png) {{7*7}}"


@dataclass(frozen=True)
class HandmadeHome:
    """A home with a published version; `publish` writes another one."""

    path: Path

    def publish(
        self,
        version: str,
        sessions: list[tuple] = SESSIONS,
        pinned: bool = False,
        attempts: list[tuple] = ATTEMPTS,
    ) -> Path:
        """Write published/<version>.duckdb and point to it."""
        file = self.path / "published" / f"{version}.duckdb"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        with duckdb.connect(str(file)) as connection:
            _write_sessions(connection, sessions)
            _write_funnel(connection, attempts)
        pointer = {
            "version": version,
            "file": file.name,
            "published_at": "2026-11-18T23:12:04+00:00",
            "as_of": "2026-11-18T22:59:00",
            "load_id": 1,
            "run_id": f"run-{version}",
            "business": "repair",
            "pinned": pinned,
            "tables": {"analytics_sessions": len(sessions)},
        }
        (file.parent / "current.json").write_text(json.dumps(pointer))
        return file

    def record(
        self, run: str, stale_since: str | None = None, reason: str | None = None, missing_lines: int = 0
    ) -> Path:
        """Write status/<run>.duckdb and point to it."""
        file = self.path / "status" / f"{run}.duckdb"
        file.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(str(file)) as connection:
            _write_status(connection, run, missing_lines)
        pointer = {
            "run_id": run,
            "file": file.name,
            "status": "failure" if stale_since else "success",
            "written_at": "2026-11-18T23:12:10+00:00",
            "stale_since": stale_since,
            "reason": reason,
        }
        (file.parent / "current.json").write_text(json.dumps(pointer))
        return file


def _write_sessions(connection: duckdb.DuckDBPyConnection, sessions: list[tuple]) -> None:
    connection.execute(
        """create table analytics_sessions (session_id varchar, person_id varchar, start_time timestamp,
        end_time timestamp,
            session_date date, duration_seconds double, engaged_seconds double, page_views bigint,
                bounce_session boolean,
            engaged_session boolean, conversion_session boolean, conversions bigint, entry_page varchar,
                exit_page varchar,
            channel varchar, device_type varchar, geo_country varchar, revenue decimal(18, 4),
                is_bot boolean, is_internal boolean)"""
    )
    for number, (
        day,
        hour,
        person,
        channel,
        device,
        country,
        pages,
        engaged,
        converted,
        revenue,
        seconds,
        bot,
    ) in enumerate(sessions):
        minute = 30 if hour == 23 else 0
        start = f"2026-11-{day:02} {hour:02}:{minute:02}:00"
        local_day = f"2026-11-{day + (hour == 23):02}"
        connection.execute(
            """insert into analytics_sessions select ?, ?, start, start + to_seconds(?), ?, ?, ?, ?, ?, ?,
            ?, ?, '/', '/contact',
                ?, ?, ?, ?, ?, false from (select ?::timestamp as start)""",
            [
                f"session-{number}",
                person and f"{person}-0123456789abcdef",
                seconds,
                local_day,
                seconds,
                seconds / 2,
                pages,
                not engaged,
                engaged,
                converted > 0,
                converted,
                channel,
                device,
                country,
                revenue,
                bot,
                start,
            ],
        )
    connection.execute(
        f"""create table analytics_events as select session_id || '-1' as id, start_time as "timestamp",
            'page_view' as event_type,
            session_id, 'https://repair.example/' as page_url,
                '{HOSTILE}' as event_data from analytics_sessions"""
    )


def _write_funnel(connection: duckdb.DuckDBPyConnection, attempts: list[tuple]) -> None:
    connection.execute(
        """create table conversion_funnel (funnel varchar, person_id varchar, session_id varchar,
        entered_at timestamp,
            entered_date date, step_number integer, step varchar, reached_at timestamp)"""
    )
    for person, day, hour, reached in attempts:
        entered = f"2026-11-{day:02} {hour:02}:{30 if hour == 23 else 0:02}:00"
        connection.execute(
            """insert into conversion_funnel
            select 'booking', s.person_id, s.session_id, s.start_time, s.session_date, n,
                ($steps::varchar[])[n],
                s.start_time + to_minutes(10 * (n - 1))
            from analytics_sessions s, range(1,
                $reached + 1) as t(n) where s.person_id like $person || '-%' and s.start_time = $entered""",
            {"person": person, "reached": reached, "entered": entered, "steps": STEPS},
        )

    connection.execute(
        """create table funnel_attempts as
        select f.funnel, f.person_id, f.entered_at, f.entered_date, f.session_id,
            count(*)::integer as steps_reached, list(f.reached_at order by f.step_number) as reached_at,
            any_value(s.channel) as channel, any_value(s.device_type) as device_type,
            any_value(s.geo_country) as geo_country
        from conversion_funnel f join analytics_sessions s using (session_id)
        group by all"""
    )
    connection.execute(
        """create table funnel_summary as
        select 'booking' as funnel, n as step_number, ($steps::varchar[])[n] as step from range(1, 6) t(n)""",
        {"steps": STEPS},
    )


def _write_status(connection: duckdb.DuckDBPyConnection, run: str, missing_lines: int) -> None:
    connection.execute(
        f"""
        create table runs as select '{run}' as run_id, 'daily' as job, 'success' as status,
            timestamp '2026-11-18 23:08:00' as started_at,
            timestamp '2026-11-18 23:12:00' as ended_at, null::varchar as message, 'one' as published_version;
        create table loads as select * from (values
            ('trackway/events/a.jsonl', 'trackway', 'loaded', null::varchar, {100 + missing_lines}, 90, 4,
                3, 1, 1, 1, 'aaaa', timestamp '2026-11-18 23:09:00'),
            ('trackway/events/c.jsonl', 'trackway', 'already_loaded', 'same content as a.jsonl',
                100, 0, 0, 0, 0, 0, 0, 'aaaa', timestamp '2026-11-18 23:09:00'),
            ('trackway/events/b.jsonl', 'trackway', 'loaded', null, 50, 50, 0, 0, 0, 0, 0, 'bbbb',
                timestamp '2026-11-18 23:09:00')
        ) t (file, source, status, reason, lines, loaded, duplicate, quarantined, suppressed, erased,
            blank, content_hash, loaded_at);
        create table rejected_events as select * from (values
            ('trackway/events/a.jsonl', 7, 'not JSON', '{HOSTILE}', timestamp '2026-11-18 23:09:00'),
            ('trackway/events/a.jsonl', 9, 'not JSON', '=1+1', timestamp '2026-11-18 23:09:00'),
            ('trackway/events/a.jsonl', 12, 'future-dated', 'x', timestamp '2026-11-18 23:09:00')
        ) t (file, line_number, reason, masked_line, rejected_at);
        create table data_quality as select * from (values
            ('events', 'ids are unique', 'passed', 'error', 'failing rows: 0', null::varchar,
                timestamp '2026-11-18 23:10:00'),
            ('sessions', 'durations are positive', 'failed', 'warn', 'failing rows: 3', null,
                timestamp '2026-11-18 23:10:00')
        ) t (dataset, "check", status, severity, observed, expected, run_at);
        create table performance_metrics (metric_name varchar, metric_value double, metric_unit varchar,
            tags varchar, recorded_at timestamp);
        """
    )


def open_app(page: str | None = None, **url: str | list[str]) -> AppTest:
    """Return the app as a visitor sees it after opening a link."""
    app = AppTest.from_file(str(APP), default_timeout=30)
    if page:
        app.switch_page(f"views/{page}.py")
    for key, value in url.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception, app.exception[0].message
    return app


def figures(app: AppTest) -> dict[str, str]:
    """Return the cards of the page: label to value."""
    return {card.label: card.value for card in app.metric}


def texts(app: AppTest) -> str:
    """Return everything that the page says outside of tables."""
    kinds = (
        app.text,
        app.markdown,
        app.caption,
        app.info,
        app.error,
        app.success,
        app.warning,
        app.subheader,
        app.title,
    )
    return "\n".join(str(element.value) for kind in kinds for element in kind)
