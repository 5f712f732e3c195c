-- One row per distinct user agent, with what it says of device, browser and operating system.
select
    user_agent_key,
    is_bot,
    bot_name,
    case
        when is_bot then 'bot'
        when regexp_matches(user_agent, 'iPad|Tablet|PlayBook|Silk') then 'tablet'
        when user_agent like '%Android%' and user_agent not like '%Mobile%' then 'tablet'
        when regexp_matches(user_agent, 'Mobi|iPhone|iPod|Android') then 'mobile'
        when user_agent is not null then 'desktop'
    end as device_type,
    case
        when regexp_matches(user_agent, 'Edg[A-Za-z]*/') then 'Edge'
        when regexp_matches(user_agent, 'OPR/|Opera') then 'Opera'
        when regexp_matches(user_agent, 'SamsungBrowser/') then 'Samsung Internet'
        when regexp_matches(user_agent, 'Firefox/|FxiOS/') then 'Firefox'
        when regexp_matches(user_agent, 'Chrome/|CriOS/|Chromium/') then 'Chrome'
        when regexp_matches(user_agent, 'MSIE |Trident/') then 'Internet Explorer'
        when regexp_matches(user_agent, 'Safari/') then 'Safari'
        else 'Other'
    end as browser,
    case
        when regexp_matches(user_agent, 'iPhone|iPad|iPod') then 'iOS'
        when regexp_matches(user_agent, 'Android') then 'Android'
        when regexp_matches(user_agent, 'Windows') then 'Windows'
        when regexp_matches(user_agent, 'CrOS') then 'ChromeOS'
        when regexp_matches(user_agent, 'Mac OS X|Macintosh') then 'macOS'
        when regexp_matches(user_agent, 'Linux|X11') then 'Linux'
        else 'Other'
    end as os
from {{ source('raw', 'user_agents') }}
