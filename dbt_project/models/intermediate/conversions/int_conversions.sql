-- One row per conversion: per order_id, or per event where there is none. A booking with the id wins over the event's figures.
with first_of_order as (

    select *
    from {{ ref('int_conversion_events') }}
    qualify
        row_number() over (
            partition by coalesce(order_id, event_id), order_id is null
            order by event_ts, client_sequence, event_id
        ) = 1

),

settled as (

    select
        events.event_key,
        events.event_id,
        events.event_ts,
        events.event_date,
        events.device_key,
        events.user_key,
        events.session_key,
        events.order_id,
        coalesce(bookings.revenue, events.revenue, 0) as revenue,
        coalesce(bookings.currency, events.currency, '{{ var("reporting_currency") }}') as currency,
        coalesce(bookings.status, 'confirmed') as status,
        coalesce(bookings.is_cancelled, false) as is_cancelled,
        bookings.completed_ts,
        bookings.service
    from first_of_order as events
    left join {{ ref('stg_trackway__bookings') }} as bookings on events.order_id = bookings.booking_id

),

rates as (

    select
        rate_date,
        base_currency,
        rate
    from {{ ref('stg_trackway__exchange_rates') }}
    where quote_currency = '{{ var("reporting_currency") }}'

)

select
    settled.*,
    '{{ var("reporting_currency") }}' as reporting_currency,
    -- Null where no rate of the last days is known: such a conversion is listed as an error, never counted at 1.0.
    case
        when settled.currency = '{{ var("reporting_currency") }}' then settled.revenue
        when settled.event_date - rates.rate_date <= {{ var('exchange_rate_days') }}
            then (settled.revenue * rates.rate)::decimal(18, 4)
    end as reporting_revenue
from settled
asof left join rates
    on settled.currency = rates.base_currency
    and settled.event_date >= rates.rate_date
