-- One row per session of a device or cookieless key, with its channel, its person, its conversions and its scores.
{% set weights = var('quality_weights') %}

with conversions as (

    select
        session_key,
        count(*) as conversions,
        sum(reporting_revenue) as revenue
    from {{ ref('int_conversions') }}
    where session_key is not null
    group by session_key

),

joined as (

    select
        sessions.*,
        case
            when sessions.user_key is not null then user_people.person_key
            else device_people.person_key
        end as person_key,
        traffic.source as traffic_source,
        traffic.medium as traffic_medium,
        traffic.channel,
        entry_pages.page as entry_page,
        exit_pages.page as exit_page,
        coalesce(conversions.conversions, 0) as conversions,
        coalesce(conversions.revenue, 0) as revenue
    from {{ ref('int_sessions') }} as sessions
    left join {{ ref('int_traffic_sources') }} as traffic
        on {{ same_arrival('sessions', 'traffic') }}
    left join {{ ref('int_pages') }} as entry_pages on sessions.entry_path = entry_pages.page_path
    left join {{ ref('int_pages') }} as exit_pages on sessions.exit_path = exit_pages.page_path
    left join {{ ref('int_identities') }} as user_people on sessions.user_key = user_people.node_key
    left join {{ ref('int_identities') }} as device_people on sessions.device_key = device_people.node_key
    left join conversions on sessions.session_key = conversions.session_key

),

engaged as (

    select
        *,
        engaged_seconds > {{ var('engaged_session_seconds') }}
        or page_views >= {{ var('engaged_session_page_views') }}
        or conversions > 0 as is_engaged,
        least(friction_events * {{ weights.friction.points }}, {{ weights.friction.most }}) as frustration_points,
        least(engaged_seconds / 60.0 * {{ weights.engaged_minutes.points }}, {{ weights.engaged_minutes.most }})
        + least(page_views * {{ weights.page_views.points }}, {{ weights.page_views.most }})
        + least(coalesce(max_scroll_pct, 0) * {{ weights.scroll.points }}, {{ weights.scroll.most }})
        + least(business_events * {{ weights.business_events.points }}, {{ weights.business_events.most }}) as merit_points
    from joined

)

select
    *,
    round(greatest(least(merit_points - frustration_points, 100), 0), 1)::double as session_quality_score,
    round(100.0 * frustration_points / {{ weights.friction.most }}, 1)::double as frustration_score,
    case
        when conversions > 0 or starts > 0 then 'buying'
        when comparisons > 0 then 'comparing'
        when price_checks + detail_views + spec_downloads > 0 then 'researching'
        when contacts > 0 then 'support'
        else 'browsing'
    end as intent
from engaged
