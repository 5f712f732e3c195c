-- One row per device and reporting day: how much it did, and whether a bot rule or an internal-traffic rule flags the day.
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    meta={'replaces': {'start': 'day_start', 'end': 'day_last'}}
) }}

with events as (

    select events.*
    from {{ scoped(ref('int_events'), 'events', 'event_ts') }}
    where events.device_key is not null

),

days as (

    select
        device_key,
        event_date,
        {{ reporting_day_start('min(event_ts)') }} as day_start,
        {{ reporting_day_start('min(event_ts)') }} + interval 23 hour as day_last,
        min(event_ts) as first_event_ts,
        max(event_ts) as last_event_ts,
        count(*) as events_count,
        count(*) filter (where role = 'page_view') as page_views,
        list_sort(list(event_ts) filter (where role = 'page_view')) as page_view_times,
        max(bot_name) as bot_name,
        max(bot_name) is not null as has_bot_user_agent,
        list_distinct(list(user_key)) as user_keys,
        list_distinct(list(address_key)) as address_keys
    from events
    group by device_key, event_date

),

internal_keys as (

    select identifiers.identifier_key
    from {{ ref('internal_traffic') }} as listed
    inner join {{ source('raw', 'identifiers') }} as identifiers on listed.pseudonym = identifiers.pseudonym

),

flagged as (

    select
        *,
        page_views > {{ var('bot_page_views_per_minute') }}
        and len(
            list_filter(
                page_view_times,
                lambda t, i: i > {{ var('bot_page_views_per_minute') }}
                and t - page_view_times[i - {{ var('bot_page_views_per_minute') }}] <= interval 60 second
            )
        ) > 0 as is_too_fast,
        events_count > {{ var('bot_events_per_day') }} as is_too_many,
        device_key in (select identifier_key from internal_keys)
        or list_has_any(user_keys, coalesce((select list(identifier_key) from internal_keys), []))
        or list_has_any(address_keys, coalesce((select list(identifier_key) from internal_keys), [])) as is_internal
    from days

)

select
    device_key,
    event_date,
    day_start,
    day_last,
    first_event_ts,
    last_event_ts,
    events_count,
    page_views,
    has_bot_user_agent or is_too_fast or is_too_many as is_bot,
    coalesce(is_internal, false) as is_internal,
    case
        when has_bot_user_agent then 'user agent: ' || bot_name
        when is_too_fast then 'over {{ var("bot_page_views_per_minute") }} page views in a minute'
        when is_too_many then 'over {{ var("bot_events_per_day") }} events in a day'
    end as bot_rule
from flagged
{%- if is_incremental() %}
-- Days that the scope only cuts into hold no new event; they stay as they are.
where exists (
    select 1
    from {{ ref('int_devices_touched') }} as touched
    where
        touched.device_key = flagged.device_key
        and flagged.day_start >= touched.scope_start
        and flagged.day_last <= touched.scope_end
)
{%- endif %}
