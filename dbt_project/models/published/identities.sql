-- One row per device, and per user id that an e-mail links, with the person it belongs to and why.
with devices as (

    select
        people.person_id,
        devices.device_key,
        devices.owner_user_key as user_key,
        case
            when devices.is_shared then 'shared device: stands alone'
            when devices.owner_user_key is not null then 'log-in'
            else 'never signed in'
        end as evidence,
        coalesce(devices.linked_ts, devices.first_event_ts) as valid_from
    from {{ ref('int_devices') }} as devices
    inner join {{ ref('int_person_ids') }} as people on devices.device_key = people.node_key

),

users as (

    select
        people.person_id,
        null::bigint as device_key,
        emails.user_key,
        'e-mail' as evidence,
        null::timestamp as valid_from
    from {{ ref('int_user_emails') }} as emails
    inner join {{ ref('int_person_ids') }} as people on emails.user_key = people.node_key

),

links as (

    select * from devices
    union all
    select * from users

)

select
    device_identifiers.pseudonym as anonymous_id,
    user_identifiers.pseudonym as user_id,
    links.person_id,
    'deterministic' as method,
    1.0::double as confidence,
    links.evidence,
    links.valid_from
from links
left join {{ source('raw', 'identifiers') }} as device_identifiers on links.device_key = device_identifiers.identifier_key
left join {{ source('raw', 'identifiers') }} as user_identifiers on links.user_key = user_identifiers.identifier_key
