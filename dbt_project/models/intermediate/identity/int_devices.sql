-- One row per device (or cookieless key): when it was first seen, and which user id it belongs to.
-- It belongs to its last user id, unless three or more have been seen on it, or the id is junk.
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    meta={'replaces': {'key': 'device_key', 'listed_in': 'int_devices_touched'}}
) }}
{% set touched_relation = ref('int_devices_touched') %}

with days as (

    select
        device_key,
        min(first_event_ts) as first_event_ts,
        max(last_event_ts) as last_event_ts
    from {{ ref('int_device_days') }}
    {% if is_incremental() %}
    where device_key in (select touched.device_key from {{ touched_relation }} as touched)
    {% endif %}
    group by device_key

),

users as (

    select
        device_key,
        count(*) as user_ids,
        arg_max(user_key, last_order) as last_user_key,
        arg_max(first_event_ts, last_order) as linked_ts
    from {{ ref('int_device_users') }}
    where
        user_key not in (select junk.identifier_key from {{ ref('int_junk_identifiers') }} as junk)
        {% if is_incremental() %}
        and device_key in (select touched.device_key from {{ touched_relation }} as touched)
        {% endif %}
    group by device_key

)

select
    days.device_key,
    identifiers.kind in ('cookieless') as is_cookieless,
    days.first_event_ts,
    days.last_event_ts,
    coalesce(users.user_ids, 0) as user_ids,
    coalesce(users.user_ids, 0) >= {{ var('shared_device_user_ids') }} as is_shared,
    case
        when coalesce(users.user_ids, 0) < {{ var('shared_device_user_ids') }} then users.last_user_key
    end as owner_user_key,
    case
        when coalesce(users.user_ids, 0) < {{ var('shared_device_user_ids') }} then users.linked_ts
    end as linked_ts
from days
inner join {{ source('raw', 'identifiers') }} as identifiers on days.device_key = identifiers.identifier_key
left join users on days.device_key = users.device_key
