-- One row per funnel, person, day of entry and step reached by the day's best attempt.
with steps as (

    select
        attempts.funnel,
        attempts.person_key,
        attempts.session_key as entry_session_key,
        attempts.entered_ts,
        attempts.entered_date,
        unnest(range(1, attempts.steps_reached + 1))::integer as step_number,
        unnest(attempts.reached_ts) as reached_ts
    from {{ ref('int_funnel_attempts') }} as attempts

),

names as (

    {{ funnel_step_names() }}

)

select
    steps.funnel,
    {{ person_id('people.pseudonym') }} as person_id,
    {{ session_id('sessions', 'devices.pseudonym') }} as session_id,
    steps.entered_ts as entered_at,
    steps.entered_date,
    steps.step_number,
    names.step,
    steps.reached_ts as reached_at
from steps
inner join names on steps.funnel = names.funnel and steps.step_number = names.step_number
inner join {{ source('raw', 'identifiers') }} as people on steps.person_key = people.identifier_key
left join {{ ref('int_sessions') }} as sessions on steps.entry_session_key = sessions.session_key
left join {{ source('raw', 'identifiers') }} as devices on sessions.device_key = devices.identifier_key
