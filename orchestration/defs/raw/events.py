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
from orchestration.defs.raw.properties import mask_properties
from orchestration.defs.raw.staging import CORRECTED_EVENT_TS
from orchestration.defs.raw.user_agents import resolve_user_agents
from orchestration.settings import Settings

KEEPER: Final = Keeper("raw.events", "received_ts", "body_hash", "event_hash", "user_key")
MASKED_VALUES: Final = """
    has_shapes(page_url)::int + has_shapes(referrer_url)::int + has_shapes(page_title)::int
    + has_shapes(event_name)::int + has_shapes(properties)::int + has_shapes(unknown)::int
"""
CLICK_IDS: Final = "gclid|gbraid|wbraid|dclid|fbclid|msclkid|ttclid|twclid|li_fat_id"
_CAMPAIGN: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
_REFUSED: Final = r'"analytics"\s*:\s*("?(false|no|denied|refused)"?|0)\s*[,}]'
_PLAIN: Final = (
    "device_type", "browser", "os", "screen_resolution", "language", "timezone", "country", "region", "city",
)  # fmt: skip


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
    campaign = ", ".join(
        f"mask_shapes(coalesce({name}, url_value(page_url, '{name}'))) as {name}" for name in _CAMPAIGN
    )
    plain = ", ".join(f"events.{name}" for name in _PLAIN)
    connection.execute(
        f"""
        insert into raw.events by name
        select
            events.file_id, events.line_number, {load_id} as load_id, event_id, event_type,
            mask_text(event_name) as event_name, corrected_ts as event_ts, received_ts, client_sequence,
            case when is_cookieless then visitors.identifier_key
                else coalesce(devices.identifier_key, own_devices.identifier_key) end as device_key,
            case when not is_cookieless then users.identifier_key end as user_key,
            case when not is_cookieless then addresses.identifier_key end as address_key,
            is_cookieless,
            case when not is_refused then session_id end as client_session_id,
            page_view_id, mask_url(page_url) as page_url, mask_text(page_title) as page_title,
            mask_url(referrer_url) as referrer_url, agents.user_agent_key, {plain}, {campaign},
            coalesce(click_id, case when contains(page_url, '?')
                then nullif(regexp_extract(page_url, '[?&]({CLICK_IDS})=([^&#]+)', 2), '') end) as click_id,
            consent, consent_version, order_id, revenue, currency, gpc, do_not_sell, data_source,
            {mask_properties("properties", "unknown")} as properties,
            hash(event_id) as event_hash, body_hash
        from accepted as events
        left join resolved as devices on devices.kind = 'device' and devices.value = events.anonymous_id
        left join resolved as users on users.kind = 'user' and users.value = events.user_id
        left join resolved as own_devices
            on own_devices.kind = '{USER_DEVICE}' and own_devices.value = events.user_id
        left join resolved as addresses
            on addresses.kind = 'address' and addresses.value = {normalised("address", "events.ip_address")}
        left join visitors
            on is_cookieless and visitors.day = corrected_ts::date
            and visitors.ip_address = events.ip_address
            and visitors.user_agent = coalesce(events.user_agent, '')
        left join agents on agents.user_agent = events.user_agent
        where {KEEPER.is_kept("events")}
        """
    )
