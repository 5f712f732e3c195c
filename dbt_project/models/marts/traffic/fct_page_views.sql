-- One row per page view of a session.
select
    views.session_key,
    views.event_key,
    views.device_key,
    views.view_id,
    views.viewed_ts,
    views.view_date,
    pages.page,
    views.page_path,
    originals.page_title,
    views.seconds_on_page,
    views.engaged_seconds,
    views.max_scroll_pct,
    views.engaged_time_method
from {{ ref('int_page_views') }} as views
left join {{ ref('int_pages') }} as pages on views.page_path = pages.page_path
inner join {{ ref('int_events_unioned') }} as originals on views.event_key = originals.event_key
