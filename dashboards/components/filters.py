"""The filter bar: which sessions a page counts, kept in the URL.

Here: the period and its comparison, channel, device type, country and bots, and their SQL condition.
Add a filter as a widget in `filter_bar` and a term in `Filters.condition`. Keep out: choices of a single
page.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from dashboards import data
from dashboards.components.notes import note_coverage, note_ignored

NOT_SET = "(not set)"
DIMENSIONS = {"channel": "Channel", "device_type": "Device", "geo_country": "Country"}
PERIODS = {
    "Last 7 days": 7,
    "Last 28 days": 28,
    "Last 90 days": 90,
    "Last 365 days": 365,
    "All data": 0,
    "Custom": -1,
}
COMPARISONS = ("Previous period", "Same weekdays before", "Same days last year", "No comparison")
_URL_KEYS = ("period", "dates", "compare", "channel", "device_type", "geo_country", "bots")


@dataclass(frozen=True)
class Filters:
    """The chosen sessions: days are inclusive and in the reporting time zone; `until` (UTC) cuts
    the last one.
    """

    start: date
    end: date
    until: datetime
    time_zone: ZoneInfo
    compare: str
    chosen: tuple[tuple[str, tuple[str, ...]], ...]
    bots: bool

    @property
    def days(self) -> int:
        """Number of days in the period."""
        return (self.end - self.start).days + 1

    @property
    def label(self) -> str:
        """The period as people write it: 19 Oct - 15 Nov 2026."""
        year = "" if self.start.year == self.end.year else " %Y"
        return f"{self.start:%d %b{year}} \N{EN DASH} {self.end:%d %b %Y}"

    def earlier(self) -> "Filters | None":
        """Return the period to compare with, cut at the same time of its last day; None without
        comparison.
        """
        shift = self.shift
        if not shift:
            return None
        return replace(self, start=self.start - shift, end=self.end - shift, until=self.until - shift)

    @property
    def shift(self) -> timedelta | None:
        """How far back the compared period lies."""
        if self.compare == "Previous period":
            return timedelta(days=self.days)
        if self.compare == "Same weekdays before":
            return timedelta(days=-(-self.days // 7) * 7)
        if self.compare == "Same days last year":
            return self.start - _year_before(self.start)
        return None

    def bounds(self) -> tuple[datetime, datetime]:
        """Return the first moment and the first one after the period, naive UTC as in the tables."""
        first = _midnight(self.start, self.time_zone)
        after = min(
            _midnight(self.end + timedelta(days=1), self.time_zone), self.until + timedelta(microseconds=1)
        )
        return first.replace(tzinfo=None), after.replace(tzinfo=None)

    def condition(self, moment: str = "start_time") -> tuple[str, dict[str, Any]]:
        """Return the SQL condition on analytics_sessions and its parameters; `moment` is the
        column of time.
        """
        first, after = self.bounds()
        terms = [f"{moment} >= $first and {moment} < $after"]
        parameters: dict[str, Any] = {"first": first, "after": after}
        for column, values in self.chosen:
            terms.append(f"coalesce({column}, '{NOT_SET}') = any(${column})")
            parameters[column] = list(values)
        if not self.bots:
            terms.append("not (coalesce(is_bot, false) or coalesce(is_internal, false))")
        return " and ".join(terms), parameters

    def describe(self) -> dict[str, str]:
        """Return the filters as label and value, for the header of a file."""
        described = {"Period": f"{self.start} to {self.end} ({self.time_zone.key})"}
        described |= {DIMENSIONS[column]: ", ".join(values) for column, values in self.chosen}
        return described | {"Bots and internal traffic": "included" if self.bots else "left out"}


def filter_bar(published: data.Published, bots_count: bool) -> Filters:
    """Draw the bar and return what is chosen; values of the URL that are not possible fall back,
    with a note. Where bots never count, they cannot be asked for.
    """
    asked = {key: st.query_params.get_all(key) for key in _URL_KEYS if key in st.query_params}
    options = _options(published)
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        period = st.selectbox("Period", list(PERIODS), index=1, key="period", bind="query-params", width=140)
        start, end = _dates(published, options["first"], period)
        compare = st.selectbox("Compare with", COMPARISONS, key="compare", bind="query-params", width=195)
        chosen = []
        for column, label in DIMENSIONS.items():
            values = st.multiselect(
                label, options[column], key=column, bind="query-params", width=165, placeholder="All"
            )
            if values:
                chosen.append((column, tuple(values)))
        bots = st.toggle(
            "Include bots",
            key="bots",
            bind="query-params",
            disabled=not bots_count,
            help="Bots and internal traffic are left out by default."
            if bots_count
            else "Bots and internal traffic never count here.",
        )
    note_ignored(asked)
    until = published.as_of.astimezone(UTC)
    filters = Filters(start, end, until, published.time_zone, compare, tuple(chosen), bots and bots_count)
    earlier = filters.earlier()
    note_coverage(options["first"], start, earlier and (earlier.start, earlier.end))
    return filters


def _dates(published: data.Published, first: date, period: str) -> tuple[date, date]:
    last = published.as_of.astimezone(published.time_zone).date()
    days = PERIODS[period]
    whole = max(first, _last_whole_day(published))
    if days > 0:
        return whole - timedelta(days=days - 1), whole
    if days == 0:
        return first, last
    default = (max(first, whole - timedelta(days=27)), whole)
    dates = st.date_input(
        "Days", default, first, last, key="dates", bind="query-params", format="YYYY-MM-DD", width=230
    )
    # The widget gives one date while the second is being chosen.
    return (dates[0], dates[-1]) if dates else default


def _last_whole_day(published: data.Published) -> date:
    """The latest day of which less than an hour is missing: a day just begun would look like a collapse."""
    moment = published.as_of.astimezone(published.time_zone) + timedelta(hours=1)
    return moment.date() - timedelta(days=1)


def _options(published: data.Published) -> dict[str, Any]:
    lists = ", ".join(
        f"list_sort(list(distinct coalesce({column}, '{NOT_SET}'))) as {column}" for column in DIMENSIONS
    )
    row = data.query(
        published.file,
        f"select {lists}, min(session_date) as first from analytics_sessions",
    ).iloc[0]
    return {column: list(row[column]) for column in DIMENSIONS} | {"first": row["first"].date()}


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day - timedelta(days=366)
