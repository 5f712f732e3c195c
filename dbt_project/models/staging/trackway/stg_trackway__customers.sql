-- One row per user id and e-mail of the CRM, both as keys.
select
    user_key,
    email_key,
    min(signup_ts) as signup_ts,
    arg_max(country, signup_ts) as country,
    arg_max(loyalty_tier, signup_ts) as loyalty_tier
from {{ source('raw', 'customers') }}
where user_key is not null
group by user_key, email_key
