{#
    How incremental models know what to rebuild.

    Loading numbers its transactions (load_id). Each incremental model writes, in its own transaction, the last load it has
    read into intermediate.build_progress; a model that is missing there is built in full. `replace_touched` is the strategy:
    delete the rows that the new loads can change, insert what the model selects for the same scope.
#}

{% macro create_build_progress() %}
    create schema if not exists intermediate;
    create table if not exists intermediate.build_progress (model varchar, load_id integer, built_at timestamp);
    {% if execute %}
        {% set names = [] %}
        {% for node in graph.nodes.values() if node.resource_type == 'model' and node.config.materialized == 'incremental' %}
            {% do names.append("'" ~ node.name ~ "'") %}
        {% endfor %}
        delete from intermediate.build_progress
        where model not in ({{ (names + ["''"]) | join(', ') }});
    {% endif %}
{% endmacro %}

{% macro record_progress() %}
    {%- if model.config.materialized == 'incremental' -%}
        delete from intermediate.build_progress
        where model = '{{ this.name }}';
        insert into intermediate.build_progress
        select '{{ this.name }}', coalesce(max(load_id), 0), now()::timestamp
        from raw.loads
    {%- endif -%}
{% endmacro %}

{# The last load that this model has read; 0 before its first build and in a full refresh. #}
{% macro last_load_id(model_name=none) %}
    {%- if not execute or not is_incremental() -%}
        {{ return(0) }}
    {%- endif -%}
    {%- set query -%}
        select coalesce(max(load_id), 0) from intermediate.build_progress where model = '{{ model_name or this.name }}'
    {%- endset -%}
    {{ return(run_query(query).columns[0].values()[0]) }}
{% endmacro %}

{# The oldest progress of the incremental models that exist: a killed run may have left some behind the others. #}
{% macro oldest_load_id() %}
    {%- if not execute -%}
        {{ return(0) }}
    {%- endif -%}
    {%- if adapter.get_relation(target.database, 'intermediate', 'build_progress') is none -%}
        {{ return(0) }}
    {%- endif -%}
    {%- set result = run_query("select coalesce(min(load_id), 0) from intermediate.build_progress") -%}
    {{ return(result.columns[0].values()[0]) }}
{% endmacro %}

{# A timestamp literal out of the scope, so that a scan can skip whole blocks. #}
{% macro scope_bound(expression) %}
    {%- if not execute -%}
        {{ return('2200-01-01') }}
    {%- endif -%}
    {%- set query -%}
        select coalesce({{ expression }}, timestamp '2200-01-01')::varchar from {{ ref('int_devices_touched') }}
    {%- endset -%}
    {{ return(run_query(query).columns[0].values()[0]) }}
{% endmacro %}

{#
    A relation with device_key and a time, cut to the scope of this run; all of it in a full build. To stand after `from`.
    A row lies in the scope when the whole of it does, from `start` to `end`.
#}
{% macro scoped(relation, alias, start, end=none) -%}
    {#- Outside of the condition, so that dbt sees the dependency when it parses. -#}
    {%- set devices_touched = ref('int_devices_touched') -%}
    {{ relation }} as {{ alias }}
    {%- if is_incremental() %}
    inner join {{ devices_touched }} as touched_{{ alias }}
        on {{ alias }}.device_key = touched_{{ alias }}.device_key
        and {{ alias }}.{{ start }} >= touched_{{ alias }}.scope_start
        and {{ alias }}.{{ end or start }} <= touched_{{ alias }}.scope_end
        and {{ alias }}.{{ start }} >= timestamp '{{ scope_bound("min(scope_start)") }}'
        and {{ alias }}.{{ start }} <= timestamp '{{ scope_bound("max(scope_end)") }}'
    {%- endif -%}
{%- endmacro %}

{#
    The strategy `replace_touched`: the rows that the new loads can change go, what the model selects comes. Which rows go
    stands in the model's meta under `replaces`:
      {start: <time>, end: <time>}          rows of touched devices that lie in the scope as a whole
      {key: <column>, listed_in: <model>}   rows whose key another model lists as touched
#}
{% macro get_incremental_replace_touched_sql(arguments) %}
    {%- set columns = arguments['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {%- set replaces = config.get('meta')['replaces'] -%}
    delete from {{ arguments['target_relation'] }} as target
    where {{ replaced_rows(replaces) }};
    {%- if replaces.displaced_without_device and has_displaced_events(last_load_id()) %}
    -- A statement of its own: in one with the condition above it would keep the scan from skipping blocks.
    delete from {{ arguments['target_relation'] }} as target
    where
        target.device_key is null
        and target.event_id in (
            select displaced.event_id
            from {{ source('raw', 'displaced_events') }} as displaced
            where displaced.load_id > {{ last_load_id() }}
        );
    {%- endif %}
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }}
    from {{ arguments['temp_relation'] }}
{% endmacro %}

{% macro has_displaced_events(load_id) %}
    {%- set query -%}
        select count(*) from {{ source('raw', 'displaced_events') }} where load_id > {{ load_id }}
    {%- endset -%}
    {{ return(run_query(query).columns[0].values()[0] > 0) }}
{% endmacro %}

{% macro replaced_rows(replaces) %}
    {%- if replaces.listed_in is defined -%}
        target.{{ replaces.key }} in (select listed.{{ replaces.key }} from {{ ref(replaces.listed_in) }} as listed)
    {%- else -%}
        target.{{ replaces.start }} >= timestamp '{{ scope_bound("min(scope_start)") }}'
        and target.{{ replaces.start }} <= timestamp '{{ scope_bound("max(scope_end)") }}'
        and exists (
            select 1
            from {{ ref('int_devices_touched') }} as touched
            where
                touched.device_key = target.device_key
                and target.{{ replaces.start }} >= touched.scope_start
                and target.{{ replaces.end or replaces.start }} <= touched.scope_end
        )
    {%- endif -%}
{% endmacro %}
