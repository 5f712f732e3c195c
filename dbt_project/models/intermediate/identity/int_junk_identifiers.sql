-- One row per identifier that names nobody ('null', 'test@test.com', ...). The loader compares the originals with the seed.
select distinct identifier_key
from {{ source('raw', 'junk_identifiers') }}
