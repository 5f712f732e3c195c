-- One row per accepted event.
with session_ids as (

    select
        sessions.session_key,
        {{ session_id('sessions', 'devices.pseudonym') }} as session_id,
        traffic.channel
    from {{ ref('int_sessions') }} as sessions
    inner join {{ source('raw', 'identifiers') }} as devices on sessions.device_key = devices.identifier_key
    left join {{ ref('int_traffic_sources') }} as traffic on {{ same_arrival('sessions', 'traffic') }}

)

select
    originals.event_id as id,
    originals.event_ts as timestamp,
    originals.event_type,
    originals.event_name,
    case
        when originals.user_key is not null then user_people.person_id
        else device_people.person_id
    end as person_id,
    users.pseudonym as user_id,
    devices.pseudonym as anonymous_id,
    session_ids.session_id,
    originals.page_url,
    originals.referrer_url,
    originals.properties as event_data,
    coalesce(originals.device_type, user_agents.device_type) as device_type,
    coalesce(originals.browser, user_agents.browser) as browser,
    coalesce(originals.os, user_agents.os) as os,
    originals.country,
    originals.region,
    originals.city,
    originals.utm_source,
    originals.utm_medium,
    originals.utm_campaign,
    originals.utm_content,
    originals.utm_term,
    session_ids.channel,
    case
        when originals.consent is null then {{ "'refused'" if var('opt_in') else "'assumed'" }}
        when (originals.consent::json ->> '$.analytics')::boolean then 'granted'
        else 'refused'
    end as consent_status,
    coalesce(days.is_bot, false) as is_bot,
    originals.source,
    coalesce(originals.received_ts, originals.event_ts) as created_at,
    loads.loaded_at as processed_at
from {{ ref('int_events_unioned') }} as originals
inner join {{ ref('int_events') }} as events on originals.event_key = events.event_key
-- Left, although every event has its file: an inner join on an expression is taken to leave a few hundred rows.
left join {{ source('raw', 'loads') }} as loads on originals.event_key >> 40 = loads.file_id
left join {{ ref('int_user_agents') }} as user_agents on originals.user_agent_key = user_agents.user_agent_key
left join session_ids on events.session_key = session_ids.session_key
left join {{ ref('int_device_days') }} as days
    on originals.device_key = days.device_key
    and events.event_date = days.event_date
left join {{ source('raw', 'identifiers') }} as devices on originals.device_key = devices.identifier_key
left join {{ source('raw', 'identifiers') }} as users on originals.user_key = users.identifier_key
left join {{ ref('int_person_ids') }} as user_people on originals.user_key = user_people.node_key
left join {{ ref('int_person_ids') }} as device_people on originals.device_key = device_people.node_key
