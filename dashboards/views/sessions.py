"""Sessions: how long they last, where they begin and end, and each one with its events."""

from typing import Any

import streamlit as st

from dashboards import data
from dashboards.components import charts
from dashboards.components.cards import metric_cards
from dashboards.components.filters import DIMENSIONS, Filters
from dashboards.components.page import section, shown, stop
from dashboards.components.tables import Column, download, headed_table, limit_note, table
from dashboards.components.text import words
from dashboards.metrics import METRICS
from dashboards.queries import by_dimension, grain_for, totals
from dashboards.session_queries import LENGTHS, MAX_EVENTS, PAGE_SIZE, durations, session_events, session_page

KPIS = ("sessions", "engaged_rate", "bounce_rate", "duration_seconds", "engaged_seconds", "pages_per_session")
RATES = ("sessions", "engaged_rate", "bounce_rate", "duration_seconds", "conversion_rate")
RATE_DIMENSIONS = DIMENSIONS | {"entry_page": "Landing page"}
SESSION_COLUMNS = {
    "started": Column("Started", "time"),
    "person": Column("Person", "text", "Shortened pseudonym; visitors without any id have none"),
    "channel": Column("Channel", "text"),
    "device_type": Column("Device", "text"),
    "geo_country": Column("Country", "text"),
    "entry_page": Column("Landing page", "text"),
    "exit_page": Column("Exit page", "text"),
    "page_views": Column("Pages", "count"),
    "duration_seconds": Column("Duration", "seconds"),
    "engaged_session": Column("Engaged", "flag"),
    "conversion_session": Column("Converted", "flag"),
    "revenue": Column("Revenue", "money"),
}
EVENT_COLUMNS = {
    "at": Column("Time", "time"),
    "event_type": Column("Event", "text"),
    "page_url": Column("Page", "text"),
    "event_data": Column("Properties", "text"),
}


def length_block(published: data.Published, filters: Filters) -> None:
    """Draw how many sessions lasted how long."""
    section("Session duration", "From a session's first event to its last.")
    rows = durations(published, filters)
    columns = {"length": Column("Duration", "text"), "sessions": Column("Sessions", "count")}
    charts.chart_block(
        charts.bars(rows, "length", "sessions", "Duration", list(LENGTHS)),
        rows,
        columns,
        "Sessions by duration",
        "Number of sessions by duration, shortest first",
        published,
        filters.describe(),
    )


def rate_block(published: data.Published, filters: Filters) -> None:
    """Draw engaged and bounce rates by a dimension of the reader's choice."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        section("Engagement by")
        labels = {label: column for column, label in RATE_DIMENSIONS.items()}
        chosen = st.segmented_control(
            "Dimension",
            list(labels),
            default="Channel",
            required=True,
            key="rates_by",
            bind="query-params",
            label_visibility="collapsed",
        )
        rows = by_dimension(published, filters, labels[chosen], RATES, limit=9)
        columns = {"value": Column(chosen, "text")} | {
            name: Column(METRICS[name].heading, METRICS[name].unit, METRICS[name].description)
            for name in RATES
        }
        download(rows, columns, f"Engagement by {chosen}", published, filters.describe())
    table(rows, columns, f"Engagement by {chosen.lower()}, most sessions first", height="content")
    limit_note(rows)


def page_block(published: data.Published, filters: Filters, column: str, title: str) -> None:
    """Draw the pages on which most sessions begin or end."""
    rows = by_dimension(published, filters, column, ("sessions", "bounce_rate", "conversion_rate"), limit=10)
    columns = {
        "value": Column("Page", "text"),
        "sessions": Column("Sessions", "count"),
        "share": Column("Share", "share", "Of all sessions"),
        "bounce_rate": Column("Bounced", "rate"),
        "conversion_rate": Column("Converted", "rate"),
    }
    headed_table(
        title,
        rows,
        columns,
        f"{title} by sessions, largest first",
        published,
        filters.describe(),
        height="content",
    )
    limit_note(rows)


def list_block(published: data.Published, filters: Filters, count: int) -> None:
    """Draw the sessions, newest first, a page at a time; a chosen row opens its events."""
    pages = -(-count // PAGE_SIZE)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        section("Sessions, newest first", "Choose a row to see the session's events.")
        page = st.pagination(pages, key="page", bind="query-params")
        rows = session_page(published, filters, page)
        columns = SESSION_COLUMNS | {"revenue": Column(f"Revenue ({published.currency})", "money")}
        download(rows, columns, f"Sessions page {page}", published, filters.describe())
    event = table(
        rows,
        columns,
        f"Page {page} of {pages} of the sessions, newest first",
        height="content",
        on_select="rerun",
        selection_mode="single-row",
        # Another selection has other rows, in which a chosen row would be a different session.
        key=f"sessions_{hash((published.version, filters, page))}",
    )
    chosen = [row for row in event.selection.rows if row < len(rows)]
    if chosen:
        detail_block(published, rows.iloc[chosen[0]])


def detail_block(published: data.Published, session: Any) -> None:
    """Draw the events of one session in their order."""
    start, end = session["start_time"].to_pydatetime(), session["end_time"].to_pydatetime()
    rows = session_events(published, session["session_id"], start, end)
    rows["event_type"] = rows["event_type"].map(words)
    with st.container(border=True, key="session_detail"):
        headed_table(
            "Events of the session",
            rows,
            EVENT_COLUMNS,
            "Events of the chosen session in their order",
            published,
            {"Session": session["session_id"]},
        )
        number = f"the first {MAX_EVENTS:,} events" if len(rows) == MAX_EVENTS else f"{len(rows)} events"
        st.caption(
            f"{session['started']:%d %b %Y %H:%M}, session {session['session_id']}, "
            f"person {session['person']}, {number}"
        )


published, filters = shown()
grain = grain_for(filters.days)
now = totals(published, filters, KPIS, grain)
if not now.whole["sessions"]:
    stop("No sessions in this selection", "Choose a longer period or fewer filters, or include bots.")
earlier = filters.earlier()
before = totals(published, earlier, KPIS, grain) if earlier else None
metric_cards(KPIS, now, before, filters, published.currency)
left, right = st.columns(2, gap="medium")
with left:
    length_block(published, filters)
with right:
    rate_block(published, filters)
left, right = st.columns(2, gap="medium")
with left:
    page_block(published, filters, "entry_page", "Landing pages")
with right:
    page_block(published, filters, "exit_page", "Exit pages")
list_block(published, filters, int(now.whole["sessions"]))
