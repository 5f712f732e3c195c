-- One row per device with new or displaced events since the last build: the span of time that they can change.
-- The span covers whole reporting days (bot rules count by day) and whole chains of events with gaps of 30 minutes at most
-- (a session never crosses a chain), so that everything outside of it stays as it is. Empty in a full build.
{% set bounds = adapter.get_relation(this.database, this.schema, 'int_session_bounds') if execute else none %}
{% set client_sources = client_session_sources() %}

with new_events as (

    select
        events.device_key,
        events.event_ts,
        {{ is_client_session('events') }} as is_client_session
    from {{ ref('int_events_unioned') }} as events
    where
        events.load_id > {{ oldest_load_id() }}
        and events.device_key is not null
        and {{ 'false' if flags.FULL_REFRESH or bounds is none else 'true' }}

    union all

    select
        device_key,
        event_ts,
        {{ 'true' if client_sources else 'false' }} as is_client_session
    from {{ source('raw', 'displaced_events') }}
    where
        load_id > {{ oldest_load_id() }}
        and device_key is not null
        and {{ 'false' if flags.FULL_REFRESH or bounds is none else 'true' }}

),

spans as (

    select
        device_key,
        bool_or(is_client_session) as is_client_session,
        least(
            min(event_ts) - {{ seconds('session_gap_seconds') }}, {{ reporting_day_start('min(event_ts)') }}
        ) as span_start,
        greatest(
            max(event_ts) + {{ seconds('session_gap_seconds') }},
            {{ reporting_day_start('max(event_ts)') }} + interval 25 hour
        ) as span_end
    from new_events
    group by device_key

)

select
    spans.device_key,
    {% if bounds is none %}
    spans.span_start as scope_start,
    spans.span_end as scope_end
    {% else %}
    -- Sessions of a client's own ids may overlap each other, so the whole device is one scope.
    case
        when any_value(spans.is_client_session) then timestamp '1970-01-01'
        else least(any_value(spans.span_start), min(chains.chain_start))
    end as scope_start,
    case
        when any_value(spans.is_client_session) then timestamp '2200-01-01'
        else greatest(any_value(spans.span_end), max(chains.chain_end))
    end as scope_end
    {% endif %}
from spans
{% if bounds is not none %}
-- Named as a relation, not by ref: it is the state before this run, and the model itself comes after this one.
left join {{ bounds }} as chains
    on spans.device_key = chains.device_key
    and chains.chain_end >= spans.span_start
    and chains.chain_start <= spans.span_end
group by spans.device_key
{% endif %}
