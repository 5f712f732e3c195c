"""Questions that several pages ask of analytics_sessions: totals over time, and by one dimension.

Here: one function a question, each one statement. Keep out: a question of a single page, and formulas
(metrics.py).
"""

from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from dashboards import data
from dashboards.components.filters import NOT_SET, Filters
from dashboards.metrics import select_list

GRAINS = {"day": 92, "week": 400, "month": 100_000}


@dataclass(frozen=True)
class Totals:
    """The metrics of a period: one row for all of it, and one a bucket (`bucket` is its first
    day), gaps included.
    """

    whole: pd.Series
    buckets: pd.DataFrame
    grain: str


def grain_for(days: int) -> str:
    """Return the bucket that keeps a line over `days` days readable."""
    return next(grain for grain, longest in GRAINS.items() if days <= longest)


def totals(published: data.Published, filters: Filters, names: tuple[str, ...], grain: str) -> Totals:
    """Return the named metrics for the whole period and for each bucket of it."""
    condition, parameters = filters.condition()
    frame = data.query(
        published.file,
        f"""
        with chosen as (
            select *, date_trunc($grain, session_date) as bucket from analytics_sessions where {condition}
        )
        select bucket, grouping(bucket) = 1 as is_whole, {select_list(names)}
        from chosen group by grouping sets ((), (bucket)) order by bucket
        """,
        parameters | {"grain": grain},
    )
    whole = frame[frame["is_whole"]].iloc[0]
    buckets = (
        frame[~frame["is_whole"]]
        .assign(bucket=lambda rows: pd.to_datetime(rows["bucket"]))
        .set_index("bucket")
    )
    return Totals(whole, buckets.reindex(_every_bucket(filters, grain))[list(names)], grain)


def by_dimension(
    published: data.Published, filters: Filters, column: str, names: tuple[str, ...], limit: int = 50
) -> pd.DataFrame:
    """Return the named metrics for each value of `column`, with its share of sessions, largest first;
    `all_values` is their number before the limit.

    `column` is one of our own column names, never text of a visitor.
    """
    condition, parameters = filters.condition()
    return data.query(
        published.file,
        f"""
        select coalesce({column}, '{NOT_SET}') as value, {select_list(names)},
            count(*) over () as all_values, count(*) / sum(count(*)) over () as share
        from analytics_sessions where {condition}
        group by value order by count(*) desc, value limit {int(limit)}
        """,
        parameters,
    )


def _every_bucket(filters: Filters, grain: str) -> pd.DatetimeIndex:
    first = filters.start
    if grain == "week":
        first -= timedelta(days=first.weekday())
    if grain == "month":
        first = first.replace(day=1)
    return pd.date_range(first, filters.end, freq={"day": "D", "week": "W-MON", "month": "MS"}[grain])
