-- One row per funnel, period and person: the best of the attempts that start in the period - the one that gets furthest, the
-- earliest of those; with channel, device and country of the session in which step 1 happened.
{{ config(materialized='view') }}

with ranked as (

    -- One number orders a person's attempts: steps above, the microseconds since 1970 (51 bits until 2041) taken away
    -- below. A maximum of it is many times cheaper than sorting.
    select
        attempts.funnel,
        attempts.person_key,
        attempts.entered_date,
        attempts.steps_reached,
        attempts.reached_ts,
        attempts.steps_reached * (1::bigint << 52) - epoch_us(attempts.entered_ts) as attempt_rank,
        date_trunc('week', attempts.entered_date)::date as week_start,
        date_trunc('month', attempts.entered_date)::date as month_start,
        sessions.device_type,
        sessions.country,
        traffic.channel
    from {{ ref('int_funnel_attempts') }} as attempts
    left join {{ ref('int_sessions') }} as sessions on attempts.session_key = sessions.session_key
    left join {{ ref('int_traffic_sources') }} as traffic on {{ same_arrival('sessions', 'traffic') }}

),

best as (

    -- The attempts are the days' best already.
    select
        *,
        'day' as period,
        entered_date as period_start
    from ranked
    {% for period, period_start in [('week', 'week_start'), ('month', 'month_start'), ('all', "date '1970-01-01'")] %}

    union all

    select
        candidates.*,
        '{{ period }}' as period,
        {{ period_start }} as period_start
    from ranked as candidates
    semi join (
        select
            funnel,
            person_key,
            max(attempt_rank) as attempt_rank
        from ranked
        group by funnel, person_key, {{ period_start }}
    ) as furthest
        on candidates.funnel = furthest.funnel
        and candidates.person_key = furthest.person_key
        and candidates.attempt_rank = furthest.attempt_rank
    {% endfor %}

)

select *
from best
