-- One row per node - device, user id or hashed e-mail - with the person it belongs to.
-- A person is a connected component; it is named after its node with the earliest event (tie: the smaller pseudonym).
-- An incremental run writes only nodes whose person changed; a node that vanished stays with a null person.
{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='node_key') }}

with users as (

    select
        user_key,
        min(first_event_ts) as first_event_ts
    from {{ ref('int_device_users') }}
    group by user_key

),

nodes as (

    select
        devices.device_key as node_key,
        coalesce(components.component_key, devices.owner_user_key, devices.device_key) as component_key,
        devices.first_event_ts
    from {{ ref('int_devices') }} as devices
    left join {{ ref('int_user_components') }} as components on devices.owner_user_key = components.node_key
    where not devices.is_cookieless

    union all

    select
        users.user_key as node_key,
        coalesce(components.component_key, users.user_key) as component_key,
        users.first_event_ts
    from users
    left join {{ ref('int_user_components') }} as components on users.user_key = components.node_key

    union all

    -- What only the CRM knows: e-mails, and user ids that no event has carried yet.
    select
        components.node_key,
        components.component_key,
        null as first_event_ts
    from {{ ref('int_user_components') }} as components
    where components.node_key not in (select users.user_key from users)

),

roots as (

    select
        nodes.component_key,
        arg_min(
            nodes.node_key,
            {'first_event_ts': coalesce(nodes.first_event_ts, timestamp '9999-01-01'), 'pseudonym': identifiers.pseudonym}
        ) as person_key
    from nodes
    inner join {{ source('raw', 'identifiers') }} as identifiers on nodes.node_key = identifiers.identifier_key
    group by nodes.component_key

),

resolved as (

    select
        nodes.node_key,
        nodes.component_key,
        roots.person_key,
        nodes.first_event_ts
    from nodes
    inner join roots on nodes.component_key = roots.component_key

),

latest_load as (

    select coalesce(max(load_id), 0) as load_id
    from {{ source('raw', 'loads') }}

)
{% if is_incremental() %}
select
    coalesce(resolved.node_key, known.node_key) as node_key,
    resolved.component_key,
    resolved.person_key,
    resolved.first_event_ts,
    known.person_key as previous_person_key,
    latest_load.load_id as changed_load_id
from resolved
full outer join {{ this }} as known on resolved.node_key = known.node_key
cross join latest_load
where
    resolved.person_key is distinct from known.person_key
    or resolved.component_key is distinct from known.component_key
    or resolved.first_event_ts is distinct from known.first_event_ts
{% else %}
select
    resolved.node_key,
    resolved.component_key,
    resolved.person_key,
    resolved.first_event_ts,
    null::bigint as previous_person_key,
    latest_load.load_id as changed_load_id
from resolved
cross join latest_load
{% endif %}
