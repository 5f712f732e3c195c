"""Events from `staged` into raw.events: identifiers to keys, campaign from the URL, masks, one copy of each.

Add here: a column of raw.events that is derived while loading. Keep out: what any other data set needs too.
"""

from datetime import datetime
from typing import Final

import duckdb

from data_contracts.contract import Contract
from orchestration.defs.raw.duplicates import Keeper
from orchestration.defs.raw.identifiers import (
    USER_DEVICE,
    mirror,
    normalised,
    resolve,
    resolve_cookieless,
)
from orchestration.defs.raw.properties import mask_properties, merge_properties
from orchestration.defs.raw.staging import CORRECTED_EVENT_TS
from orchestration.defs.raw.user_agents import resolve_user_agents
from orchestration.settings import Settings

KEEPER: Final = Keeper("raw.events", "received_ts", "body_hash", "event_hash", "user_key")
MASKED_VALUES: Final = """
    case when may_be_personal then has_shapes(page_url)::int + has_shapes(referrer_url)::int
        + has_shapes(properties)::int + has_shapes(unknown)::int else 0 end
    + (may_be_personal and has_shapes(page_title) or coalesce(has_national(page_title), false))::int
    + (may_be_personal and has_shapes(event_name) or coalesce(has_national(event_name), false))::int
"""
CLICK_IDS: Final = "gclid|gbraid|wbraid|dclid|fbclid|msclkid|ttclid|twclid|li_fat_id"
_CAMPAIGN: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
_REFUSED: Final = r'"analytics"\s*:\s*("?(false|no|denied|refused)"?|0)\s*[,}]'
_SHORT_TEXTS: Final = (
    "page_view_id", "page_url", "referrer_url", "device_type", "browser", "os", "screen_resolution",
    "language", "timezone", "country", "region", "city", *_CAMPAIGN, "click_id", "consent",
    "consent_version", "order_id", "currency", "data_source",
)  # fmt: skip
_FREE_TEXTS: Final = ("event_name", "page_title")
# Masks name their text several times, so what they are given is computed before.
_CLEANED: Final = f"""
    select accepted.* replace (
        strip_url(page_url) as page_url, strip_url(referrer_url) as referrer_url,
        {", ".join(f"coalesce({name}, url_value(page_url, '{name}')) as {name}" for name in _CAMPAIGN)},
        coalesce(click_id, case when contains(page_url, '?')
            then nullif(regexp_extract(page_url, '[?&]({CLICK_IDS})=([^&#]+)', 2), '') end) as click_id,
        {merge_properties("properties", "unknown")} as properties
    )
    from accepted
"""


def prepare(
    connection: duckdb.DuckDBPyConnection, settings: Settings, contract: Contract, now: datetime
) -> None:
    """Before the transaction: who the events belong to, and which copies stay."""
    connection.execute(
        f"""
        create or replace temp view accepted as
        select *, {CORRECTED_EVENT_TS} as corrected_ts,
            consent is not null and regexp_matches(consent, '{_REFUSED}', 'i') as is_refused,
            is_refused or (anonymous_id is null and user_id is null) as is_cookieless
        from staged where reason is null
        """
    )
    known = "accepted where not is_cookieless and"
    resolve(
        connection,
        settings,
        [
            ("device", normalised("device", "anonymous_id"), f"{known} anonymous_id is not null"),
            ("user", normalised("user", "user_id"), f"{known} user_id is not null"),
            (USER_DEVICE, normalised("user", "user_id"), f"{known} anonymous_id is null"),
            ("address", normalised("address", "ip_address"), f"{known} ip_address is not null"),
        ],
    )
    resolve_cookieless(
        connection,
        settings,
        """
        select distinct corrected_ts::date as day, ip_address, coalesce(user_agent, '') as user_agent
        from accepted where is_cookieless and ip_address is not null
        """,
        now,
    )
    KEEPER.find_duplicates(connection)


def insert(connection: duckdb.DuckDBPyConnection, contract: Contract, load_id: int) -> None:
    """In the transaction: dictionary, displaced copies, duplicates and the accepted rows."""
    mirror(connection, with_visitors=True)
    resolve_user_agents(connection, "accepted")
    KEEPER.displace(connection, load_id)
    KEEPER.record_duplicates(connection, load_id)
    texts = ", ".join(
        f"case when may_be_personal then mask_shapes({name}) else {name} end as {name}"
        for name in _SHORT_TEXTS
    )
    free_texts = ", ".join(
        f"case when may_be_personal or has_national({name}) then mask_text({name}) else {name} end as {name}"
        for name in _FREE_TEXTS
    )
    address = normalised("address", "cleaned.ip_address")
    connection.execute(
        f"""
        insert into raw.events by name
        with cleaned as ({_CLEANED}),
        joined as (
            select cleaned.*, devices.identifier_key as device, users.identifier_key as user,
                own_devices.identifier_key as own_device, addresses.identifier_key as address,
                visitors.identifier_key as visitor, agents.user_agent_key
            from cleaned
            left join resolved as devices on devices.kind = 'device' and devices.value = anonymous_id
            left join resolved as users on users.kind = 'user' and users.value = user_id
            left join resolved as own_devices
                on own_devices.kind = '{USER_DEVICE}' and own_devices.value = user_id
            left join resolved as addresses
                on addresses.kind = 'address' and addresses.value = {address}
            left join visitors
                on is_cookieless and visitors.day = corrected_ts::date
                and visitors.ip_address = cleaned.ip_address
                and visitors.user_agent = coalesce(cleaned.user_agent, '')
            left join agents on agents.user_agent = cleaned.user_agent
            where {KEEPER.is_kept("cleaned")}
        )
        select
            file_id, line_number, {load_id} as load_id, event_id, event_type,
            corrected_ts as event_ts, received_ts, client_sequence,
            case when is_cookieless then visitor else coalesce(device, own_device) end as device_key,
            case when not is_cookieless then "user" end as user_key,
            case when not is_cookieless then address end as address_key,
            is_cookieless,
            case when not is_refused then session_id end as client_session_id,
            user_agent_key, {texts}, {free_texts},
            {mask_properties("event_type", "properties", "may_be_personal")} as properties,
            revenue, gpc, do_not_sell, hash(event_id) as event_hash, body_hash
        from joined
        """
    )
