"""Copies the warehouse's schema `published` into a file of its own.

Add here: what every published relation needs (order, comments). Keep out: which relations there are; that is
decided by the models in dbt_project/models/published/.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.warehouse import quote_identifier, quote_literal

TARGET = "publication"


@dataclass(frozen=True)
class Monthly:
    """A relation copied by the months of `column`; it has one row for each of its base, at `base_column`."""

    column: str
    base: str
    base_column: str

    @property
    def base_relation(self) -> str:
        """The base's name in the warehouse, quoted; `base` is schema.table."""
        return ".".join(quote_identifier(part) for part in self.base.split("."))


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


def copy_published(connection: duckdb.DuckDBPyConnection, by_month: Mapping[str, Monthly]) -> dict[str, int]:
    """Copy every relation of schema `published` with its comments; returns rows by relation.

    `by_month` says which relations are copied month by month: one of all events would not fit into the
    memory limit, neither for its joins nor for its order.
    """
    # The views join large to small, as written; estimates of views over views are too low by far, and the
    # optimizer would then hold the large side in memory.
    connection.execute("set disabled_optimizers = 'join_order,build_side_probe_side'")
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
        if name in by_month:
            _copy_by_month(connection, name, by_month[name])
        else:
            _copy(connection, name, columns)
        _comment(connection, name, comment, columns)
        rows[name] = connection.execute(f"select count(*) from {target(name)}").fetchall()[0][0]
    connection.execute("set disabled_optimizers = ''")
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


def _copy_by_month(connection: duckdb.DuckDBPyConnection, relation: str, monthly: Monthly) -> None:
    connection.execute(f"create table {target(relation)} as from {source(relation)} limit 0")
    column = quote_identifier(monthly.column)
    months = connection.execute(
        f"select distinct date_trunc('month', {quote_identifier(monthly.base_column)})::timestamp "
        f"from {monthly.base_relation} order by all"
    ).fetchall()
    for (month,) in months:
        connection.execute(
            f"""
            insert into {target(relation)} from {source(relation)}
            where {column} >= $month and {column} < $month + interval 1 month order by {column}
            """,
            {"month": month},
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
