{# A property of an event as a number, or null where it is missing or not one. #}
{% macro property_number(properties, name) -%}
    try_cast({{ properties }}::json ->> '$.{{ name }}' as double)
{%- endmacro %}
