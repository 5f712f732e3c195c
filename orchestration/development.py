"""A private copy of the warehouse to build models in, and what a change of models changes.

Add here: another comparison. Keep out: anything that writes the warehouse itself.
"""

import json
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.dbt import dbt_environment, dbt_variables
from orchestration.defs.transform.builds import last_build
from orchestration.errors import ExpectedError
from orchestration.settings import DBT_PROJECT, Settings
from orchestration.warehouse import claim_warehouse, connect_claimed, quote_identifier, quote_literal


class DevelopmentError(ExpectedError):
    """There is nothing to copy or compare."""


@dataclass(frozen=True)
class TableChange:
    """Rows of one mart in the warehouse and in the copy, and rows that only one of them has."""

    table: str
    warehouse_rows: int
    copy_rows: int
    removed: int
    added: int
    columns: list[str]


def copy_warehouse(settings: Settings, name: str) -> Path:
    """Copy the warehouse to dev/<name>.duckdb; returns a shell file with the environment for dbt in it.

    Raises DevelopmentError before the first build.
    """
    copy = copy_path(settings, name)
    with claim_warehouse(settings):
        with connect_claimed(settings) as connection:
            build = last_build(connection)
            if build is None:
                raise DevelopmentError(f"nothing was built in {settings.warehouse}: run `trackway run` first")
            connection.execute("checkpoint")
        shutil.copyfile(settings.warehouse, copy)
    target = settings.development / f"{name}-target"
    variables = {
        **dbt_environment(settings),
        "DBT_WAREHOUSE_PATH": str(copy),
        # Not the warehouse's own, which its next holder empties.
        "DBT_TEMP_DIRECTORY": str(copy.with_suffix(".tmp")),
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(target),
        "DBT_PROJECT_DIR": str(DBT_PROJECT),
        "DBT_PROFILES_DIR": str(DBT_PROJECT),
        "DBT_VARS": json.dumps(dbt_variables(settings)),
    }
    environment = copy.with_suffix(".env")
    environment.write_text("".join(f"export {key}={shlex.quote(text)}\n" for key, text in variables.items()))
    return environment


def copy_path(settings: Settings, name: str) -> Path:
    """Where the copy `name` is. Raises DevelopmentError where the name is no plain file name."""
    if not name or name != Path(name).name or name.startswith("."):
        raise DevelopmentError(f"{name!r} is no name for a copy: use letters, digits and hyphens")
    return settings.development / f"{name}.duckdb"


def compare_with_warehouse(settings: Settings, name: str) -> list[TableChange]:
    """Every mart of the warehouse or the copy with its differing rows, over the columns that both have."""
    copy = copy_path(settings, name)
    if not copy.exists():
        raise DevelopmentError(f"{copy} is missing: run `trackway dev --name {name}` first")
    with claim_warehouse(settings), duckdb.connect() as connection:
        for file, alias in ((settings.warehouse, "before"), (copy, "after")):
            connection.execute(f"attach {quote_literal(str(file))} as {alias} (read_only)")
        before, after = _marts(connection, "before"), _marts(connection, "after")
        return [
            _change(connection, table, before.get(table, []), after.get(table, []))
            for table in sorted({*before, *after})
        ]


def _marts(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, list[str]]:
    rows = connection.execute(
        """
        select table_name, list(column_name order by column_index) from duckdb_columns()
        where database_name = ? and schema_name = 'marts' group by table_name
        """,
        [database],
    ).fetchall()
    return dict(rows)


def _change(
    connection: duckdb.DuckDBPyConnection, table: str, before: list[str], after: list[str]
) -> TableChange:
    shared = ", ".join(quote_identifier(column) for column in before if column in after)
    relation = f"marts.{quote_identifier(table)}"

    def count(query: str) -> int:
        return int(connection.execute(f"select count(*) from ({query})").fetchall()[0][0])

    old, new = f"select {shared} from before.{relation}", f"select {shared} from after.{relation}"
    return TableChange(
        table=table,
        warehouse_rows=count(f"from before.{relation}") if before else 0,
        copy_rows=count(f"from after.{relation}") if after else 0,
        removed=count(f"{old} except all {new}") if shared else 0,
        added=count(f"{new} except all {old}") if shared else 0,
        columns=[
            *(f"-{column}" for column in before if column not in after),
            *(f"+{column}" for column in after if column not in before),
        ],
    )
