-- One row per accepted line of a web server's access log, as an event. Log lines carry no stable id, so they are cookieless.
with requests as (

    select
        *,
        lower(regexp_extract(split_part(split_part(page_url, '?', 1), '#', 1), '\.([A-Za-z0-9]{1,8})$', 1)) as extension
    from {{ source('raw', 'access_log') }}

),

assets as (

    select extension
    from {{ ref('asset_extensions') }}

)

select
    (requests.file_id::bigint << 40) + requests.line_number as event_key,
    requests.load_id,
    'access_log' as source,
    requests.event_id,
    case
        when requests.status >= 400 then 'error_occurred'
        when
            requests.method = 'GET'
            and (requests.status between 200 and 299 or requests.status = 304)
            and assets.extension is null
            then 'page_view'
        else 'server_request'
    end as event_type,
    requests.method || ' ' || requests.status as event_name,
    requests.event_ts,
    null::timestamp as received_ts,
    null::bigint as client_sequence,
    requests.device_key,
    null::bigint as user_key,
    null::bigint as address_key,
    true as is_cookieless,
    null as client_session_id,
    null as page_view_id,
    requests.page_url,
    null as page_title,
    requests.referrer_url,
    requests.user_agent_key,
    null as device_type,
    null as browser,
    null as os,
    null as screen_resolution,
    null as language,
    null as country,
    null as region,
    null as city,
    nullif(regexp_extract(requests.page_url, '[?&]utm_source=([^&#]+)', 1), '') as utm_source,
    nullif(regexp_extract(requests.page_url, '[?&]utm_medium=([^&#]+)', 1), '') as utm_medium,
    nullif(regexp_extract(requests.page_url, '[?&]utm_campaign=([^&#]+)', 1), '') as utm_campaign,
    null as utm_content,
    null as utm_term,
    null as click_id,
    null as consent,
    null::boolean as gpc,
    null::boolean as do_not_sell,
    null as order_id,
    null::decimal(18, 4) as revenue,
    null as currency,
    json_object('method', requests.method, 'status', requests.status, 'bytes', requests.bytes)::varchar as properties
from requests
left join assets on requests.extension = assets.extension
