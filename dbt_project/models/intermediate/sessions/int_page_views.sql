-- One row per page view of a session: per page_view_id, or per page_view event where the client sends none.
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    meta={'replaces': {'start': 'session_start', 'end': 'session_start'}}
) }}
{% set methods = var('engaged_time_method') %}

with events as (

    select
        events.*,
        case events.source
            {% for source_name, method in methods.items() %}
            when '{{ source_name }}' then '{{ method }}'
            {% endfor %}
            else 'gaps'
        end as engaged_time_method
    from {{ scoped(ref('int_events'), 'events', 'session_start') }}
    where events.session_key is not null

),

-- Only what opens a page view, or tells how long it was looked at, matters below.
relevant as (

    select *
    from events
    where engaged_time_method = 'gaps' or role in ('page_view', 'ping', 'scroll')

),

-- Sessions that must be walked through in order: an event without page_view_id belongs to the page viewed last.
walked_sessions as (

    select distinct session_key
    from relevant
    where engaged_time_method = 'gaps' or (page_view_id is null and role != 'page_view')

),

placed as (

    select
        *,
        coalesce(page_view_id, event_id) as view_id,
        null::timestamp as next_event_ts
    from relevant
    where session_key not in (select walked_sessions.session_key from walked_sessions)

    union all

    select
        *,
        coalesce(
            page_view_id,
            last_value(case when role = 'page_view' then coalesce(page_view_id, event_id) end ignore nulls) over in_order
        ) as view_id,
        lead(event_ts) over in_order as next_event_ts
    from relevant
    where session_key in (select walked_sessions.session_key from walked_sessions)
    window in_order as (partition by session_key order by event_ts, client_sequence, event_id)

),

views as (

    select
        session_key,
        view_id,
        any_value(session_start) as session_start,
        any_value(device_key) as device_key,
        any_value(source) as source,
        any_value(engaged_time_method) as engaged_time_method,
        min(event_ts) filter (where role = 'page_view') as viewed_ts,
        arg_min(
            {
                'event_key': event_key,
                'event_id': event_id,
                'client_sequence': client_sequence,
                'page_path': page_path,
                'event_date': event_date
            },
            {'event_ts': event_ts, 'client_sequence': client_sequence, 'event_id': event_id}
        ) filter (where role = 'page_view') as opening,
        max(event_ts) as last_event_ts,
        count(distinct epoch(event_ts)::bigint // {{ var('ping_seconds') }}) filter (where role = 'ping') as ping_buckets,
        coalesce(
            sum(least(epoch(next_event_ts - event_ts), {{ var('gap_cap_seconds') }})) filter (where next_event_ts is not null),
            0
        ) as gap_seconds,
        max(scroll_pct) as max_scroll_pct
    from placed
    where view_id is not null
    group by session_key, view_id

)

select
    session_key,
    view_id,
    device_key,
    session_start,
    source,
    engaged_time_method,
    viewed_ts,
    opening.event_key as event_key,
    opening.event_id as event_id,
    opening.client_sequence as client_sequence,
    opening.event_date as view_date,
    opening.page_path as page_path,
    greatest(epoch(last_event_ts - viewed_ts), 0)::decimal(18, 3) as seconds_on_page,
    case
        when engaged_time_method = 'gaps' then gap_seconds
        when ping_buckets > 0
            then {{ var('ping_seconds') }} * (ping_buckets - 1) + {{ var('ping_minimum_seconds') }}
        else 0
    end::decimal(18, 3) as engaged_seconds,
    case when max_scroll_pct is not null then least(greatest(max_scroll_pct, 0), 100) end as max_scroll_pct
from views
where viewed_ts is not null
