{# Lower-case path without query, fragment or trailing slash; '/' for the root. #}
{% macro url_path(url) -%}
    coalesce(
        nullif(rtrim(lower(regexp_extract({{ url }}, '^(?:[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*)?([^?#]*)', 1)), '/'), ''),
        case when {{ url }} is not null then '/' end
    )
{%- endmacro %}

{% macro url_domain(url) -%}
    nullif(regexp_replace(lower(regexp_extract({{ url }}, '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^@/?#]*@)?([^:/?#]+)', 1)), '^www\.', ''), '')
{%- endmacro %}

{# Whether a domain is, or lies under, one of a list of domains. #}
{% macro is_domain_of(domain, domains) -%}
    (
        {%- for listed in domains %}
        {{ domain }} = '{{ listed | replace("www.", "") }}' or {{ domain }} like '%.{{ listed | replace("www.", "") }}'
        {%- if not loop.last %} or{% endif %}
        {%- else %}false{% endfor %}
    )
{%- endmacro %}
