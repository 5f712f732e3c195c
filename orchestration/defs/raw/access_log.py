"""Lines of web servers, in common or combined format, into raw.access_log. Nobody in it has a cookie.

Add here: another field of a log line. Keep out: what a request means; models decide that.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import duckdb
import pyarrow as pa

from data_contracts.contract import Contract
from orchestration.defs.raw.content import FileRead
from orchestration.defs.raw.duplicates import Keeper
from orchestration.defs.raw.identifiers import mirror, resolve, resolve_cookieless
from orchestration.defs.raw.lines import SCHEMA, read_batches
from orchestration.defs.raw.staging import BLANK, IS_BLANK, Source
from orchestration.defs.raw.user_agents import resolve_user_agents
from orchestration.defs.raw.vault import hmac_sql, pseudonym_key
from orchestration.settings import Settings

_FIELDS: Final = (
    "ip_address", "remote_user", "at", "request", "status", "bytes", "referrer_url", "user_agent",
)  # fmt: skip
_TEXT: Final = r'((?:[^"\\]|\\.)*)'
_LINE: Final = (
    rf'^(\S+) \S+ (.+?) \[([^\]]+)\] "{_TEXT}" (\d{{3}}) (\d+|-)(?: "{_TEXT}"(?: "{_TEXT}"?)?)?(?: .*)?\s*$'
)
KEEPER: Final = Keeper("raw.access_log", "null::timestamp", "null::ubigint", "event_hash", "null::bigint")
MASKED_VALUES: Final = "has_shapes(page_url)::int + has_shapes(referrer_url)::int"


def log_source(reads: Sequence[FileRead]) -> Source:
    """One regular expression per line; what it does not match is quarantined."""
    names = ", ".join(f"'{name}'" for name in _FIELDS)
    query = f"""
        with parts as (
            select file_id, line_number, problem, line,
                regexp_extract(line, '{_LINE}', [{names}]) as part
            from incoming
        )
        select file_id, line_number, line, null::varchar as unknown,
            case
                when problem is not null then problem
                when part.ip_address = '' then case when {IS_BLANK}
                    then '{BLANK}' else 'not a line of the common or combined log format' end
            end as problem,
            part.ip_address as ip_address, part.remote_user as remote_user,
            try_strptime(part.at, '%d/%b/%Y:%H:%M:%S %z')::varchar as event_ts,
            nullif(regexp_extract(part.request, '^([A-Z]+) ', 1), '') as method,
            coalesce(nullif(regexp_extract(part.request, '^[A-Z]+ (\\S+)', 1), ''), part.request) as page_url,
            part.status as status, nullif(part.bytes, '-') as bytes,
            nullif(part.referrer_url, '-') as referrer_url, nullif(part.user_agent, '-') as user_agent
        from parts
    """
    return Source(pa.RecordBatchReader.from_batches(SCHEMA, read_batches(reads)), query)


def prepare(
    connection: duckdb.DuckDBPyConnection, settings: Settings, contract: Contract, now: datetime
) -> None:
    """Before the transaction: ids of lines, visitors of the day, and which copies stay.

    A line's id is keyed, because everything in a line but the address could be tried out.
    """
    key = pseudonym_key(settings)
    message = "(body_hash::varchar || '-' || occurrence)"
    connection.execute(
        f"""
        create or replace temp table staged as
        select * exclude (occurrence), {hmac_sql(message, "$inner", "$outer")} as event_id
        from (
            select *, row_number() over (partition by file_id, body_hash order by line_number) as occurrence
            from staged
        )
        """,
        {"inner": key.inner, "outer": key.outer},
    )
    connection.execute("create or replace temp view accepted as select * from staged where reason is null")
    resolve(connection, settings, [])
    resolve_cookieless(
        connection,
        settings,
        """
        select distinct event_ts::date as day, ip_address, coalesce(user_agent, '') as user_agent
        from accepted where ip_address is not null
        """,
        now,
    )
    KEEPER.find_duplicates(connection)


def insert(connection: duckdb.DuckDBPyConnection, contract: Contract, load_id: int) -> None:
    """In the transaction: dictionary, displaced copies, duplicates and the accepted lines."""
    mirror(connection, with_visitors=True)
    resolve_user_agents(connection, "accepted")
    KEEPER.displace(connection, load_id)
    KEEPER.record_duplicates(connection, load_id)
    connection.execute(
        f"""
        insert into raw.access_log by name
        select file_id, line_number, {load_id} as load_id, event_id, event_ts,
            visitors.identifier_key as device_key, agents.user_agent_key, method,
            mask_url(page_url) as page_url, status, bytes, mask_url(referrer_url) as referrer_url,
            hash(event_id) as event_hash
        from accepted as lines
        left join visitors
            on visitors.day = lines.event_ts::date and visitors.ip_address = lines.ip_address
            and visitors.user_agent = coalesce(lines.user_agent, '')
        left join agents on agents.user_agent = lines.user_agent
        where {KEEPER.is_kept("lines")}
        """
    )
