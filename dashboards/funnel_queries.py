"""Questions about funnels, asked of conversion_funnel and the sessions in which attempts began.

Here: people and times by step. Keep out: which events make a step (the warehouse decides).
"""

import pandas as pd

from dashboards import data
from dashboards.components.filters import NOT_SET, Filters

_STEPS = """
with steps as (
    select *,
        max(step_number) over attempt as furthest,
        lag(reached_at) over attempt as reached_before
    from conversion_funnel
    where funnel = $funnel and entered_at >= $first and entered_at < $after
    window attempt as (
        partition by person_id, entered_at order by step_number
        rows between unbounded preceding and unbounded following
    )
),
chosen as (
    select steps.*, coalesce(sessions.{column}, '{not_set}') as value, {bucket} as bucket
    from steps join analytics_sessions as sessions on steps.session_id = sessions.session_id
    where {condition}
),
best as (
    select * from chosen
    qualify entered_at = first_value(entered_at) over (partition by person_id, bucket order by furthest desc, entered_at)
)
select bucket, value, grouping(value) = 1 as is_whole, step_number, any_value(step) as step, count(*) as people,
    median(date_diff('millisecond', reached_before, reached_at)) / 1000 as median_step,
    median(date_diff('millisecond', entered_at, reached_at)) / 1000 as median_start
from best
group by grouping sets ((bucket, value, step_number), (bucket, step_number))
order by bucket, is_whole desc, value, step_number
"""


def funnels(published: data.Published) -> list[str]:
    """Return the names of the funnels that have people."""
    return data.query(published.file, "select distinct funnel from conversion_funnel order by funnel")["funnel"].tolist()


def steps(
    published: data.Published, filters: Filters, funnel: str, column: str = "channel", grain: str | None = None
) -> pd.DataFrame:
    """Return people, rates, drop-off and median seconds by step, for all (`is_whole`) and each value of `column`.

    A person counts once in the period, or once in each `bucket` with a grain, with the attempt that gets furthest,
    the earliest of those. Value and bucket are those of that attempt's first step.
    """
    condition, parameters = filters.condition("entered_at")
    parameters["funnel"] = funnel
    bucket = "cast(null as date)"
    if grain:
        bucket = "date_trunc($grain, entered_date)"
        parameters |= {"grain": grain}
    sql = _STEPS.format(column=column, not_set=NOT_SET, bucket=bucket, condition=condition)
    return _with_rates(data.query(published.file, sql, parameters))


def _with_rates(rows: pd.DataFrame) -> pd.DataFrame:
    rows["bucket"] = pd.to_datetime(rows["bucket"])
    people = rows.groupby(["bucket", "value", "is_whole"], dropna=False)["people"]
    before = people.shift()
    rows["step_rate"] = rows["people"] / before
    rows["overall_rate"] = rows["people"] / people.transform("first")
    rows["drop_off"] = before - rows["people"]
    return rows
