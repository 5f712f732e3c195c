"""The only reader: finds the published and the status file, and answers queries on them.

Here: current.json of both folders, read-only connections, caches that follow a new version.
Add here: another file that the pages may read. Keep out: SQL of pages, and everything that writes.
"""

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd
import streamlit as st
import yaml

MEMORY_LIMIT = "2GiB"
BUSINESSES = Path(__file__).resolve().parent.parent / "dbt_project" / "businesses"


class DataUnavailableError(Exception):
    """There is nothing to show; the message says why and what to do, in words for the reader of a page."""


@dataclass(frozen=True)
class Published:
    """One published version: which file, what it covers (UTC) and how its days and money are reported."""

    version: str
    file: Path
    published_at: datetime
    as_of: datetime
    run_id: str
    business: str
    pinned: bool
    time_zone: ZoneInfo
    currency: str
    tables: dict[str, int] = field(hash=False)


@dataclass(frozen=True)
class Status:
    """The newest finished run, passed or failed, and the file with its loads, rejects and checks."""

    run_id: str
    file: Path
    status: str
    written_at: datetime
    stale_since: datetime | None
    reason: str


def home() -> Path:
    """Return the folder with the published and status files. Raises DataUnavailableError when it
    is not set.
    """
    value = os.environ.get("TRACKWAY_HOME")
    if not value:
        raise DataUnavailableError("TRACKWAY_HOME is not set. Start the dashboard with trackway serve.")
    return Path(value)


def published() -> Published:
    """Return the version that is published now. Raises DataUnavailableError when there is none."""
    folder = home() / "published"
    entry = _current(
        folder, "Nothing is published yet. Load data and build with make run, then reload this page."
    )
    file = _readable(folder, entry)
    reporting = _reporting(str(entry["business"]))
    return Published(
        version=str(entry["version"]),
        file=file,
        published_at=_utc(entry["published_at"]),
        as_of=_utc(entry["as_of"]),
        run_id=str(entry["run_id"]),
        business=str(entry["business"]),
        pinned=bool(entry["pinned"]),
        time_zone=ZoneInfo(reporting["reporting_timezone"]),
        currency=reporting["reporting_currency"],
        tables=dict(entry["tables"]),
    )


def status() -> Status:
    """Return the newest run's status. Raises DataUnavailableError before the first run."""
    folder = home() / "status"
    entry = _current(folder, "No run has finished yet. Start one with make run.")
    file = _readable(folder, entry)
    since = entry["stale_since"]
    return Status(
        run_id=str(entry["run_id"]),
        file=file,
        status=str(entry["status"]),
        written_at=_utc(entry["written_at"]),
        stale_since=_utc(since) if since else None,
        reason=entry["reason"] or "",
    )


def query(file: Path, sql: str, parameters: dict[str, Any] | None = None) -> pd.DataFrame:
    """Return the rows of one statement; answers are kept until another version is published."""
    return _rows(file, sql, parameters or {})


def _current(folder: Path, missing: str) -> dict[str, Any]:
    pointer = folder / "current.json"
    try:
        return json.loads(pointer.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataUnavailableError(missing) from None
    except json.JSONDecodeError as error:
        raise DataUnavailableError(
            f"{pointer.name} in {folder.name} is damaged (line {error.lineno}). Run `trackway "
            f"publish` to write it again."
        ) from None


def _readable(folder: Path, entry: dict[str, Any]) -> Path:
    # `name` keeps a pointer from leading out of its folder.
    file = folder / Path(entry["file"]).name
    if not file.exists():
        raise DataUnavailableError(
            f"{file.name} is missing from the {folder.name} folder. Build it again with make run."
        )
    _follow(folder.name, file)
    _connection(file)
    return file


@st.cache_data(show_spinner=False)
def _reporting(business: str) -> dict[str, str]:
    # An absolute path of a business outside the checkout replaces the folder.
    file = BUSINESSES / business / "business.yml"
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataUnavailableError(
            f"The published version is of the business {business}, which has no business.yml."
        ) from None


def _utc(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@st.cache_resource(show_spinner=False)
def _followed() -> dict[str, Path]:
    return {}


def _follow(kind: str, file: Path) -> None:
    """Drop the old version's connection and answers: DuckDB keeps an instance a path for as long
    as one is open.
    """
    before = _followed().get(kind)
    _followed()[kind] = file
    if before not in (None, file):
        _connection.clear(before)
        _rows.clear()


@st.cache_resource(max_entries=4, on_release=lambda connection: connection.close(), show_spinner=False)
def _connection(file: Path) -> duckdb.DuckDBPyConnection:
    settings = {"enable_external_access": "false", "memory_limit": MEMORY_LIMIT, "lock_configuration": "true"}
    try:
        return duckdb.connect(str(file), read_only=True, config=settings)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0].replace(str(file), file.name)
        raise DataUnavailableError(
            f"{file.name} cannot be opened: {reason}. Publish again with make run."
        ) from None


@st.cache_data(max_entries=2000, max_size="256MB", show_spinner=False)
def _rows(file: Path, sql: str, parameters: dict[str, Any]) -> pd.DataFrame:
    # A cursor of its own: the connection is shared by every visitor's thread.
    with _connection(file).cursor() as cursor:
        return cursor.execute(sql, parameters).df()
