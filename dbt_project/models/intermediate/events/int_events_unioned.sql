-- One row per accepted event of any source, in one shape. A new source is one more line here.
{{ config(materialized='view') }}
-- Identifiers that name nobody ('null', 'test@test.com', ...) are taken off, so that they link nothing.
with events as (

    select * from {{ ref('stg_trackway__events') }}
    union all by name
    select * from {{ ref('stg_access_log__events') }}

)

select
    events.* replace (
        case when junk_devices.identifier_key is null then events.device_key end as device_key,
        case when junk_users.identifier_key is null then events.user_key end as user_key
    )
from events
left join {{ ref('int_junk_identifiers') }} as junk_devices on events.device_key = junk_devices.identifier_key
left join {{ ref('int_junk_identifiers') }} as junk_users on events.user_key = junk_users.identifier_key
