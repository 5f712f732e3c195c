-- One row per session: on what device it began and where it came from.
-- The first event, by time, client sequence and id, names the session and says on what device it was. The first one with a
-- utm, a click id or an external referrer says where it came from.
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    meta={'replaces': {'start': 'session_start'}}
) }}
{% set in_order = "{'event_ts': event_ts, 'client_sequence': client_sequence, 'event_id': event_id}" %}

with events as (

    select events.*
    from {{ scoped(ref('int_events'), 'events', 'session_start') }}
    where
        events.session_key is not null
        and (events.event_ts = events.session_start or events.is_arrival)

),

telling as (

    select
        events.session_key,
        events.session_start,
        events.event_ts = events.session_start as is_first,
        events.is_arrival,
        events.external_referrer_domain,
        user_agents.device_type as parsed_device_type,
        user_agents.browser as parsed_browser,
        user_agents.os as parsed_os,
        originals.*
    from events
    inner join {{ scoped(ref('int_events_unioned'), 'originals', 'event_ts') }}
        on events.event_key = originals.event_key
    left join {{ ref('int_user_agents') }} as user_agents on originals.user_agent_key = user_agents.user_agent_key
    left join {{ ref('event_types') }} as types on originals.event_type = types.event_type
    where
        (events.event_ts = events.session_start or events.is_arrival)
        and coalesce(types.in_session, true)

),

first_events as (

    select
        session_key,
        any_value(session_start) as session_start,
        any_value(device_key) as device_key,
        arg_min(
            {
                'event_id': event_id,
                'device_type': coalesce(device_type, parsed_device_type),
                'browser': coalesce(browser, parsed_browser),
                'os': coalesce(os, parsed_os),
                'screen_resolution': screen_resolution,
                'country': country,
                'region': region,
                'city': city
            },
            {{ in_order }}
        ) as opening
    from telling
    where is_first
    group by session_key

),

arrivals as (

    select
        session_key,
        arg_min(
            {
                'utm_source': utm_source,
                'utm_medium': utm_medium,
                'utm_campaign': utm_campaign,
                'utm_content': utm_content,
                'utm_term': utm_term,
                'click_id_kind': case when click_id is not null then {{ click_id_kind('page_url') }} end,
                'referrer_url': case when external_referrer_domain is not null then referrer_url end,
                'referrer_domain': external_referrer_domain
            },
            {{ in_order }}
        ) as arrival
    from telling
    where is_arrival
    group by session_key

)

select
    first_events.session_key,
    first_events.device_key,
    first_events.session_start,
    first_events.opening.event_id as first_event_id,
    first_events.opening.device_type as device_type,
    first_events.opening.browser as browser,
    first_events.opening.os as os,
    first_events.opening.screen_resolution as screen_resolution,
    first_events.opening.country as country,
    first_events.opening.region as region,
    first_events.opening.city as city,
    arrivals.arrival.utm_source as utm_source,
    arrivals.arrival.utm_medium as utm_medium,
    arrivals.arrival.utm_campaign as utm_campaign,
    arrivals.arrival.utm_content as utm_content,
    arrivals.arrival.utm_term as utm_term,
    arrivals.arrival.click_id_kind as click_id_kind,
    arrivals.arrival.referrer_url as referrer_url,
    arrivals.arrival.referrer_domain as referrer_domain
from first_events
left join arrivals on first_events.session_key = arrivals.session_key
