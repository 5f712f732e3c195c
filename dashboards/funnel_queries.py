"""Questions about funnels, asked of conversion_funnel and the sessions in which attempts began.

Here: people and times by step, and the overall rate over time. Keep out: which events make a step, and which
people are bots: the warehouse decides both, so that these figures equal those of funnel_summary.
"""

from dataclasses import replace

import pandas as pd

from dashboards import data
from dashboards.components.filters import NOT_SET, Filters

# A person counts once, with the attempt that gets furthest, the earliest of those. One number holds both:
# steps above, microseconds since 1970 (51 bits until 2041) taken away below; a maximum is much cheaper
# than a sort.
_RANK = "furthest * (1::bigint << 52) - epoch_us(entered_at)"

_ATTEMPTS = """
attempts as (
    select person_id, entered_at, any_value(entered_date) as entered_date,
        any_value(session_id) as session_id,
        max(step_number)::bigint as furthest
    from conversion_funnel where funnel = $funnel and entered_at >= $first and entered_at < $after
    group by person_id, entered_at
),
chosen as (select attempts.*, {value} as value from attempts {sessions} where {condition})
"""

_STEPS = """
with {attempts},
best as (
    select person_id, max_by(entered_at, {rank}) as entered_at, max_by(value, {rank}) as value
    from chosen group by person_id
),
steps as (
    select best.value, steps.*,
        lag(reached_at) over (partition by person_id order by step_number) as reached_before
    from best join conversion_funnel as steps using (person_id, entered_at)
    where steps.funnel = $funnel
)
select value, grouping(value) = 1 as is_whole, step_number, count(*) as people,
    median(date_diff('millisecond', reached_before, reached_at)) / 1000 as median_step,
    median(date_diff('millisecond', entered_at, reached_at)) / 1000 as median_start
from steps group by grouping sets ((value, step_number), (step_number))
order by is_whole desc, value, step_number
"""

_COMPLETION = """
with {attempts},
best as (
    select date_trunc($grain, entered_date) as bucket, person_id, max(furthest) as furthest
    from chosen group by bucket, person_id
)
select bucket as day, count(*) as entered, count(*) filter (furthest >= $steps) / count(*) as overall_rate
from best group by day order by day
"""


def funnels(published: data.Published) -> dict[str, list[str]]:
    """Return the funnels that have people, with the names of their steps in order."""
    rows = data.query(
        published.file,
        """
        select funnel, step_number, any_value(step) as step from funnel_summary
        group by funnel, step_number order by funnel, step_number
        """,
    )
    return rows.groupby("funnel")["step"].apply(list).to_dict()


def steps(
    published: data.Published, filters: Filters, funnel: str, names: list[str], column: str
) -> pd.DataFrame:
    """Return people, rates, drop-off and median seconds by step, for all (`is_whole`) and each value of
    `column`.

    A person counts once in the period, under the value of the session in which that attempt began. Steps that
    nobody reached have 0 people. Empty when nobody entered.
    """
    attempts, parameters = _attempts(filters, funnel, f"coalesce(sessions.{column}, '{NOT_SET}')")
    reached = data.query(published.file, _STEPS.format(attempts=attempts, rank=_RANK), parameters)
    every_step = pd.DataFrame({"step_number": range(1, len(names) + 1), "step": names})
    grid = reached[["is_whole", "value"]].drop_duplicates().merge(every_step, how="cross")
    rows = grid.merge(reached, how="left", on=["is_whole", "value", "step_number"])
    rows["people"] = rows["people"].fillna(0).astype("int64")
    people = rows.groupby(["is_whole", "value"], dropna=False)["people"]
    before = people.shift()
    rows["step_rate"] = rows["people"] / before
    rows["overall_rate"] = rows["people"] / people.transform("first")
    rows["drop_off"] = before - rows["people"]
    return rows


def completion(
    published: data.Published, filters: Filters, funnel: str, last_step: int, grain: str
) -> pd.DataFrame:
    """Return people who entered and the share that reached `last_step`, by day, week or month (`day`).

    A person counts once in each of them.
    """
    attempts, parameters = _attempts(filters, funnel, "null" if not filters.chosen else "channel")
    sql = _COMPLETION.format(attempts=attempts)
    rows = data.query(published.file, sql, parameters | {"steps": last_step, "grain": grain})
    return rows.assign(day=pd.to_datetime(rows["day"]))


def _attempts(filters: Filters, funnel: str, value: str) -> tuple[str, dict]:
    condition, parameters = replace(filters, bots=True).condition("entered_at")
    sessions = "" if value == "null" else "left join analytics_sessions as sessions using (session_id)"
    sql = _ATTEMPTS.format(value=value, sessions=sessions, condition=condition)
    return sql, parameters | {"funnel": funnel}
