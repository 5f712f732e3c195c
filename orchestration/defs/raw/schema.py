"""Tables of the `raw` schema.

Add here: a column of events, or a table that every data set shares. Keep out: columns of other data sets;
they come from their contracts.
"""

from collections.abc import Mapping
from typing import Final

import duckdb

from data_contracts.contract import Column, Contract
from orchestration.warehouse import quote_identifier

EVENTS: Final = "events"
ACCESS_LOG: Final = "access_log"

_TABLES: Final = """
create schema if not exists raw;
create table if not exists raw.events (
    file_id integer, line_number bigint, load_id integer,
    event_id varchar, event_type varchar, event_name varchar,
    event_ts timestamp, received_ts timestamp, client_sequence bigint,
    device_key bigint, user_key bigint, address_key bigint, is_cookieless boolean,
    client_session_id varchar, page_view_id varchar,
    page_url varchar, page_title varchar, referrer_url varchar, user_agent_key integer,
    device_type varchar, browser varchar, os varchar, screen_resolution varchar,
    language varchar, timezone varchar, country varchar, region varchar, city varchar,
    utm_source varchar, utm_medium varchar, utm_campaign varchar, utm_content varchar, utm_term varchar,
    click_id varchar, consent varchar, consent_version varchar,
    order_id varchar, revenue decimal(18, 4), currency varchar,
    gpc boolean, do_not_sell boolean, data_source varchar, properties varchar,
    event_hash ubigint, body_hash ubigint
);
create table if not exists raw.access_log (
    file_id integer, line_number bigint, load_id integer, event_id varchar, event_ts timestamp,
    device_key bigint, user_agent_key integer, method varchar, page_url varchar, status integer, bytes bigint,
    referrer_url varchar, event_hash ubigint
);
create table if not exists raw.identifiers (identifier_key bigint, kind varchar, pseudonym varchar);
create table if not exists raw.junk_identifiers (identifier_key bigint);
create table if not exists raw.user_agents (
    user_agent_key integer, user_agent varchar, is_bot boolean, bot_name varchar
);
create table if not exists raw.loads (
    file_id integer, load_id integer, file varchar, source varchar, dataset varchar, content_hash varchar,
    bytes bigint, lines bigint, loaded bigint, duplicate bigint, quarantined bigint, suppressed bigint,
    erased bigint, blank bigint, masked_values bigint, loaded_at timestamp, status varchar, reason varchar,
    file_size bigint, modified_ns bigint
);
create table if not exists raw.rejected_events (
    file_id integer, load_id integer, dataset varchar, line_number bigint, reason varchar,
    column_name varchar, masked_line varchar
);
create table if not exists raw.duplicate_events (
    load_id integer, event_id varchar, file_id integer, line_number bigint, same_body boolean,
    body_hash ubigint
);
create table if not exists raw.displaced_events (
    load_id integer, event_id varchar, device_key bigint, user_key bigint, event_ts timestamp
);
"""


def create_raw(connection: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract]) -> None:
    """Create what is missing; a column that a contract gained is added to its table."""
    connection.execute(_TABLES)
    for contract in contracts.values():
        if contract.dataset not in (EVENTS, ACCESS_LOG):
            _create_records(connection, contract)


def raw_column(column: Column) -> tuple[str, str] | None:
    """Name and type of a contract's column in raw; None where it does not enter raw."""
    if column.is_kept_out:
        return None
    if column.identifier_kind:
        return f"{column.identifier_kind}_key", "bigint"
    return column.raw_name, "varchar" if column.physical_type == "JSON" else column.physical_type


def _create_records(connection: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    table = f"raw.{quote_identifier(contract.dataset)}"
    connection.execute(
        f"create table if not exists {table} (file_id integer, line_number bigint, load_id integer)"
    )
    columns = [found for column in contract.columns if (found := raw_column(column))]
    for name, kind in [*columns, ("properties", "varchar"), ("body_hash", "uhugeint")]:
        connection.execute(f"alter table {table} add column if not exists {quote_identifier(name)} {kind}")
