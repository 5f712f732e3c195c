-- One row per session: where it begins and ends.
-- Sorted lists of times find the boundaries; a gap over 30 minutes ends a chain, and a chain longer than 24 hours is cut
-- greedily. Types that are not in_session never open or extend one.
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    meta={'replaces': {'start': 'session_start'}}
) }}
{% set client_sources = client_session_sources() %}

with recursive outside as (

    select event_type
    from {{ ref('event_types') }}
    where not in_session

),

device_times as (

    select
        events.device_key,
        list_sort(list(events.event_ts)) as times
    from {{ scoped(ref('int_events_unioned'), 'events', 'event_ts') }}
    where
        events.device_key is not null
        and not {{ is_client_session('events') }}
        and events.event_type not in (select outside.event_type from outside)
    group by events.device_key

),

chains as (

    select
        device_key,
        unnest(
            list_filter(times, lambda t, i: i = 1 or t - times[i - 1] > {{ seconds('session_gap_seconds') }})
        ) as chain_start,
        unnest(
            list_filter(times, lambda t, i: i = len(times) or times[i + 1] - t > {{ seconds('session_gap_seconds') }})
        ) as chain_end
    from device_times

),

long_chains as (

    select
        chains.*,
        device_times.times
    from chains
    inner join device_times on chains.device_key = device_times.device_key
    where chains.chain_end - chains.chain_start > {{ seconds('session_maximum_seconds') }}

),

cuts as (

    select
        *,
        chain_start as session_start
    from long_chains

    union all

    select
        device_key,
        chain_start,
        chain_end,
        times,
        list_min(
            list_filter(times, lambda t: t > session_start + {{ seconds('session_maximum_seconds') }})
        ) as session_start
    from cuts
    where chain_end > session_start + {{ seconds('session_maximum_seconds') }}

),

sessions as (

    select
        device_key,
        chain_start as session_start,
        chain_end as session_end,
        chain_start,
        chain_end
    from chains
    where chain_end - chain_start <= {{ seconds('session_maximum_seconds') }}

    union all

    select
        device_key,
        session_start,
        list_max(
            list_filter(
                times,
                lambda t: t <= chain_end and t <= session_start + {{ seconds('session_maximum_seconds') }}
            )
        ) as session_end,
        chain_start,
        chain_end
    from cuts

)

select
    -- Two sessions of a device never start within the same second, so this is unique.
    (device_key << 32) + epoch(session_start)::bigint as session_key,
    device_key,
    null::varchar as client_session_id,
    session_start,
    session_end,
    chain_start,
    chain_end
from sessions
{% if client_sources %}

union all

select
    -min(events.event_key) as session_key,
    events.device_key,
    events.client_session_id,
    min(events.event_ts) as session_start,
    max(events.event_ts) as session_end,
    session_start as chain_start,
    session_end as chain_end
from {{ scoped(ref('int_events_unioned'), 'events', 'event_ts') }}
where
    events.device_key is not null
    and {{ is_client_session('events') }}
    and events.event_type not in (select outside.event_type from outside)
group by events.device_key, events.client_session_id
{% endif %}
