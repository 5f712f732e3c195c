-- One row per session: what happened in it, where it came from and who was signed in last.
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    meta={'replaces': {'start': 'session_start'}}
) }}
{% set in_order = "{'event_ts': event_ts, 'client_sequence': client_sequence, 'event_id': event_id}" %}
{% set views_in_order = "{'viewed_ts': viewed_ts, 'client_sequence': client_sequence, 'event_id': event_id}" %}

with bounds as (

    select bounds.*
    from {{ scoped(ref('int_session_bounds'), 'bounds', 'session_start') }}

),

events as (

    select events.*
    from {{ scoped(ref('int_events'), 'events', 'session_start') }}
    where events.session_key is not null

),

totals as (

    select
        session_key,
        any_value(source) as source,
        max(load_id) as load_id,
        count(*) as events_count,
        count(*) filter (where role = 'start') as starts,
        count(*) filter (where role = 'price_check') as price_checks,
        count(*) filter (where role = 'comparison') as comparisons,
        count(*) filter (where role = 'detail_view') as detail_views,
        count(*) filter (where role = 'spec_download') as spec_downloads,
        count(*) filter (where role = 'search') as searches,
        count(*) filter (where role = 'contact') as contacts,
        count(*) filter (where role in ('rage_click', 'error', 'form_abandon', 'exit_intent')) as friction_events,
        count(*) filter (where stage in ('interest', 'consideration', 'decision')) as business_events
    from events
    group by session_key

),

signed_in as (

    select
        session_key,
        arg_max(user_key, {{ in_order }}) as user_key
    from events
    where user_key is not null
    group by session_key

),

views as (

    select
        views.session_key,
        count(*) as page_views,
        sum(views.engaged_seconds) as engaged_seconds,
        max(views.max_scroll_pct) as max_scroll_pct,
        any_value(views.engaged_time_method) as engaged_time_method,
        count(distinct views.page_path) as pages,
        arg_min(views.page_path, {{ views_in_order }}) as entry_path,
        arg_max(views.page_path, {{ views_in_order }}) as exit_path
    from {{ scoped(ref('int_page_views'), 'views', 'session_start') }}
    group by views.session_key

),

flags as (

    select
        bounds.session_key,
        bool_or(days.is_bot) as is_bot,
        bool_or(days.is_internal) as is_internal,
        min(days.bot_rule) as bot_rule
    from bounds
    inner join {{ ref('int_device_days') }} as days
        on bounds.device_key = days.device_key
        and days.event_date between {{ reporting_date('bounds.session_start') }} and {{ reporting_date('bounds.session_end') }}
    group by bounds.session_key

)

select
    bounds.session_key,
    bounds.device_key,
    signed_in.user_key,
    totals.source,
    openings.first_event_id,
    bounds.client_session_id,
    bounds.session_start,
    bounds.session_end,
    {{ reporting_date('bounds.session_start') }} as session_date,
    epoch(bounds.session_end - bounds.session_start)::decimal(18, 3) as duration_seconds,
    coalesce(views.engaged_seconds, 0) as engaged_seconds,
    coalesce(views.page_views, 0) as page_views,
    coalesce(views.pages, 0) as pages,
    views.max_scroll_pct,
    views.engaged_time_method,
    views.entry_path,
    views.exit_path,
    totals.* exclude (session_key, source, load_id),
    openings.* exclude (session_key, device_key, session_start, first_event_id),
    coalesce(flags.is_bot, false) as is_bot,
    coalesce(flags.is_internal, false) as is_internal,
    flags.bot_rule,
    totals.load_id
from bounds
inner join totals on bounds.session_key = totals.session_key
inner join {{ ref('int_session_openings') }} as openings on bounds.session_key = openings.session_key
left join signed_in on bounds.session_key = signed_in.session_key
left join views on bounds.session_key = views.session_key
left join flags on bounds.session_key = flags.session_key
