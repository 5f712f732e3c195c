{# Sources whose own session ids decide, as SQL literals. #}
{% macro client_session_sources() -%}
    {%- set sources = [] -%}
    {%- for source_name, rule in var('session_rule').items() if rule == 'client' -%}
    {%- do sources.append("'" ~ source_name ~ "'") -%}
    {%- endfor -%}
    {{ return(sources) }}
{%- endmacro %}

{# Whether an event belongs to the session that its client names. #}
{% macro is_client_session(events) -%}
    {%- if client_session_sources() -%}
    ({{ events }}.source in ({{ client_session_sources() | join(', ') }}) and {{ events }}.client_session_id is not null)
    {%- else -%}
    false
    {%- endif -%}
{%- endmacro %}
