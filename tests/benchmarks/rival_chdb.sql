-- Sessions, page views, people, profiles and the funnel, as ClickHouse says them best: window functions for the
-- boundaries, windowFunnel for the steps. No statement is timed apart.
create table placed engine = MergeTree order by tuple() as
select event_id, event_type, role, event_ts, client_sequence, device_key, user_key, page_view_id, page_path,
    scroll_pct, referrer_domain, is_arrival, device_type, browser, os, country, region, city, utm_source,
    utm_medium, utm_campaign, order_id, revenue,
    max(opening) over (partition by device_key order by event_ts rows unbounded preceding) as session_start
from (
    select events.*, types.role, if((trimRight(lower(path(page_url)), '/') as trimmed) = '' and page_url != '', '/', trimmed) as page_path,
        if(role = 'scroll', JSONExtractFloat(properties, 'scroll_pct'), 0) as scroll_pct,
        domainWithoutWWW(referrer_url) as referrer,
        if(referrer = 'repair.example', '', referrer) as referrer_domain,
        utm_source != '' or utm_medium != '' or utm_campaign != '' or click_id != '' or referrer_domain != ''
            as is_arrival,
        lagInFrame(event_ts) over (
            partition by device_key order by event_ts rows between unbounded preceding and current row
        ) as previous_ts,
        if(previous_ts + interval 30 minute < event_ts, event_ts, toDateTime64(0, 6, 'UTC')) as opening
    from events any left join types using (event_type)
    where device_key != 0 and in_session
);

create table days engine = MergeTree order by tuple() as
select device_key, event_date, max(is_fast) or max(is_bot) or count() > 2000 as is_bot
from (
    select device_key, toDate(event_ts, 'Europe/Berlin') as event_date, agents.is_bot,
        role = 'page_view' and lagInFrame(event_ts, 60) over (
            partition by device_key, event_date, role = 'page_view' order by event_ts
            rows between 60 preceding and current row
        ) >= event_ts - interval 60 second as is_fast
    from events any left join types using (event_type) any left join agents using (user_agent_key)
    where device_key != 0
)
group by device_key, event_date;

create table page_views engine = MergeTree order by tuple() as
select device_key, session_start, if(page_view_id = '', event_id, page_view_id) as view_id,
    minIf(event_ts, role = 'page_view') as viewed_ts,
    argMinIf(page_path, (event_ts, client_sequence, event_id), role = 'page_view') as opened_path,
    greatest(uniqExactIf(intDiv(toUnixTimestamp64Milli(event_ts), 10000), role = 'ping') * 10 - 5, 0)
        as engaged_seconds,
    dateDiff('millisecond', viewed_ts, max(event_ts)) as milliseconds_on_page, max(scroll_pct) as max_scroll_pct
from placed where role in ('page_view', 'ping', 'scroll')
group by device_key, session_start, view_id having countIf(role = 'page_view') > 0;

create table sessions engine = MergeTree order by tuple() as
select totals.device_key as device_key, totals.session_start as session_start,
    totals.* except (device_key, session_start), views.* except (device_key, session_start), is_bot
from (
    select device_key, session_start, max(event_ts) as session_end, count() as events_count,
        argMaxIf(user_key, (event_ts, client_sequence, event_id), user_key != 0) as last_user_key,
        argMin((event_id, device_type, browser, os, country, region, city), (event_ts, client_sequence, event_id)) as opening,
        argMinIf((utm_source, utm_medium, utm_campaign, referrer_domain), (event_ts, client_sequence, event_id), is_arrival) as arrival,
        countIf(role = 'conversion') as conversions, countIf(role = 'start') as starts,
        countIf(role = 'price_check') as price_checks, countIf(role = 'comparison') as comparisons,
        countIf(role = 'detail_view') as detail_views, sumIf(revenue, role = 'conversion') as session_revenue,
        countIf(role in ('rage_click', 'error', 'form_abandon', 'exit_intent')) as friction_events
    from placed group by device_key, session_start
) as totals
left join (
    select device_key, session_start, count() as page_views, sum(engaged_seconds) as engaged_seconds,
        max(max_scroll_pct) as max_scroll_pct, argMin(opened_path, viewed_ts) as entry_path,
        argMax(opened_path, viewed_ts) as exit_path
    from page_views group by device_key, session_start
) as views using (device_key, session_start)
any left join days on days.device_key = totals.device_key
    and days.event_date = toDate(totals.session_start, 'Europe/Berlin');

create table user_people engine = MergeTree order by tuple() as
select user_key, min(smallest) as component
from (
    select user_key, email_key, min(user_key) over (partition by email_key) as smallest,
        count() over (partition by email_key) as users from customers
)
where users <= 10 group by user_key;

create table device_people engine = MergeTree order by tuple() as
select device_key, if(user_ids between 1 and 2, if(component = 0, last_user_key, component), device_key)
    as person_key
from (
    select device_key, uniqExactIf(user_key, user_key != 0) as user_ids,
        argMaxIf(user_key, (event_ts, client_sequence, event_id), user_key != 0) as last_user_key
    from events where device_key != 0 and not is_cookieless group by device_key
) as devices any left join user_people on devices.last_user_key = user_people.user_key;

create table profiles engine = MergeTree order by tuple() as
select person_key, min(session_start) as first_seen, max(session_end) as last_seen, count() as total_sessions,
    sum(page_views) as total_page_views, sum(engaged_seconds) as time_spent,
    avg(dateDiff('millisecond', session_start, session_end)) as average_duration,
    countIf(engaged_seconds <= 10 and page_views < 2 and conversions = 0) / total_sessions as bounce_rate,
    sum(price_checks) as checks, sum(comparisons) as compared, sum(starts) as attempts,
    sum(conversions) as bookings, sum(session_revenue) as lifetime_value,
    groupUniqArray(opening.2) as device_types, groupUniqArray(arrival.4) as referrers,
    median(days_between) as days_between_visits
from (
    select sessions.*,
        multiIf(last_user_key = 0, device_people.person_key, component != 0, component, last_user_key)
            as person_key,
        nullIf(lagInFrame(toNullable(session_start)) over (
            partition by person_key order by session_start rows between 1 preceding and current row
        ), session_start) as previous_start,
        dateDiff('day', previous_start, session_start) as days_between
    from sessions
    any left join user_people on sessions.last_user_key = user_people.user_key
    any left join device_people on sessions.device_key = device_people.device_key
    where not is_bot
)
where person_key != 0 group by person_key;

create table funnel engine = MergeTree order by tuple() as
select person_key, windowFunnel(1209600000000)(
    toUInt64(toUnixTimestamp64Micro(event_ts)), event_type = 'page_view', event_type = 'service_view', event_type = 'pricing_check', event_type = 'booking_start', event_type = 'booking_complete'
) as reached
from (
    select event_ts, event_type,
        multiIf(events.user_key = 0, device_people.person_key, component != 0, component, events.user_key)
            as person_key
    from events
    any left join user_people on events.user_key = user_people.user_key
    any left join device_people on events.device_key = device_people.device_key
    any left join days on days.device_key = events.device_key
        and days.event_date = toDate(events.event_ts, 'Europe/Berlin')
    where events.device_key != 0 and not is_cookieless and not days.is_bot
        and event_type in ('page_view', 'service_view', 'pricing_check', 'booking_start', 'booking_complete')
)
where person_key != 0 group by person_key
