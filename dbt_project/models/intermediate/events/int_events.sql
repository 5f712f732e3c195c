-- One row per accepted event, with the session it belongs to, its page and its role in the taxonomy.
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    meta={'replaces': {'start': 'event_ts', 'displaced_without_device': true}}
) }}
{% set client_sources = [] %}
{% for source_name, rule in var('session_rule').items() if rule == 'client' %}
    {% do client_sources.append("'" ~ source_name ~ "'") %}
{% endfor %}

with events as (

    select events.*
    from {{ scoped(ref('int_events_unioned'), 'events', 'event_ts') }}
    {%- if is_incremental() %}

    union all

    -- Events without any device belong to nobody's scope: they only ever come new.
    select *
    from {{ ref('int_events_unioned') }}
    where device_key is null and load_id > {{ last_load_id() }}
    {%- endif %}

),

-- A session stands once per day it touches, so that the join below compares an event with one or two sessions, not all.
session_days as (

    select
        bounds.session_key,
        bounds.device_key,
        bounds.session_start,
        bounds.session_end,
        unnest(generate_series(bounds.session_start::date, bounds.session_end::date, interval 1 day))::date as utc_day
    from {{ scoped(ref('int_session_bounds'), 'bounds', 'session_start') }}
    where bounds.session_key > 0

)
{%- if client_sources %},

client_sessions as (

    select
        bounds.session_key,
        bounds.device_key,
        bounds.client_session_id,
        bounds.session_start
    from {{ scoped(ref('int_session_bounds'), 'bounds', 'session_start') }}
    where bounds.session_key < 0

)
{%- endif %},

joined as (

    select
        events.*,
        {% if client_sources %}
        coalesce(client_sessions.session_key, session_days.session_key) as session_key,
        coalesce(client_sessions.session_start, session_days.session_start) as session_start,
        {% else %}
        session_days.session_key,
        session_days.session_start,
        {% endif %}
        types.role,
        types.stage,
        user_agents.is_bot as is_bot_user_agent,
        user_agents.bot_name,
        user_agents.device_type as parsed_device_type,
        user_agents.browser as parsed_browser,
        user_agents.os as parsed_os
    from events
    left join session_days
        on events.device_key = session_days.device_key
        and events.event_ts::date = session_days.utc_day
        and events.event_ts between session_days.session_start and session_days.session_end
        {% if client_sources %}
        and not (events.source in ({{ client_sources | join(', ') }}) and events.client_session_id is not null)
    left join client_sessions
        on events.source in ({{ client_sources | join(', ') }})
        and events.device_key = client_sessions.device_key
        and events.client_session_id = client_sessions.client_session_id
        {% endif %}
    left join {{ ref('event_types') }} as types on events.event_type = types.event_type
    left join {{ ref('int_user_agents') }} as user_agents on events.user_agent_key = user_agents.user_agent_key

)

select
    event_key,
    load_id,
    source,
    event_id,
    event_type,
    event_name,
    event_ts,
    {{ reporting_date('event_ts') }} as event_date,
    received_ts,
    client_sequence,
    device_key,
    user_key,
    address_key,
    is_cookieless,
    session_key,
    session_start,
    role,
    stage,
    page_view_id,
    page_url,
    {{ url_path('page_url') }} as page_path,
    page_title,
    referrer_url,
    case
        when not {{ is_domain_of(url_domain('referrer_url'), var('own_domains') + var('payment_providers')) }}
            then {{ url_domain('referrer_url') }}
    end as external_referrer_domain,
    coalesce(device_type, parsed_device_type) as device_type,
    coalesce(browser, parsed_browser) as browser,
    coalesce(os, parsed_os) as os,
    is_bot_user_agent,
    bot_name,
    screen_resolution,
    language,
    country,
    region,
    city,
    utm_source,
    utm_medium,
    utm_campaign,
    utm_content,
    utm_term,
    click_id,
    case
        when consent is null then case when {{ var('opt_in') }} then 'refused' else 'assumed' end
        when (consent::json ->> '$.analytics')::boolean then 'granted'
        else 'refused'
    end as consent_status,
    order_id,
    revenue,
    currency,
    properties
from joined
