"""Identifiers of people to integer keys, through a dictionary of distinct values.

Add here: a kind of identifier. Keep out: keys of HMACs and where raw values stand; that is the vault.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import duckdb

from orchestration.defs.raw.vault import day_keys, hmac_sql, pseudonym_key
from orchestration.settings import Settings
from orchestration.warehouse import quote_literal

COOKIELESS: Final = "cookieless"
USER_DEVICE: Final = "user_device"
# One spelling for each identifier; devices and users are taken as they are.
_NORMAL: Final = {
    "email": "lower({value})",
    "phone": "regexp_replace({value}, '[^0-9+]', '', 'g')",
    "address": "lower({value})",
}


def normalised(kind: str, value: str) -> str:
    """SQL for the spelling under which an identifier of `kind` is known."""
    return _NORMAL.get(kind, "{value}").format(value=value)


def resolve(
    connection: duckdb.DuckDBPyConnection, settings: Settings, sources: Sequence[tuple[str, str, str]]
) -> None:
    """Create temp `resolved` (kind, value, identifier_key); new values are committed to the vault at once.

    `sources` are (kind, SQL of the normalised value, FROM clause). A value that the warehouse never comes to
    use, because the load fails, does no harm in the vault.
    """
    wanted = (
        " union ".join(
            f"select distinct {quote_literal(kind)} as kind, {value} as value from {relation}"
            for kind, value, relation in sources
        )
        or "select null::varchar as kind, null::varchar as value"
    )
    key = pseudonym_key(settings)
    connection.execute(
        f"""
        create or replace temp table resolved as
        select wanted.kind, wanted.value, known.identifier_key, known.pseudonym
        from ({wanted}) as wanted
        left join vault.identifiers as known on wanted.kind = known.kind and wanted.value = known.value
        where wanted.value is not null
        """
    )
    connection.execute(
        f"""
        create or replace temp table new_identifiers as
        select kind, value, {_next_key("pseudonym")} as identifier_key, pseudonym
        from (
            select kind, value, {hmac_sql("kind || chr(31) || value", "$inner", "$outer")} as pseudonym
            from resolved where identifier_key is null
        )
        """,
        {"inner": key.inner, "outer": key.outer},
    )
    connection.execute(
        "insert into vault.identifiers select identifier_key, kind, value, pseudonym from new_identifiers"
    )
    connection.execute(
        """
        create or replace temp table resolved as
        select kind, value, identifier_key, pseudonym from resolved where identifier_key is not null
        union all select kind, value, identifier_key, pseudonym from new_identifiers
        """
    )


def resolve_cookieless(
    connection: duckdb.DuckDBPyConnection, settings: Settings, visitors: str, now: datetime
) -> None:
    """Create temp `visitors` (day, ip_address, user_agent, identifier_key, pseudonym, is_new).

    `visitors` is a SELECT of distinct day, ip_address and user_agent, none of them null. A day whose key was
    destroyed gives no row: its events belong to nobody. Nothing of it goes to the vault.
    """
    connection.execute(f"create or replace temp table seen_visitors as {visitors}")
    days = [day for (day,) in connection.execute("select distinct day from seen_visitors").fetchall()]
    keys = day_keys(settings, days, now)
    connection.execute("create or replace temp table keys_of_days (day date, inner_key blob, outer_key blob)")
    if keys:
        connection.executemany(
            "insert into keys_of_days values (?, ?, ?)",
            [(day, key.inner, key.outer) for day, key in keys.items()],
        )
    message = f"'{COOKIELESS}' || chr(31) || lower(ip_address) || '|' || user_agent"
    connection.execute(
        f"""
        create or replace temp table visitors as
        with hashed as (
            select seen.*, {hmac_sql(message, "inner_key", "outer_key")} as pseudonym
            from seen_visitors as seen inner join keys_of_days as keys using (day)
        ),
        matched as (
            select hashed.*, known.identifier_key
            from hashed
            left join raw.identifiers as known
                on hashed.pseudonym = known.pseudonym and known.kind = '{COOKIELESS}'
        ),
        numbered as (
            select pseudonym, {_next_key("pseudonym")} as identifier_key
            from (select distinct pseudonym from matched where identifier_key is null)
        )
        select day, ip_address, user_agent, pseudonym,
            coalesce(matched.identifier_key, numbered.identifier_key) as identifier_key,
            matched.identifier_key is null as is_new
        from matched left join numbered using (pseudonym)
        """
    )
    connection.execute("drop table keys_of_days")


def mirror(connection: duckdb.DuckDBPyConnection, with_visitors: bool) -> None:
    """Give raw.identifiers every key of `resolved` (and `visitors`), in the load's transaction."""
    connection.execute(
        """
        insert into raw.identifiers
        select distinct identifier_key, kind, pseudonym from resolved
        where identifier_key not in (select identifier_key from raw.identifiers)
        """
    )
    if with_visitors:
        connection.execute(
            f"""
            insert into raw.identifiers
            select distinct identifier_key, '{COOKIELESS}', pseudonym from visitors where is_new
            """
        )


def mark_junk(connection: duckdb.DuckDBPyConnection, seed: Path) -> None:
    """Bring raw.junk_identifiers in line with the seed of values that name nobody (`null`, `none`, ...).

    Only here, in the vault, can the originals be compared; models see keys. A changed seed applies to all
    that was ever loaded. Devices, user ids, a user's own device and e-mails can be junk.
    """
    connection.execute(
        f"""
        create or replace temp table junk as
        select known.identifier_key
        from vault.identifiers as known
        where known.kind in ('device', 'user', '{USER_DEVICE}', 'email')
            and lower(trim(known.value)) in (
                select lower(trim(identifier)) from read_csv($seed, all_varchar = true, header = true)
            )
        """,
        {"seed": str(seed)},
    )
    connection.execute("delete from raw.junk_identifiers where identifier_key not in (from junk)")
    connection.execute(
        "insert into raw.junk_identifiers from junk where identifier_key not in (from raw.junk_identifiers)"
    )


def _next_key(order: str) -> str:
    """Both stores are asked, because each may have keys that the other does not know."""
    return f"""
        row_number() over (order by {order}) + greatest(
            coalesce((select max(identifier_key) from vault.identifiers), 0),
            coalesce((select max(identifier_key) from raw.identifiers), 0))
    """
