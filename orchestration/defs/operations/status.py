"""One status file per run, passed or failed: what was loaded, rejected, checked and measured.

Add here: a table about the pipeline itself. Keep out: business data; that is published.
"""

import json
import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from filelock import FileLock

from orchestration.defs.operations.record import Row, RunRecord, read_run
from orchestration.defs.published.versions import current_version
from orchestration.settings import Settings
from orchestration.warehouse import WarehouseBusyError, claim_warehouse, quote_literal

logger = logging.getLogger(__name__)

FILES_KEPT = 30
RUNS_KEPT = 500
REJECTED_KEPT = 100_000

# Stages whose checks are made when, and only when, something is built.
_BUILT = ("staging/", "intermediate/", "marts/")
_TABLES = """
    create table runs (run_id varchar, job varchar, status varchar, started_at timestamp, ended_at timestamp,
        message varchar, published_version varchar);
    create table data_quality (dataset varchar, "check" varchar, status varchar, severity varchar,
        observed varchar, expected varchar, run_at timestamp);
    create table performance_metrics (metric_name varchar, metric_value double, metric_unit varchar,
        tags varchar, recorded_at timestamp);
"""
_LOADS = "create table loads as select * from {raw}.loads order by file_id"
_REJECTED = f"""
    create table rejected_events as
    select rejected.*, loads.file, loads.loaded_at as rejected_at
    from {{raw}}.rejected_events as rejected
    left join {{raw}}.loads as loads using (file_id, load_id)
    order by rejected.load_id desc, rejected.file_id, rejected.line_number
    limit {REJECTED_KEPT}
"""


def write_status(
    instance: dg.DagsterInstance, settings: Settings, run_id: str, wait_seconds: float = 60.0
) -> Path:
    """Write status/<run_id>.duckdb for an ended run and point status/current.json to the latest; idempotent.

    Where the warehouse stays busy or cannot be opened, the tables about loading are those of the last file.
    """
    file = settings.status / f"{run_id}.duckdb"
    with FileLock(settings.status / "current.lock"):
        if file.exists():
            return file
        run, before = read_run(instance, run_id), read_pointer(settings)
        partial = file.with_name(file.name + ".tmp")
        partial.unlink(missing_ok=True)
        with duckdb.connect(str(partial)) as connection:
            connection.execute(_TABLES)
            _keep_history(connection, settings, before, run)
            _insert_run(connection, settings, run)
            if not _copy_loading(connection, settings, wait_seconds):
                _copy_last_loading(connection, settings, before)
        partial.rename(file)
        _point(settings, run, before)
        _prune(settings, file)
    return file


def read_pointer(settings: Settings) -> dict[str, Any]:
    """status/current.json: run_id, file, status, written_at, stale_since, reason; {} before any run."""
    file = settings.status / "current.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def _keep_history(
    connection: duckdb.DuckDBPyConnection, settings: Settings, before: dict[str, Any], run: RunRecord
) -> None:
    """Earlier runs; where this run built nothing, also the earlier results of checks that it did not make."""
    if not before:
        return
    _attach(connection, settings.status / before["file"], "before")
    connection.execute(
        "insert into runs select * from before.runs where run_id != ? order by started_at desc limit ?",
        [run.run_id, RUNS_KEPT],
    )
    made = {(dataset, check) for dataset, check, *_ in run.checks}
    if not any(dataset.startswith(_BUILT) for dataset, _ in made):
        earlier = connection.execute("from before.data_quality").fetchall()
        _insert_checks(connection, [row for row in earlier if row[:2] not in made])
    connection.execute("detach before")


def _insert_run(connection: duckdb.DuckDBPyConnection, settings: Settings, run: RunRecord) -> None:
    version = current_version(settings)
    published = version.version if version and version.run_id == run.run_id else None
    connection.execute(
        "insert into runs values (?, ?, ?, ?, ?, ?, ?)",
        [run.run_id, run.job, run.status, run.started_at, run.ended_at, run.message, published],
    )
    _insert_checks(connection, run.checks)
    measured = [(name, value, unit, json.dumps(tags), at) for name, value, unit, tags, at in run.measurements]
    if measured:
        connection.executemany("insert into performance_metrics values (?, ?, ?, ?, ?)", measured)


def _insert_checks(connection: duckdb.DuckDBPyConnection, checks: list[Row]) -> None:
    if checks:
        connection.executemany("insert into data_quality values (?, ?, ?, ?, ?, ?, ?)", checks)


def _copy_loading(connection: duckdb.DuckDBPyConnection, settings: Settings, wait_seconds: float) -> bool:
    if not settings.warehouse.exists():
        return False
    try:
        with claim_warehouse(settings, wait_seconds):
            _attach(connection, settings.warehouse, "warehouse")
            connection.execute(_LOADS.format(raw="warehouse.raw"))
            connection.execute(_REJECTED.format(raw="warehouse.raw"))
            connection.execute("detach warehouse")
    except (WarehouseBusyError, duckdb.Error) as error:
        logger.warning("status without the latest loads: %s", error)
        return False
    return True


def _copy_last_loading(
    connection: duckdb.DuckDBPyConnection, settings: Settings, before: dict[str, Any]
) -> None:
    if not before:
        return
    _attach(connection, settings.status / before["file"], "before")
    for table in ("loads", "rejected_events"):
        connection.execute(f"create or replace table {table} as select * from before.{table}")
    connection.execute("detach before")


def _attach(connection: duckdb.DuckDBPyConnection, file: Path, name: str) -> None:
    connection.execute(f"attach {quote_literal(str(file))} as {name} (read_only)")


def _point(settings: Settings, run: RunRecord, before: dict[str, Any]) -> None:
    """Data are stale from the start of the first failed run since a run passed."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    stale_since = None
    if not run.passed:
        started = run.started_at.isoformat(timespec="seconds") + "+00:00" if run.started_at else now
        stale_since = before.get("stale_since") or started
    pointer = {
        "run_id": run.run_id,
        "file": f"{run.run_id}.duckdb",
        "status": run.status,
        "written_at": now,
        "stale_since": stale_since,
        "reason": run.message,
    }
    partial = settings.status / f"current.{os.getpid()}.tmp"
    partial.write_text(json.dumps(pointer, indent=1), encoding="utf-8")
    partial.replace(settings.status / "current.json")


def _prune(settings: Settings, newest: Path) -> None:
    files = sorted(settings.status.glob("*.duckdb"), key=lambda file: file.stat().st_mtime)
    for file in files[:-FILES_KEPT]:
        if file != newest:
            file.unlink()
