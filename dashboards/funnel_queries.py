"""Questions about funnels, asked of funnel_attempts.

Here: people and times by step, and the overall rate over time. Keep out: which events make a step, and which
people are bots: the warehouse decides both, so that these figures equal those of funnel_summary.
"""

from dataclasses import replace

import pandas as pd

from dashboards import data
from dashboards.components.filters import NOT_SET, Filters

# A person counts once, with the attempt that gets furthest, the earliest of those. One number holds both:
# steps above, microseconds since 1970 (52 bits until 2112) taken away below; a maximum is much cheaper than
# a sort.
_RANK = "steps_reached * (1::bigint << 52) - epoch_us(entered_at)"

_STEPS = f"""
with chosen as (
    select person_id, reached_at, {{value}} as value, {_RANK} as rank
    from funnel_attempts where funnel = $funnel and {{condition}}
),
best as (
    select arg_max(value, rank) as value, arg_max(reached_at, rank) as reached_at
    from chosen group by person_id
),
numbered as (select value, reached_at, unnest(range(1, len(reached_at) + 1)) as step_number from best),
steps as (
    select value, step_number,
        epoch(reached_at[step_number] - reached_at[step_number - 1]) as since_step,
        epoch(reached_at[step_number] - reached_at[1]) as since_start
    from numbered
)
select value, grouping(value) = 1 as is_whole, step_number, count(*) as people,
    median(since_step) as median_step, median(since_start) as median_start
from steps group by grouping sets ((value, step_number), (step_number))
order by is_whole desc, value, step_number
"""

_COMPLETION = """
with best as (
    select date_trunc($grain, entered_date) as bucket, person_id, max(steps_reached) as furthest
    from funnel_attempts where funnel = $funnel and {condition}
    group by bucket, person_id
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
    condition, parameters = _condition(filters, funnel)
    sql = _STEPS.format(value=f"coalesce({column}, '{NOT_SET}')", condition=condition)
    reached = data.query(published.file, sql, parameters)
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
    condition, parameters = _condition(filters, funnel)
    sql = _COMPLETION.format(condition=condition)
    rows = data.query(published.file, sql, parameters | {"steps": last_step, "grain": grain})
    return rows.assign(day=pd.to_datetime(rows["day"]))


def _condition(filters: Filters, funnel: str) -> tuple[str, dict]:
    # The table has neither bots nor a column that tells them.
    condition, parameters = replace(filters, bots=True).condition("entered_at")
    return condition, parameters | {"funnel": funnel}
