-- One row per consent record of a banner, a preference centre or an API.
select
    (file_id::bigint << 40) + line_number as consent_key,
    load_id,
    device_key,
    user_key,
    ts as recorded_ts,
    version as consent_version,
    method as consent_method,
    preferences
from {{ source('raw', 'consent_records') }}
