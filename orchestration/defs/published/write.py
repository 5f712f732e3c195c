"""Copies the warehouse's schema `published` into a file of its own.

Add here: what every published relation needs (order, comments). Keep out: which relations there are; that is
decided by the models in dbt_project/models/published/.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import duckdb

from orchestration.warehouse import quote_identifier, quote_literal

TARGET = "publication"


@contextlib.contextmanager
def attached(connection: duckdb.DuckDBPyConnection, partial: Path) -> Iterator[None]:
    """A new, empty file `partial` attached as TARGET; closed after the block, gone after an error."""
    discard(partial)
    connection.execute(f"attach {quote_literal(str(partial))} as {TARGET}")
    try:
        yield
        connection.execute(f"checkpoint {TARGET}")
        connection.execute(f"detach {TARGET}")
    except BaseException:
        with contextlib.suppress(duckdb.Error):
            connection.execute(f"detach {TARGET}")
        discard(partial)
        raise


def finish(partial: Path, final: Path) -> None:
    """Give a closed file its final name; the name never becomes durable before the bytes."""
    _to_disk(partial)
    partial.rename(final)
    _to_disk(final.parent)


def discard(partial: Path) -> None:
    """Delete an unfinished file and its log."""
    partial.unlink(missing_ok=True)
    partial.with_name(partial.name + ".wal").unlink(missing_ok=True)


def copy_published(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Copy every relation of schema `published` with its comments; returns rows by relation."""
    relations = connection.execute(
        """
        select view_name as name, comment from duckdb_views() where schema_name = 'published' and not internal
        union all
        select table_name, comment from duckdb_tables() where schema_name = 'published'
        order by name
        """
    ).fetchall()
    rows = {}
    for name, comment in relations:
        columns = _columns(connection, name)
        _copy(connection, name, columns)
        _comment(connection, name, comment, columns)
        rows[name] = connection.execute(f"select count(*) from {target(name)}").fetchall()[0][0]
    return rows


def target(relation: str) -> str:
    """The relation's name in the new file, quoted."""
    return f"{TARGET}.main.{quote_identifier(relation)}"


def source(relation: str) -> str:
    """The relation's name in the warehouse, quoted."""
    return f"published.{quote_identifier(relation)}"


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[str, str, str | None]]:
    """(name, type, comment) in their order."""
    return connection.execute(
        """
        select column_name, data_type, comment from duckdb_columns()
        where schema_name = 'published' and table_name = ? and database_name = current_database()
        order by column_index
        """,
        [relation],
    ).fetchall()


def _copy(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: list[tuple[str, str, str | None]]
) -> None:
    # Pages filter by time: in this order a scan skips the blocks outside the chosen days.
    moments = [name for name, kind, _ in columns if kind.startswith("TIMESTAMP") or kind == "DATE"]
    order = quote_identifier(moments[0] if moments else columns[0][0])
    connection.execute(
        f"create table {target(relation)} as select * from {source(relation)} order by {order}"
    )


def _comment(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    comment: str | None,
    columns: list[tuple[str, str, str | None]],
) -> None:
    if comment:
        connection.execute(f"comment on table {target(relation)} is {quote_literal(comment)}")
    for name, _, text in columns:
        if text:
            column = f"{target(relation)}.{quote_identifier(name)}"
            connection.execute(f"comment on column {column} is {quote_literal(text)}")


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
