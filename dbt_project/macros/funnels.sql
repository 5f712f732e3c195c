{# One row per funnel and step, with the step's name. #}
{% macro funnel_step_names() -%}
    {%- set names = [] -%}
    {%- for funnel in var('funnels') -%}
    {%- for step in funnel.steps -%}
    {%- do names.append("('" ~ funnel.name ~ "', " ~ loop.index ~ ", '" ~ step.name ~ "')") -%}
    {%- endfor -%}
    {%- endfor -%}
    select
        funnel,
        step_number,
        step
    from (values {{ names | join(', ') or '(null::varchar, null::integer, null::varchar)' }}) as named (funnel, step_number, step)
    where funnel is not null
{%- endmacro %}

{# Whether an event is of a step's type or role and has the properties that the step asks for. #}
{% macro matches_step(step, events, originals) -%}
    {{ events }}.{{ 'event_type' if step.event_type else 'role' }} = '{{ step.event_type or step.role }}'
    {%- for property, value in (step.where or {}).items() %}
    and {{ originals }}.properties::json ->> '$.{{ property }}' = '{{ value }}'
    {%- endfor -%}
{%- endmacro %}

{#
    Attempts at an ordered funnel: one row per event that matches step 1, with the place and time of the later steps.
    Each step takes the earliest event after the step before it; what lies outside the window is not reached, and
    neither is anything after it. `position` is that of the last step reached. `matches` has person_key, step_number,
    position, event_ts, session_key.
#}
{% macro ordered_attempts(funnel, matches) -%}
    {%- set window = 'interval ' ~ (funnel.window_days or var('funnel_window_days')) ~ ' day' -%}
    (
        with step_1 as (
            select
                person_key,
                event_ts as entered_ts,
                event_date as entered_date,
                device_key,
                session_key,
                position as entered_position,
                position,
                1 as steps_reached,
                [event_ts] as reached_ts,
                [session_key] as reached_session_keys
            from {{ matches }}
            where funnel = '{{ funnel.name }}' and step_number = 1
        )
        {%- for step in funnel.steps[1:] %}
        {%- set previous = loop.index %}
        {%- set number = loop.index + 1 %},
        step_{{ number }}_found as (
            select
                attempts.*,
                found.position as found_position,
                found.event_ts as found_ts,
                found.session_key as found_session_key,
                attempts.steps_reached = {{ previous }}
                and found.event_ts <= attempts.entered_ts + {{ window }}
                {%- if step.window_minutes %}
                and found.event_ts <= attempts.reached_ts[-1] + interval {{ step.window_minutes }} minute
                {%- endif %} as is_reached
            from step_{{ previous }} as attempts
            asof left join (
                select
                    person_key,
                    position,
                    event_ts,
                    session_key
                from {{ matches }}
                where funnel = '{{ funnel.name }}' and step_number = {{ number }}
            ) as found
                on attempts.person_key = found.person_key
                and attempts.position < found.position
        ),
        step_{{ number }} as (
            select
                person_key,
                entered_ts,
                entered_date,
                device_key,
                session_key,
                entered_position,
                case when is_reached then found_position else position end as position,
                case when is_reached then {{ number }} else steps_reached end as steps_reached,
                case when is_reached then list_append(reached_ts, found_ts) else reached_ts end as reached_ts,
                case
                    when is_reached then list_append(reached_session_keys, found_session_key)
                    else reached_session_keys
                end as reached_session_keys
            from step_{{ number }}_found
        )
        {%- endfor %}
        select
            '{{ funnel.name }}' as funnel,
            *
        from step_{{ funnel.steps | length }}
    )
{%- endmacro %}
