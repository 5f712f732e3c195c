{# The published id of a person: a hash of the keyed pseudonym of the node that names the person. #}
{% macro person_id(pseudonym) -%}
    md5('person|' || {{ pseudonym }})
{%- endmacro %}

{# The published id of a session: of its device and first event, or of its client's own id. #}
{% macro session_id(sessions, device_pseudonym) -%}
    md5(
        {{ device_pseudonym }} || '|'
        || coalesce({{ sessions }}.source || '|' || {{ sessions }}.client_session_id, {{ sessions }}.first_event_id)
    )
{%- endmacro %}
