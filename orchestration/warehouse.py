"""Opening DuckDB files: one writer at a time for the warehouse, locked-down readers for what is published.

Add here: limits and settings that every connection must have. Keep out: statements about any table.
"""

import contextlib
import json
import logging
import os
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from orchestration.errors import ExpectedError
from orchestration.settings import Settings

logger = logging.getLogger(__name__)

WAIT_SECONDS = 4 * 3600.0
_POLL_SECONDS = 0.5


class WarehouseBusyError(ExpectedError):
    """Another process kept the warehouse longer than this one was willing to wait."""


def quote_identifier(name: str) -> str:
    """`name` as a quoted SQL identifier; parameters cannot bind identifiers."""
    return '"' + name.replace('"', '""') + '"'


def quote_literal(text: str) -> str:
    """`text` as a SQL string, for the statements that take no parameters (ATTACH, COMMENT)."""
    return "'" + text.replace("'", "''") + "'"


@contextlib.contextmanager
def claim_warehouse(settings: Settings, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the right to write, without opening the file: for a child process such as dbt.

    Waits for other claims and for a DuckDB lock that an orphaned child still holds, and says who it is.
    Deletes what killed holders left in the folder for spilling: it may hold identifiers in the clear.
    Not reentrant. Raises WarehouseBusyError after `wait_seconds`.
    """
    deadline = time.monotonic() + wait_seconds
    lock = FileLock(settings.warehouse_lock)
    _acquire(lock, settings, deadline)
    try:
        _note_holder(settings)
        _connect(settings, deadline).close()
        for leftover in settings.temporary.glob("*"):
            leftover.unlink(missing_ok=True)
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def open_writer(
    settings: Settings, wait_seconds: float = WAIT_SECONDS
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The only way to open the warehouse for writing: takes the claim, then connects. UTC, limits set."""
    with claim_warehouse(settings, wait_seconds), connect_claimed(settings) as connection:
        yield connection


@contextlib.contextmanager
def connect_claimed(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the warehouse for somebody who holds `claim_warehouse`."""
    connection = _connect(settings, time.monotonic() + WAIT_SECONDS)
    try:
        yield connection
    finally:
        connection.close()


@contextlib.contextmanager
def open_reader(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Read-only connection to a published or status file: no other file, no network, fixed settings."""
    connection = duckdb.connect(
        str(path),
        read_only=True,
        config={
            "enable_external_access": "false",
            "autoinstall_known_extensions": "false",
            "TimeZone": "UTC",
        },
    )
    try:
        connection.execute("set lock_configuration = true")
        yield connection
    finally:
        connection.close()


def _connect(settings: Settings, deadline: float) -> duckdb.DuckDBPyConnection:
    said = False
    while True:
        try:
            return duckdb.connect(str(settings.warehouse), config=_limits(settings))
        except duckdb.IOException as error:
            holder = re.search(r"Conflicting lock is held in (.*?) \(PID (\d+)\)", str(error))
            if holder is None:
                raise
            who = f"{Path(holder[1]).name}, process {holder[2]}"
            if time.monotonic() > deadline:
                raise WarehouseBusyError(_busy(settings, who)) from None
            if not said:
                logger.warning("waiting for the warehouse: %s still has it open", who)
                said = True
            time.sleep(_POLL_SECONDS)


def _limits(settings: Settings) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "memory_limit": settings.memory_limit,
        "threads": settings.threads,
        "temp_directory": str(settings.temporary),
        "autoinstall_known_extensions": "false",
        "TimeZone": "UTC",
    }


def _acquire(lock: FileLock, settings: Settings, deadline: float) -> None:
    with contextlib.suppress(Timeout):
        lock.acquire(timeout=_POLL_SECONDS)
        return
    logger.warning("waiting for the warehouse: held by %s", _holder(settings))
    try:
        lock.acquire(timeout=max(0.0, deadline - time.monotonic()), poll_interval=_POLL_SECONDS)
    except Timeout:
        raise WarehouseBusyError(_busy(settings, _holder(settings))) from None


def _busy(settings: Settings, who: str) -> str:
    return f"the warehouse {settings.warehouse} is in use by {who}: wait for it or stop it, then run again"


def _holder_note(settings: Settings) -> Path:
    return settings.warehouse_lock.with_suffix(".holder.json")


def _note_holder(settings: Settings) -> None:
    note = {"pid": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds")}
    _holder_note(settings).write_text(json.dumps(note))


def _holder(settings: Settings) -> str:
    try:
        note = json.loads(_holder_note(settings).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        # The holder has the lock and is about to write its note.
        return "another process"
    return f"process {note['pid']} since {note['since']}"
