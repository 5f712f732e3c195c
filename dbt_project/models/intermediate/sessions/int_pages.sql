-- One row per distinct path: the page it is, with ids replaced by the first page group that matches.
{{ config(materialized='incremental', incremental_strategy='append') }}

with paths as (

    select distinct views.page_path
    from {{ scoped(ref('int_page_views'), 'views', 'session_start') }}
    where
        views.page_path is not null
        {% if is_incremental() %}
        and views.page_path not in (select known.page_path from {{ this }} as known)
        {% endif %}

)

select
    paths.page_path,
    coalesce(arg_min(page_groups.page_group, page_groups.priority), paths.page_path) as page
from paths
left join {{ ref('page_groups') }} as page_groups on regexp_matches(paths.page_path, page_groups.pattern)
group by paths.page_path
