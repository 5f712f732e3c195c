"""The ledger raw.loads: which files were seen, what became of their lines, and when they first came.

Add here: a count that every file must account for. Keep out: how lines are read or judged.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import duckdb

from orchestration.defs.raw.content import FileRead
from orchestration.defs.raw.landing import LandingFile
from orchestration.defs.raw.staging import BLANK
from orchestration.settings import Settings
from orchestration.state import open_state

LOADED: Final = "loaded"
ALREADY_LOADED: Final = "already_loaded"
REFUSED: Final = "refused"


class SumRuleError(AssertionError):
    """A file's lines do not add up: an error in this program, found before anything was committed."""


def unseen(connection: duckdb.DuckDBPyConnection, files: Sequence[LandingFile]) -> list[LandingFile]:
    """Files whose name, size and time of change the ledger does not know: only these need reading."""
    known = set(connection.execute("select file, file_size, modified_ns from raw.loads").fetchall())
    return [file for file in files if (file.name, file.size, file.modified_ns) not in known]


def next_file_id(connection: duckdb.DuckDBPyConnection) -> int:
    """The lowest number that no file has."""
    return int(connection.execute("select coalesce(max(file_id), 0) + 1 from raw.loads").fetchall()[0][0])


def next_load_id(connection: duckdb.DuckDBPyConnection) -> int:
    """The number of the next loading transaction."""
    return int(connection.execute("select coalesce(max(load_id), 0) + 1 from raw.loads").fetchall()[0][0])


def earliest_first_load(settings: Settings, dataset: str, now: datetime) -> datetime:
    """When the first file of a data set was first loaded, or `now`; naive UTC."""
    with open_state(settings) as state:
        row = state.execute("select min(loaded_at) from first_loads where dataset = ?", [dataset]).fetchone()
    return datetime.fromisoformat(row[0]) if row and row[0] else now


def note_first_loads(
    settings: Settings, dataset: str, hashes: Iterable[str], now: datetime
) -> dict[str, datetime]:
    """First loading time by content hash, naive UTC. Outside the warehouse, so that a rebuild keeps it."""
    wanted = list(hashes)
    with open_state(settings) as state:
        state.executemany(
            "insert or ignore into first_loads values (?, ?, ?)",
            [(dataset, one, now.isoformat()) for one in wanted],
        )
        rows = state.execute("select content_hash, loaded_at from first_loads where dataset = ?", [dataset])
        found = dict(rows.fetchall())
    return {one: datetime.fromisoformat(found[one]) for one in wanted}


def content_names(connection: duckdb.DuckDBPyConnection, dataset: str) -> dict[str, str]:
    """Name of the file that each loaded content of a data set came in."""
    rows = connection.execute(
        f"select content_hash, file from raw.loads where dataset = ? and status = '{LOADED}'", [dataset]
    ).fetchall()
    return dict(rows)


def loaded_names(connection: duckdb.DuckDBPyConnection, dataset: str) -> set[str]:
    """Names under which something of a data set was loaded."""
    rows = connection.execute(
        f"select file from raw.loads where dataset = ? and status = '{LOADED}'", [dataset]
    ).fetchall()
    return {name for (name,) in rows}


def record(
    connection: duckdb.DuckDBPyConnection,
    read: FileRead,
    load_id: int,
    status: str,
    reason: str | None,
    loaded_at: datetime,
) -> None:
    """One row for a file. Lines are filled in by `count_lines`; files that are not loaded count none."""
    file = read.file
    lines = read.lines if status == LOADED else 0
    connection.execute(
        "insert into raw.loads values (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0, 0, ?, ?, ?, ?, ?)",
        [read.file_id, load_id, file.name, file.source, file.dataset, read.content_hash or None, read.bytes,
         lines, loaded_at, status, reason, file.size, file.modified_ns],
    )  # fmt: skip


def count_lines(connection: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """Fill the counts of a load from `staged` and `losers`."""
    connection.execute(
        f"""
        update raw.loads set
            loaded = counted.loaded, duplicate = counted.duplicate,
            quarantined = counted.quarantined, blank = counted.blank
        from (
            select file_id, accepted - coalesce(lost, 0) as loaded, coalesce(lost, 0) as duplicate,
                quarantined, blank
            from (
                select file_id, count(*) filter (reason is null) as accepted,
                    count(*) filter (reason <> '{BLANK}') as quarantined,
                    count(*) filter (reason = '{BLANK}') as blank
                from staged group by file_id
            )
            left join (
                select file_id, count(*) as lost from losers where not is_loaded group by file_id
            ) using (file_id)
        ) as counted
        where loads.file_id = counted.file_id and loads.load_id = {load_id}
        """
    )


def count_masked(connection: duckdb.DuckDBPyConnection, load_id: int, masked: str) -> None:
    """Fill masked_values from `masked`, SQL for the number of masked values in a row of `staged`."""
    connection.execute(
        f"""
        update raw.loads set masked_values = counted.masked
        from (
            select file_id, sum(coalesce({masked}, 0)) as masked
            from staged where reason is null group by file_id
        ) as counted
        where loads.file_id = counted.file_id and loads.load_id = {load_id}
        """
    )


def assert_sums(connection: duckdb.DuckDBPyConnection) -> None:
    """Every line of every file is accounted for. Raises SumRuleError naming the first file that fails."""
    wrong = connection.execute(
        """
        select file, lines, loaded, duplicate, quarantined, suppressed, erased, blank from raw.loads
        where lines <> loaded + duplicate + quarantined + suppressed + erased + blank
            or least(loaded, duplicate, quarantined, suppressed, erased, blank) < 0
        order by file_id limit 1
        """
    ).fetchall()
    if wrong:
        file, lines, *counts = wrong[0]
        raise SumRuleError(f"{file}: {lines} lines do not equal the sum of {counts}; nothing was committed")


def naive_now() -> datetime:
    """Now, in UTC, without a zone, as every time in the warehouse."""
    return datetime.now(UTC).replace(tzinfo=None)
