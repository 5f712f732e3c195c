-- One row per accepted event: the session it belongs to and its role in the taxonomy. What is needed of few events only
-- (addresses, campaign, device, properties) stays in raw and is joined by event_key; copying it would cost more than all else.
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    meta={'replaces': {'start': 'event_ts', 'displaced_without_device': true}}
) }}
{% set client_sources = client_session_sources() %}

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
        {{ url_domain('events.referrer_url') }} as referrer_domain,
        types.role,
        types.stage,
        case when user_agents.is_bot then coalesce(user_agents.bot_name, 'unnamed') end as bot_name
    from events
    left join session_days
        on events.device_key = session_days.device_key
        and events.event_ts::date = session_days.utc_day
        and events.event_ts between session_days.session_start and session_days.session_end
        {% if client_sources %}
        and not {{ is_client_session('events') }}
    left join client_sessions
        on {{ is_client_session('events') }}
        and events.device_key = client_sessions.device_key
        and events.client_session_id = client_sessions.client_session_id
        {% endif %}
    left join {{ ref('event_types') }} as types on events.event_type = types.event_type
    left join {{ ref('int_user_agents') }} as user_agents on events.user_agent_key = user_agents.user_agent_key

),

with_referrer as (

    select
        *,
        case
            when not {{ is_domain_of('referrer_domain', var('own_domains') + var('payment_providers')) }} then referrer_domain
        end as external_referrer_domain
    from joined

)

select
    event_key,
    load_id,
    source,
    event_id,
    event_type,
    event_ts,
    {{ reporting_date('event_ts') }} as event_date,
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
    {{ url_path('page_url') }} as page_path,
    case when role = 'scroll' then {{ property_number('properties', 'scroll_pct') }} end as scroll_pct,
    external_referrer_domain,
    utm_source is not null
    or utm_medium is not null
    or utm_campaign is not null
    or click_id is not null
    or external_referrer_domain is not null as is_arrival,
    bot_name,
    order_id,
    revenue,
    currency
from with_referrer
