-- One row per funnel, period, breakdown value and step: people who reached it. In each period a person counts once, with the
-- best of the attempts that start in it; a breakdown value is that of the session in which step 1 happened.
{{ config(materialized='table') }}

with reached as (

    select
        funnel,
        period,
        period_start,
        device_type,
        country,
        channel,
        unnest(range(1, steps_reached + 1)) as step_number,
        unnest(
            list_transform(
                reached_ts, lambda t, i: case when i > 1 then epoch(t - reached_ts[i - 1]) end
            )
        ) as seconds_from_previous
    from {{ ref('int_funnel_period_attempts') }}

),

counted as (

    select
        funnel,
        period,
        period_start,
        case
            when grouping(channel) = 0 then 'channel'
            when grouping(device_type) = 0 then 'device_type'
            when grouping(country) = 0 then 'country'
            else 'all'
        end as dimension,
        case
            when grouping(channel) = 0 then coalesce(channel, '(not set)')
            when grouping(device_type) = 0 then coalesce(device_type, '(not set)')
            when grouping(country) = 0 then coalesce(country, '(not set)')
            else 'all'
        end as value,
        step_number::integer as step_number,
        count(*) as people,
        median(seconds_from_previous)::double as median_seconds_from_previous
    from reached
    group by grouping sets (
        (funnel, period, period_start, step_number),
        (funnel, period, period_start, step_number, channel),
        (funnel, period, period_start, step_number, device_type),
        (funnel, period, period_start, step_number, country)
    )

),

steps as (

    {{ funnel_step_names() }}

),

-- Every step of a funnel has a row wherever somebody entered it, also where nobody got that far.
grid as (

    select
        entered.funnel,
        entered.period,
        entered.period_start,
        entered.dimension,
        entered.value,
        entered.people as entered_people,
        steps.step_number,
        steps.step
    from counted as entered
    inner join steps on entered.funnel = steps.funnel
    where entered.step_number = 1

),

filled as (

    select
        grid.*,
        coalesce(counted.people, 0) as people,
        counted.median_seconds_from_previous
    from grid
    left join counted
        on grid.funnel = counted.funnel
        and grid.period = counted.period
        and grid.period_start = counted.period_start
        and grid.dimension = counted.dimension
        and grid.value = counted.value
        and grid.step_number = counted.step_number

),

compared as (

    select
        *,
        coalesce(
            lag(people) over (partition by funnel, period, period_start, dimension, value order by step_number), people
        ) as previous_people
    from filled

)

select
    funnel,
    period,
    period_start,
    dimension,
    value,
    step_number,
    step,
    people,
    case when previous_people > 0 then people / previous_people else 0 end as step_rate,
    people / entered_people as overall_rate,
    previous_people - people as drop_off,
    median_seconds_from_previous
from compared
