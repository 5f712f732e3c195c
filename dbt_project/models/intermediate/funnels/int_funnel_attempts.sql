-- One row per funnel, person and day of entry: the best attempt that starts on the day - the one that gets furthest, the
-- earliest of those. Longer periods choose among the days' best. Bots, internal traffic and cookieless events are left out.
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    meta={'replaces': {'key': 'person_key', 'listed_in': 'int_people_touched'}}
) }}
{% set touched_relation = ref('int_people_touched') %}

with people as (

    select
        node_key,
        person_key
    from {{ ref('int_identities') }}
    where
        person_key is not null
        {% if is_incremental() %}
        and person_key in (select touched.person_key from {{ touched_relation }} as touched)
        {% endif %}

),

events as (

    select
        events.*,
        coalesce(user_people.person_key, device_people.person_key) as person_key
    from {{ ref('int_funnel_events') }} as events
    left join people as user_people on events.user_key = user_people.node_key
    left join people as device_people on events.device_key = device_people.node_key and events.user_key is null
    inner join {{ ref('int_device_days') }} as days
        on events.device_key = days.device_key
        and events.event_date = days.event_date
        and not days.is_bot
        and not days.is_internal

),

-- noqa: disable=ST03
-- Events of a person in order: time, the client's sequence, id. An event that matches two steps has one position.
matches as (

    select
        *,
        rank() over (
            partition by funnel, person_key
            order by event_ts, client_sequence, event_id
        ) as position
    from events
    where person_key is not null

),

attempts as (

    {% for funnel in var('funnels') %}
    select * from {{ ordered_attempts(funnel, 'matches') }}
    {{ 'union all' if not loop.last }}
    {% else %}
    select
        null::varchar as funnel,
        null::bigint as person_key,
        null::timestamp as entered_ts,
        null::date as entered_date,
        null::bigint as device_key,
        null::bigint as session_key,
        null::bigint as entered_position,
        null::bigint as position,
        null::integer as steps_reached,
        null::timestamp[] as reached_ts,
        null::bigint[] as reached_session_keys
    where false
    {% endfor %}

)

select
    funnel,
    person_key,
    entered_date,
    entered_ts,
    device_key,
    session_key,
    steps_reached,
    reached_ts,
    reached_session_keys
from attempts
qualify
    row_number() over (
        partition by funnel, person_key, entered_date
        order by steps_reached desc, entered_position
    ) = 1
