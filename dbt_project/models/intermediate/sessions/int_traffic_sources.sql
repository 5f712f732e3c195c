-- One row per combination of campaign parameters, click id and referrer: its source, medium and channel.
-- The channel is that of the first rule in the seed `channel_rules` that matches; every filled-in condition of a rule must.
{{ config(materialized='incremental', incremental_strategy='append') }}
{% set parts = arrival_parts() %}

with combinations as (

    select distinct
        {% for part in parts %}
        sessions.{{ part }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ scoped(ref('int_sessions'), 'sessions', 'session_start') }}
    {%- if is_incremental() %}
    where not exists (
        select 1
        from {{ this }} as known
        where {{ same_arrival('sessions', 'known') }}
    )
    {%- endif %}

),

named as (

    select
        combinations.*,
        case
            when utm_source is not null or utm_medium is not null then coalesce(lower(utm_source), '(not set)')
            when combinations.click_id_kind is not null then coalesce(click_ids.source, 'google')
            else coalesce(referrer_domain, '(direct)')
        end as source,
        case
            when utm_source is not null or utm_medium is not null then coalesce(lower(utm_medium), '(not set)')
            when combinations.click_id_kind is not null then coalesce(click_ids.medium, 'cpc')
            when referrer_domain is null then '(none)'
        end as stated_medium
    from combinations
    left join {{ ref('click_ids') }} as click_ids on combinations.click_id_kind = click_ids.click_id_kind

),

-- A source is looked up as it is, without its first label, and by its bare name (google.co.uk: google).
categorised as (

    select
        named.*,
        coalesce(exact.category, parent.category, bare.category) as source_category
    from named
    left join {{ ref('traffic_source_categories') }} as exact on named.source = exact.source
    left join {{ ref('traffic_source_categories') }} as parent
        on regexp_replace(named.source, '^[^.]+\.', '') = parent.source
    left join {{ ref('traffic_source_categories') }} as bare
        on regexp_extract(named.source, '([^.]+)\.(?:co\.|com\.|org\.)?[a-z]{2,}$', 1) = bare.source

),

with_medium as (

    select
        *,
        coalesce(
            stated_medium,
            case source_category when 'search' then 'organic' when 'ai' then 'ai-assistant' else 'referral' end
        ) as medium
    from categorised

),

-- An empty condition does not count.
rules as (

    select
        rule_order,
        channel,
        nullif(source_category, '') as source_category,
        nullif(source_pattern, '') as source_pattern,
        nullif(medium_pattern, '') as medium_pattern,
        nullif(campaign_pattern, '') as campaign_pattern
    from {{ ref('channel_rules') }}

),

ruled as (

    select
        found.*,
        rules.channel,
        row_number() over (
            partition by
                {% for part in parts %}
                found.{{ part }}{{ ',' if not loop.last }}
                {% endfor %}
            order by rules.rule_order
        ) as rule_rank
    from with_medium as found
    left join rules
        on (rules.source_category is null or rules.source_category = found.source_category)
        and (rules.source_pattern is null or regexp_full_match(found.source, rules.source_pattern))
        and (rules.medium_pattern is null or regexp_full_match(found.medium, rules.medium_pattern))
        and (
            rules.campaign_pattern is null
            or regexp_full_match(lower(coalesce(found.utm_campaign, '')), rules.campaign_pattern)
        )

)

select
    {% for part in parts %}
    {{ part }},
    {% endfor %}
    source,
    medium,
    coalesce(channel, 'Unassigned') as channel
from ruled
where rule_rank = 1
