-- One row per valid edge between a user id and a hashed e-mail: neither is junk, and at most 10 user ids have the e-mail.
with edges as (

    select distinct
        customers.user_key,
        customers.email_key
    from {{ ref('stg_trackway__customers') }} as customers
    where
        customers.email_key is not null
        and customers.user_key not in (select junk.identifier_key from {{ ref('int_junk_identifiers') }} as junk)
        and customers.email_key not in (select junk.identifier_key from {{ ref('int_junk_identifiers') }} as junk)

)

select
    user_key,
    email_key
from edges
qualify count(*) over (partition by email_key) <= {{ var('shared_email_user_ids') }}
