-- One row per user id or e-mail that an e-mail links to another: the smallest key of everything linked with it.
with recursive edges as (

    select user_key as node_key, email_key as neighbour_key
    from {{ ref('int_user_emails') }}

    union all

    select email_key as node_key, user_key as neighbour_key
    from {{ ref('int_user_emails') }}

),

-- Smallest key reached so far; a node is visited again only while its key still falls.
reached (node_key, component_key) using key (node_key) as (

    select
        node_key,
        min(least(node_key, neighbour_key)) as component_key
    from edges
    group by node_key

    union

    select
        edges.neighbour_key as node_key,
        min(reached.component_key) as component_key
    from reached
    inner join edges on reached.node_key = edges.node_key
    inner join recurring.reached as known on edges.neighbour_key = known.node_key
    where reached.component_key < known.component_key
    group by edges.neighbour_key

)

select
    node_key,
    component_key
from reached
