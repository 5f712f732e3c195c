-- One row per device and user id seen on it: when first, and when last in order.
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    meta={'replaces': {'key': 'device_key', 'listed_in': 'int_devices_touched'}}
) }}
{% set touched_relation = ref('int_devices_touched') %}

select
    device_key,
    user_key,
    min(event_ts) as first_event_ts,
    max({'event_ts': event_ts, 'client_sequence': client_sequence, 'event_id': event_id}) as last_order,
    count(*) as events_count
from {{ ref('int_events') }}
where
    user_key is not null
    and device_key is not null
    {% if is_incremental() %}
    and device_key in (select touched.device_key from {{ touched_relation }} as touched)
    {% endif %}
group by device_key, user_key
