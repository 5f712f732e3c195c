-- One row per accepted event of any source, in one shape. A new source is one more line here.
{{ config(materialized='view') }}
-- Identifiers that name nobody ('null', 'test@test.com', ...) are taken off, so that they link nothing.
with events as (

    select * from {{ ref('stg_trackway__events') }}
    union all by name
    select * from {{ ref('stg_access_log__events') }}

)

select
    * replace (
        case
            when device_key not in (select junk.identifier_key from {{ ref('int_junk_identifiers') }} as junk) then device_key
        end as device_key,
        case
            when user_key not in (select junk.identifier_key from {{ ref('int_junk_identifiers') }} as junk) then user_key
        end as user_key
    )
from events
