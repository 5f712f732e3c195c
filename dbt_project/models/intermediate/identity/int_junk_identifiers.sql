-- One row per identifier that names nobody ('null', 'test@test.com', ...). The loader compares the originals with the seed.
select
    identifier_key,
    kind
from {{ source('raw', 'identifiers') }}
where is_junk
