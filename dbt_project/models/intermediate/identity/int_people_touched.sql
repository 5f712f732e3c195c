-- One row per person whose sessions, conversions or identity may have changed since the last build. Empty in a full build.
{% set since = oldest_load_id() %}

with touched_nodes as (

    select device_key as node_key
    from {{ ref('int_devices_touched') }}

    union all

    select users.user_key as node_key
    from {{ ref('int_device_users') }} as users
    inner join {{ ref('int_devices_touched') }} as touched on users.device_key = touched.device_key

    union all

    select displaced.user_key as node_key
    from {{ source('raw', 'displaced_events') }} as displaced
    where displaced.load_id > {{ since }}

    union all

    select unnest([conversions.device_key, conversions.user_key]) as node_key
    from {{ ref('int_conversions') }} as conversions
    where
        conversions.order_id in (
            select bookings.booking_id
            from {{ source('raw', 'bookings') }} as bookings
            where bookings.load_id > {{ since }}
        )
        or exists (
            select 1
            from {{ source('raw', 'exchange_rates') }} as rates
            where
                rates.load_id > {{ since }}
                and rates.base_currency = conversions.currency
                and conversions.event_date - rates.rate_date between 0 and {{ var('exchange_rate_days') }}
        )

    union all

    -- An order counts once, for whoever has its first event: a new first event takes it from somebody,
    select unnest([orders.device_key, orders.user_key]) as node_key
    from {{ ref('int_conversion_events') }} as orders
    where
        orders.order_id in (
            select arrived.order_id
            from {{ ref('int_conversion_events') }} as arrived
            inner join {{ ref('int_devices_touched') }} as touched on arrived.device_key = touched.device_key
        )
        -- and a first event that was displaced leaves it to a later one.
        or orders.order_id is not null and orders.event_ts >= (
            select min(displaced.event_ts)
            from {{ source('raw', 'displaced_events') }} as displaced
            where displaced.load_id > {{ since }}
        )

)

select distinct unnest([identities.person_key, identities.previous_person_key]) as person_key
from {{ ref('int_identities') }} as identities
where
    {{ since }} > 0
    and (
        identities.changed_load_id > {{ since }}
        or identities.node_key in (select touched_nodes.node_key from touched_nodes)
    )
