-- One row per node - device, user id or hashed e-mail - that belongs to a person, with the person's published id.
{{ config(materialized='view') }}

select
    identities.node_key,
    identities.person_key,
    {{ person_id('identifiers.pseudonym') }} as person_id
from {{ ref('int_identities') }} as identities
inner join {{ source('raw', 'identifiers') }} as identifiers on identities.person_key = identifiers.identifier_key
