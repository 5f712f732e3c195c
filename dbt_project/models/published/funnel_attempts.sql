-- One row per funnel, person and day of entry: the best attempt that starts on the day.
select
    attempts.funnel,
    {{ person_id('people.pseudonym') }} as person_id,
    attempts.entered_ts as entered_at,
    attempts.entered_date,
    {{ session_id('sessions', 'devices.pseudonym') }} as session_id,
    attempts.steps_reached,
    attempts.reached_ts as reached_at,
    traffic.channel,
    sessions.device_type,
    sessions.country as geo_country
from {{ ref('int_funnel_attempts') }} as attempts
inner join {{ source('raw', 'identifiers') }} as people on attempts.person_key = people.identifier_key
left join {{ ref('int_sessions') }} as sessions on attempts.session_key = sessions.session_key
left join {{ source('raw', 'identifiers') }} as devices on sessions.device_key = devices.identifier_key
left join {{ ref('int_traffic_sources') }} as traffic on {{ same_arrival('sessions', 'traffic') }}
