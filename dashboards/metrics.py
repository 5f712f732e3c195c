"""What the figures mean: name, label, formula, unit and description of each, once for every page.

Here: metrics over `analytics_sessions`, and how their values are written. Add a metric as one entry of
METRICS.
Keep out: filters and queries; a formula must hold for any selection of sessions.
"""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

NO_VALUE = "\N{EN DASH}"
NONE_BEFORE = "none before"
Unit = Literal["count", "rate", "money", "seconds", "ratio"]


@dataclass(frozen=True)
class Metric:
    """One figure: `sql` is an aggregate over rows of analytics_sessions; `good` says which direction is
    welcome.

    `heading` is the label where there is little room, as in a table.
    """

    name: str
    label: str
    heading: str
    sql: str
    unit: Unit
    good: Literal["up", "down", "neither"]
    description: str


_ALL = (
    Metric(
        "sessions",
        "Sessions",
        "Sessions",
        "count(*)",
        "count",
        "up",
        "Visits of one device with gaps of at most 30 minutes, at most 24 hours long.",
    ),
    Metric(
        "people",
        "People",
        "People",
        "count(distinct person_id)",
        "count",
        "up",
        "Distinct people: devices, user ids and e-mails that belong together count once. "
        "Cookieless sessions have no person.",
    ),
    Metric(
        "page_views",
        "Page views",
        "Page views",
        "coalesce(sum(page_views), 0)::bigint",
        "count",
        "up",
        "Pages seen, one for each page view id.",
    ),
    Metric(
        "engaged_rate",
        "Engaged rate",
        "Engaged",
        "count(*) filter (engaged_session) / nullif(count(*), 0)",
        "rate",
        "up",
        "Share of sessions with more than 10 seconds engaged, 2 or more page views, or a conversion.",
    ),
    Metric(
        "bounce_rate",
        "Bounce rate",
        "Bounced",
        "count(*) filter (bounce_session) / nullif(count(*), 0)",
        "rate",
        "down",
        "Share of sessions that were not engaged.",
    ),
    Metric(
        "conversion_rate",
        "Conversion rate",
        "Converted",
        "count(*) filter (conversion_session) / nullif(count(*), 0)",
        "rate",
        "up",
        "Share of sessions with at least one conversion.",
    ),
    Metric(
        "conversions",
        "Conversions",
        "Conversions",
        "coalesce(sum(conversions), 0)::bigint",
        "count",
        "up",
        "Conversions, one for each order; a conversion without an order counts by itself.",
    ),
    Metric(
        "revenue",
        "Revenue",
        "Revenue",
        "coalesce(sum(revenue), 0)::double",
        "money",
        "up",
        "Revenue of the sessions' conversions in the reporting currency, at each day's exchange rate.",
    ),
    Metric(
        "engaged_seconds",
        "Average engaged time",
        "Engaged time",
        "avg(engaged_seconds)::double",
        "seconds",
        "up",
        "Mean time a session was actively engaged: from pings where the source sends them, "
        "else from the gaps between events.",
    ),
    Metric(
        "duration_seconds",
        "Average duration",
        "Duration",
        "avg(duration_seconds)::double",
        "seconds",
        "up",
        "Mean time from a session's first event to its last.",
    ),
    Metric(
        "pages_per_session",
        "Pages per session",
        "Pages",
        "(sum(page_views) / nullif(count(*), 0))::double",
        "ratio",
        "up",
        "Page views divided by sessions.",
    ),
)
METRICS = {metric.name: metric for metric in _ALL}


def select_list(names: tuple[str, ...]) -> str:
    """Return the formulas of `names` as the columns of a select."""
    return ", ".join(f"{METRICS[name].sql} as {name}" for name in names)


def value_text(metric: Metric, value: float | None, currency: str) -> str:
    """Return a value as people read it: 12,345, 4.2 %, 1,234 EUR, 42 sec; a dash when there is none."""
    if value is None or pd.isna(value):
        return NO_VALUE
    if metric.unit == "rate":
        return f"{value:.1%}".replace("%", " %")
    if metric.unit == "money":
        return f"{value:,.0f} {currency}"
    if metric.unit == "seconds":
        return seconds_text(value)
    return f"{value:,.1f}" if metric.unit == "ratio" else f"{value:,.0f}"


def seconds_text(value: float | None) -> str:
    """Return a length of time in its two largest units, as tables show it: `1 min, 42 sec`, `3 hr`."""
    if value is None or pd.isna(value):
        return NO_VALUE
    seconds = int(two_units(value))
    for size, large, small, part in (
        (86400, "day", "hr", 3600),
        (3600, "hr", "min", 60),
        (60, "min", "sec", 1),
    ):
        if seconds >= size:
            whole, rest = seconds // size, seconds % size // part
            plural = "s" if large == "day" and whole > 1 else ""
            return f"{whole} {large}{plural}" + (f", {rest} {small}" if rest else "")
    return f"{seconds} sec"


def two_units(seconds: float) -> float:
    """Return seconds rounded to what the two largest units say: nobody reads the seconds of four days."""
    part = next((part for size, part in ((86400, 3600), (3600, 60)) if seconds >= size), 1)
    return round(seconds / part) * part if pd.notna(seconds) else seconds


def change_text(metric: Metric, value: float | None, before: float | None) -> str | None:
    """Return the change since `before`: percentage points for rates, else percent; NONE_BEFORE where
    that is zero or no number, None where nothing is compared.
    """
    if value is None or before is None:
        return None
    if pd.isna(value) or pd.isna(before):
        return NONE_BEFORE
    if metric.unit == "rate":
        return f"{(value - before) * 100:+.1f} pp"
    return f"{(value - before) / before * 100:+.1f} %" if before else NONE_BEFORE
