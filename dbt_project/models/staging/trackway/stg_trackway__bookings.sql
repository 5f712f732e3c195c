-- One row per booking: its latest known state. A completion or cancellation wins over what was booked.
select
    booking_id,
    user_key,
    device_key,
    booked_ts,
    service,
    route,
    revenue,
    commission,
    currency,
    provider,
    lower(status) as status,
    lower(status) in ('cancelled', 'canceled', 'refunded') as is_cancelled,
    completed_ts,
    cancelled_ts
from {{ source('raw', 'bookings') }}
qualify
    row_number() over (
        partition by booking_id
        order by
            is_cancelled desc,
            completed_ts desc nulls last,
            booked_ts desc,
            status desc,
            revenue desc,
            currency desc,
            service desc,
            file_id desc,
            line_number desc
    ) = 1
