-- One row: 'now', the time of the latest accepted event.
{{ config(materialized='view') }}
select max(event_ts) as as_of
from {{ ref('int_events_unioned') }}
