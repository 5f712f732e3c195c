-- One row per event whose type has the conversion role, wherever it happened.
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    meta={'replaces': {'start': 'event_ts'}}
) }}

select
    events.event_key,
    events.event_id,
    events.event_ts,
    events.event_date,
    events.client_sequence,
    events.device_key,
    events.user_key,
    events.session_key,
    events.order_id,
    events.revenue,
    events.currency
from {{ scoped(ref('int_events'), 'events', 'event_ts') }}
where
    events.role = 'conversion'
    and events.device_key is not null
