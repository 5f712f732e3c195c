{# Which advertising system a click id is from, by the name of its URL parameter; 'unknown' where the URL does not say. #}
{% macro click_id_kind(url) -%}
    coalesce(
        nullif(
            regexp_extract(
                {{ url }}, '[?&](gclid|gbraid|wbraid|dclid|msclkid|fbclid|ttclid|twclid|li_fat_id)=', 1
            ),
            ''
        ),
        'unknown'
    )
{%- endmacro %}
