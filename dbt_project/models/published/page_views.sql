-- One row per page view of a session.
select
    {{ session_id('sessions', 'devices.pseudonym') }} as session_id,
    md5(devices.pseudonym || '|' || sessions.first_event_id || '|' || views.view_id) as page_view_id,
    views.viewed_ts,
    views.page,
    views.page_path,
    views.page_title,
    views.seconds_on_page::double as seconds_on_page,
    views.engaged_seconds::double as engaged_seconds,
    views.max_scroll_pct,
    views.engaged_time_method
from {{ ref('fct_page_views') }} as views
inner join {{ ref('int_sessions') }} as sessions on views.session_key = sessions.session_key
inner join {{ source('raw', 'identifiers') }} as devices on sessions.device_key = devices.identifier_key
