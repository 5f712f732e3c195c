{# What tells one way of arriving from another. #}
{% macro arrival_parts() -%}
    {{ return(['utm_source', 'utm_medium', 'utm_campaign', 'click_id_kind', 'referrer_domain']) }}
{%- endmacro %}

{# Whether two relations have the same way of arriving; nulls are equal. #}
{% macro same_arrival(one, other) -%}
    {%- for part in arrival_parts() %}
    {{ one }}.{{ part }} is not distinct from {{ other }}.{{ part }}{{ ' and' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
