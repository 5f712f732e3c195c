-- One row per session of a device, or of a cookieless visitor of one day. Newest last.
select
    {{ session_id('sessions', 'devices.pseudonym') }} as session_id,
    case when sessions.person_key is not null then {{ person_id('people.pseudonym') }} end as person_id,
    devices.pseudonym as anonymous_id,
    sessions.session_start as start_time,
    sessions.session_end as end_time,
    sessions.session_date,
    sessions.duration_seconds::double as duration_seconds,
    sessions.engaged_seconds::double as engaged_seconds,
    sessions.page_views,
    sessions.events_count,
    not sessions.is_engaged as bounce_session,
    sessions.is_engaged as engaged_session,
    sessions.conversions > 0 as conversion_session,
    sessions.conversions,
    sessions.entry_page,
    sessions.exit_page,
    sessions.referrer_url,
    sessions.referrer_domain,
    sessions.channel,
    sessions.traffic_source,
    sessions.traffic_medium,
    sessions.utm_source,
    sessions.utm_medium,
    sessions.utm_campaign,
    sessions.utm_content,
    sessions.utm_term,
    sessions.device_type,
    sessions.browser,
    sessions.os,
    sessions.screen_resolution,
    sessions.country as geo_country,
    sessions.region as geo_region,
    sessions.city as geo_city,
    sessions.max_scroll_pct,
    sessions.revenue::decimal(18, 4) as revenue,
    '{{ var("reporting_currency") }}' as currency,
    sessions.session_quality_score,
    case
        when sessions.session_quality_score >= {{ var('engagement_levels').very_high }} then 'very_high'
        when sessions.session_quality_score >= {{ var('engagement_levels').high }} then 'high'
        when sessions.session_quality_score >= {{ var('engagement_levels').medium }} then 'medium'
        else 'low'
    end as engagement_level,
    sessions.intent,
    sessions.frustration_score,
    sessions.is_bot,
    sessions.is_internal,
    sessions.bot_rule,
    sessions.engaged_time_method,
    sessions.page_views = 1 as single_page_session
from {{ ref('fct_sessions') }} as sessions
inner join {{ source('raw', 'identifiers') }} as devices on sessions.device_key = devices.identifier_key
left join {{ source('raw', 'identifiers') }} as people on sessions.person_key = people.identifier_key
