"""Data sets other than events into their tables, by their contracts alone.

Add here: what every such data set needs. Keep out: rules of a single one; state them in its contract.
"""

from datetime import datetime
from typing import Final

import duckdb

from data_contracts.contract import Column, Contract
from orchestration.defs.raw.identifiers import mirror, normalised, resolve
from orchestration.defs.raw.schema import raw_column
from orchestration.settings import Settings
from orchestration.warehouse import quote_identifier, quote_literal

MASKED_VALUES: Final = "has_shapes(unknown)::int"


def prepare(
    connection: duckdb.DuckDBPyConnection, settings: Settings, contract: Contract, now: datetime
) -> None:
    """Before the transaction: keys of identifiers, and which rows repeat another exactly."""
    connection.execute("create or replace temp view accepted as select * from staged where reason is null")
    resolve(
        connection,
        settings,
        [
            (kind, normalised(kind, quote_identifier(column.name)), "accepted")
            for column in contract.columns
            if (kind := column.identifier_kind)
        ],
    )
    connection.execute(
        f"""
        create or replace temp table losers as
        select file_id, line_number, false as is_loaded
        from (
            select file_id, line_number, body_hash,
                row_number() over (partition by body_hash order by content_hash, line_number) as place
            from accepted inner join files using (file_id)
        )
        where place > 1 or body_hash in (select body_hash from raw.{quote_identifier(contract.dataset)})
        """
    )


def insert(connection: duckdb.DuckDBPyConnection, contract: Contract, load_id: int) -> None:
    """In the transaction: dictionary and the rows that repeat no other."""
    mirror(connection, with_visitors=False)
    columns, joins = [], []
    for number, column in enumerate(contract.columns):
        target = raw_column(column)
        if target is None:
            continue
        columns.append(f"{_value(column, number)} as {quote_identifier(target[0])}")
        if column.identifier_kind:
            value = normalised(column.identifier_kind, "rows." + quote_identifier(column.name))
            kind = quote_literal(column.identifier_kind)
            joins.append(
                f"left join resolved as r{number} on r{number}.kind = {kind} and r{number}.value = {value}"
            )
    connection.execute(
        f"""
        insert into raw.{quote_identifier(contract.dataset)} by name
        select rows.file_id, rows.line_number, {load_id} as load_id, {", ".join(columns)},
            mask_text(unknown) as properties, body_hash
        from accepted as rows {" ".join(joins)}
        where not exists (
            select 1 from losers where losers.file_id = rows.file_id and losers.line_number = rows.line_number
        )
        """
    )


def _value(column: Column, number: int) -> str:
    name = "rows." + quote_identifier(column.name)
    if column.identifier_kind:
        return f"r{number}.identifier_key"
    if column.is_url:
        return f"mask_url({name})"
    if column.is_free_text:
        return f"mask_text({name})"
    if column.physical_type in ("VARCHAR", "JSON"):
        return f"mask_shapes({name})"
    return name
