-- One row per event, funnel and step that it matches. Funnels and their steps are those of the business's YAML.
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    meta={'replaces': {'start': 'event_ts'}}
) }}
{% set filters = [] %}
{% for funnel in var('funnels') %}
{% for step in funnel.steps if step.where %}
{% do filters.append(step.name) %}
{% endfor %}
{% endfor %}

with events as (

    select
        events.*,
        list_filter(
            [
                null::struct(funnel varchar, step_number integer)
                {%- for funnel in var('funnels') %}
                {%- for step in funnel.steps %},
                case
                    when {{ matches_step(step, 'events', 'originals') }}
                        then {'funnel': '{{ funnel.name }}', 'step_number': {{ loop.index }}}
                end
                {%- endfor %}
                {%- endfor %}
            ],
            lambda matched: matched is not null
        ) as matches
    from {{ scoped(ref('int_events'), 'events', 'event_ts') }}
    {%- if filters %}
    inner join {{ ref('int_events_unioned') }} as originals on events.event_key = originals.event_key
    {%- endif %}
    where
        events.device_key is not null
        and not events.is_cookieless
        and (
            false
            {%- for funnel in var('funnels') %}
            {%- for step in funnel.steps %}
            or events.{{ 'event_type' if step.event_type else 'role' }} = '{{ step.event_type or step.role }}'
            {%- endfor %}
            {%- endfor %}
        )

),

unnested as (

    select
        *,
        unnest(matches) as matched
    from events

)

select
    event_key,
    event_id,
    event_ts,
    event_date,
    client_sequence,
    device_key,
    user_key,
    session_key,
    matched.funnel as funnel,
    matched.step_number as step_number
from unnested
