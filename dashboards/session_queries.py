"""Questions about single sessions and their spread, asked of analytics_sessions and analytics_events.

Here: durations, one page of the list, the events of one session. Keep out: totals (queries.py).
"""

from datetime import datetime, timedelta

import pandas as pd

from dashboards import data
from dashboards.components.filters import DIMENSIONS, NOT_SET, Filters

PAGE_SIZE = 25
NO_ID = "(no id)"
MAX_EVENTS = 1000
# The first second of each bucket of durations.
LENGTHS = {
    "0-10 s": 0,
    "10-30 s": 10,
    "30-60 s": 30,
    "1-3 min": 60,
    "3-10 min": 180,
    "10-30 min": 600,
    "over 30 min": 1800,
}


def durations(published: data.Published, filters: Filters) -> pd.DataFrame:
    """Return the number of `sessions` in each bucket of `length`, empty ones included, shortest first."""
    condition, parameters = filters.condition()
    rows = data.query(
        published.file,
        f"""
        select $labels[len(list_filter($floors, lambda floor: floor <= duration_seconds))] as length,
            count(*) as sessions
        from analytics_sessions where {condition} and duration_seconds is not null group by length
        """,
        parameters | {"labels": list(LENGTHS), "floors": list(LENGTHS.values())},
    )
    return rows.set_index("length").reindex(list(LENGTHS), fill_value=0).reset_index(names="length")


def session_page(published: data.Published, filters: Filters, page: int) -> pd.DataFrame:
    """Return one page of the sessions, newest first; `started` is local time, `person` a shortened
    pseudonym.
    """
    condition, parameters = filters.condition()
    dimensions = ", ".join(f"coalesce({column}, '{NOT_SET}') as {column}" for column in DIMENSIONS)
    return data.query(
        published.file,
        f"""
        select session_id, start_time, end_time, timezone($zone, timezone('UTC', start_time)) as started,
            coalesce(left(person_id, 8), '{NO_ID}') as person, {dimensions}, entry_page, exit_page,
            page_views, duration_seconds::double as duration_seconds, engaged_session, conversion_session,
            revenue::double as revenue
        from analytics_sessions where {condition}
        order by start_time desc, session_id limit {PAGE_SIZE} offset $offset
        """,
        parameters | {"zone": filters.time_zone.key, "offset": (page - 1) * PAGE_SIZE},
    )


def session_events(
    published: data.Published, session_id: str, start: datetime, end: datetime
) -> pd.DataFrame:
    """Return the events of a session in their order; `start` and `end` (UTC) are the session's own."""
    # The times let DuckDB skip the blocks of other days; attached events may lie outside the session's span.
    parameters = {
        "zone": published.time_zone.key,
        "session": session_id,
        "first": start - timedelta(days=1),
        "last": end + timedelta(days=1),
    }
    return data.query(
        published.file,
        f"""
        select timezone($zone, timezone('UTC', "timestamp")) as at, event_type, page_url,
            event_data::varchar as event_data
        from analytics_events
        where session_id = $session and "timestamp" between $first and $last
        order by "timestamp", id limit {MAX_EVENTS}
        """,
        parameters,
    )
