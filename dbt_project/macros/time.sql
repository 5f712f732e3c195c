{# Days, weeks (Monday) and months are those of the business's reporting time zone; timestamps are stored in UTC. #}
{% macro reporting_time(timestamp_column) -%}
    {%- if var('reporting_timezone') == 'UTC' -%}
        {{ timestamp_column }}
    {%- else -%}
        timezone('{{ var("reporting_timezone") }}', timezone('UTC', {{ timestamp_column }}))
    {%- endif -%}
{%- endmacro %}

{% macro reporting_date(timestamp_column) -%}
    ({{ reporting_time(timestamp_column) }})::date
{%- endmacro %}

{# 'Now' is the latest accepted event, unless the setting says otherwise. #}
{% macro as_of() -%}
    {%- if var('as_of') -%}
        timestamp '{{ var("as_of") }}'
    {%- else -%}
        (select max(as_of) from {{ ref('int_as_of') }})
    {%- endif -%}
{%- endmacro %}

{# The first instant, in UTC, of the reporting day that a timestamp falls on. #}
{% macro reporting_day_start(timestamp_column) -%}
    {%- if var('reporting_timezone') == 'UTC' -%}
        date_trunc('day', {{ timestamp_column }})
    {%- else -%}
        timezone('UTC', timezone('{{ var("reporting_timezone") }}', date_trunc('day', {{ reporting_time(timestamp_column) }})))
    {%- endif -%}
{%- endmacro %}

{% macro seconds(variable_name) -%}
    interval {{ var(variable_name) }} second
{%- endmacro %}
