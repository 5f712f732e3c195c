-- One row per funnel, period, breakdown value and step.
select
    funnel,
    period,
    period_start,
    dimension,
    value,
    step_number,
    step,
    people,
    step_rate,
    overall_rate,
    drop_off,
    median_seconds_from_previous
from {{ ref('met_funnel_steps') }}
