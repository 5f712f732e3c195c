-- One row per day and pair of currencies. Where a pair was delivered twice for a day, the later delivery counts.
select
    rate_date,
    base_currency,
    quote_currency,
    rate
from {{ source('raw', 'exchange_rates') }}
qualify
    row_number() over (
        partition by rate_date, base_currency, quote_currency
        order by load_id desc, file_id desc, line_number desc
    ) = 1
