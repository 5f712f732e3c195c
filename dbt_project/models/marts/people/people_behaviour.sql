-- One row per person with at least one session that is neither a bot's nor internal: what they did, over all their devices.
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    meta={'replaces': {'key': 'person_key', 'listed_in': 'int_people_touched'}}
) }}
{% set touched_relation = ref('int_people_touched') %}

with people as (

    select
        node_key,
        person_key
    from {{ ref('int_identities') }}
    where
        person_key is not null
        {% if is_incremental() %}
        and person_key in (select touched.person_key from {{ touched_relation }} as touched)
        {% endif %}

),

sessions as (

    select
        sessions.*,
        coalesce(user_people.person_key, device_people.person_key) as person_key
    from {{ ref('int_sessions') }} as sessions
    left join people as user_people on sessions.user_key = user_people.node_key
    left join people as device_people on sessions.device_key = device_people.node_key and sessions.user_key is null
    where
        not sessions.is_bot
        and not sessions.is_internal
        and coalesce(user_people.person_key, device_people.person_key) is not null

),

session_conversions as (

    select
        session_key,
        count(*) as conversions
    from {{ ref('int_conversions') }}
    group by session_key

),

-- Those of bots and internal traffic go with their sessions.
conversions as (

    select
        coalesce(user_people.person_key, device_people.person_key) as person_key,
        count(*) as total_bookings,
        coalesce(sum(conversions.reporting_revenue) filter (where not conversions.is_cancelled), 0) as lifetime_value,
        min(conversions.event_ts) as first_conversion_ts
    from {{ ref('int_conversions') }} as conversions
    left join people as user_people on conversions.user_key = user_people.node_key
    left join people as device_people
        on conversions.device_key = device_people.node_key
        and conversions.user_key is null
    left join {{ ref('int_sessions') }} as visits on conversions.session_key = visits.session_key
    where
        coalesce(user_people.person_key, device_people.person_key) is not null
        and not coalesce(visits.is_bot or visits.is_internal, false)
    group by all

),

spaced as (

    select
        sessions.*,
        coalesce(session_conversions.conversions, 0) as conversions,
        date_diff(
            'day',
            lag(sessions.session_date) over (partition by sessions.person_key order by sessions.session_start),
            sessions.session_date
        ) as days_since_previous
    from sessions
    left join session_conversions on sessions.session_key = session_conversions.session_key

),

totals as (

    select
        person_key,
        min(session_start) as first_seen_at,
        max(session_end) as last_seen_at,
        count(*) as total_sessions,
        sum(page_views) as total_page_views,
        sum(engaged_seconds) as total_time_spent,
        avg(duration_seconds) as avg_session_duration,
        count(*) filter (
            where engaged_seconds <= {{ var('engaged_session_seconds') }}
            and page_views < {{ var('engaged_session_page_views') }}
            and conversions = 0
        ) as bounces,
        sum(price_checks) as price_checks,
        sum(comparisons) as comparisons,
        count(*) filter (where comparisons > 0) as sessions_with_comparison,
        sum(starts) as booking_attempts,
        sum(starts) filter (where device_type = 'mobile') as mobile_booking_attempts,
        count(*) filter (where device_type = 'mobile') as mobile_sessions,
        sum(detail_views) as detailed_service_views,
        sum(spec_downloads) as specification_downloads,
        list_sort(list_distinct(list(device_type))) as device_types,
        list_sort(list_distinct(list(coalesce(referrer_domain, utm_source, '(direct)')))) as referrer_sources,
        median(days_since_previous) as days_between_visits
    from spaced
    group by person_key

)

select
    totals.person_key,
    totals.first_seen_at,
    totals.last_seen_at,
    totals.total_sessions,
    totals.total_page_views::bigint as total_page_views,
    totals.total_time_spent,
    totals.avg_session_duration,
    totals.total_page_views / totals.total_sessions as pages_per_session,
    totals.bounces / totals.total_sessions as bounce_rate,
    (totals.total_sessions - 1) / totals.total_sessions as return_visit_rate,
    totals.price_checks / totals.total_sessions as price_check_frequency,
    totals.comparisons::bigint as service_comparison_count,
    totals.booking_attempts::bigint as booking_attempts,
    coalesce(conversions.total_bookings, 0) as total_bookings,
    coalesce(conversions.total_bookings, 0) / totals.total_sessions as booking_conversion_rate,
    coalesce(conversions.lifetime_value, 0)::decimal(18, 4) as lifetime_value,
    conversions.first_conversion_ts,
    totals.device_types,
    totals.referrer_sources,
    totals.detailed_service_views::bigint as detailed_service_views,
    totals.specification_downloads::bigint as specification_downloads,
    totals.mobile_sessions / totals.total_sessions as mobile_share,
    coalesce(totals.mobile_booking_attempts, 0)::bigint as mobile_booking_attempts,
    totals.days_between_visits,
    totals.sessions_with_comparison / totals.total_sessions as comparison_rate
from totals
left join conversions on totals.person_key = conversions.person_key
