"""What the warehouse was built from, so that a run knows whether and how to build.

Add here: another input that, when it changes, makes a build necessary. Keep out: how far a single model has
read; each model records that in its own transaction.
"""

from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from orchestration.dbt import fingerprint
from orchestration.errors import ExpectedError
from orchestration.settings import Settings


class NothingLoadedError(ExpectedError):
    """There is no event to build from."""


@dataclass(frozen=True)
class Build:
    """The inputs of a build: last load, 'now' (naive UTC) and the hash of code and configuration.

    `built_by` is the run that built from them; it is no input, and builds from the same inputs are equal.
    """

    load_id: int
    as_of: datetime
    fingerprint: str
    built_by: str = field(default="", compare=False)


def current_inputs(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Build:
    """What a build would start from now. Raises NothingLoadedError before the first event was loaded."""
    load_id, latest = connection.execute(
        """
        select
            (select max(load_id) from raw.loads where status = 'loaded'),
            greatest((select max(event_ts) from raw.events), (select max(event_ts) from raw.access_log))
        """
    ).fetchall()[0]
    if load_id is None or latest is None:
        raise NothingLoadedError(
            f"no event was loaded from {settings.landing}: put files there or run `trackway sample` first"
        )
    as_of = settings.as_of.replace(tzinfo=None) if settings.as_of else latest
    return Build(load_id, as_of, fingerprint(settings))


def last_build(connection: duckdb.DuckDBPyConnection) -> Build | None:
    """Inputs of the last build that ended well; None before the first."""
    _create(connection)
    rows = connection.execute(
        "select load_id, as_of, fingerprint, run_id from operations.builds order by built_at desc limit 1"
    ).fetchall()
    return Build(*rows[0]) if rows else None


def record_build(connection: duckdb.DuckDBPyConnection, build: Build, run_id: str) -> None:
    """Remember that every model and test passed on these inputs."""
    _create(connection)
    connection.execute(
        "insert into operations.builds values (?, ?, ?, ?, now()::timestamp)",
        [run_id, build.load_id, build.as_of, build.fingerprint],
    )


def _create(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create schema if not exists operations;
        create table if not exists operations.builds (
            run_id varchar, load_id bigint, as_of timestamp, fingerprint varchar, built_at timestamp
        )
        """
    )
