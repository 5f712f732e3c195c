"""Loads what is new in landing/ into the `raw` schema.

Add here: the order of steps that every data set goes through. Keep out: what a format or a data set needs.
"""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import datetime
from typing import Final

import duckdb
import pyarrow as pa

from data_contracts.contract import Contract, load_contracts
from orchestration.defs.raw import events, ledger, quarantine
from orchestration.defs.raw.landing import LandingFile, find_files, split_unfinished
from orchestration.defs.raw.lines import SCHEMA, FileRead, read_batches
from orchestration.defs.raw.masking import create_masks
from orchestration.defs.raw.schema import create_raw
from orchestration.defs.raw.staging import json_source, reject_future, stage
from orchestration.defs.raw.vault import attached_vault
from orchestration.settings import Settings
from orchestration.warehouse import open_writer

logger = logging.getLogger(__name__)

BATCH_BYTES: Final = 512 << 20
_COMPRESSED_GROWTH: Final = 8


@dataclass(frozen=True)
class DatasetCounts:
    """What a run did for one data set, in files and in lines."""

    files: int = 0
    loaded_files: int = 0
    lines: int = 0
    loaded: int = 0
    duplicate: int = 0
    quarantined: int = 0


@dataclass(frozen=True)
class LoadReport:
    """What a run of the loader did. `seconds` is wall time; counts of lines are in `datasets`."""

    seen: int = 0
    unfinished: tuple[str, ...] = ()
    loaded: int = 0
    already_loaded: int = 0
    refused: int = 0
    seconds: float = 0.0
    load_ids: tuple[int, ...] = ()
    datasets: Mapping[str, DatasetCounts] = field(default_factory=dict)

    @property
    def nothing_new(self) -> bool:
        """Whether nothing downstream has a reason to run."""
        return self.loaded == 0


def load_landing(settings: Settings) -> LoadReport:
    """Load every file that is complete and not yet known; each batch is one transaction.

    One bad line or file never stops the others: they are recorded with a reason. Raises WarehouseBusyError
    where somebody else keeps the warehouse open.
    """
    started = time.monotonic()
    contracts = load_contracts()
    files, unfinished = split_unfinished(find_files(settings.landing))
    for file in unfinished:
        logger.warning("%s is still being written: left for the next run", file.name)
    with open_writer(settings) as connection:
        create_raw(connection, contracts)
        new = ledger.unseen(connection, files)
        reports = []
        if new:
            with attached_vault(connection, settings):
                connection.execute("set preserve_insertion_order = false")
                reports = [
                    _load_batch(connection, settings, contracts, batch) for batch in _batches(new, contracts)
                ]
    report = LoadReport(seen=len(files), unfinished=tuple(file.name for file in unfinished))
    for one in reports:
        report = _sum(report, one)
    return replace(report, seconds=time.monotonic() - started)


def _batches(files: Sequence[LandingFile], contracts: Mapping[str, Contract]) -> Iterator[list[LandingFile]]:
    """Files of one data set and format, up to a budget of content; a bigger file is a batch of its own."""
    groups: dict[tuple[str, str, str], list[LandingFile]] = {}
    for file in files:
        kind = "refused" if refusal(file, contracts) else str(file.format)
        groups.setdefault((file.source, file.dataset, kind), []).append(file)
    for group in groups.values():
        batch: list[LandingFile] = []
        filled = 0
        for file in group:
            size = file.size * (_COMPRESSED_GROWTH if file.path.suffix in (".gz", ".zst", ".parquet") else 1)
            if batch and filled + size > BATCH_BYTES:
                yield batch
                batch, filled = [], 0
            batch.append(file)
            filled += size
        yield batch


def refusal(file: LandingFile, contracts: Mapping[str, Contract]) -> str | None:
    """Why a file cannot be loaded, as far as that can be told without opening it."""
    if not file.is_regular:
        return "not a regular file: links and pipes are not followed"
    if file.source != "trackway" or file.dataset not in contracts:
        return (
            f"no contract for the data set {file.dataset} of source {file.source}: add one in data_contracts/"
        )
    if file.format not in ("json",):
        return "the name's ending is none of .jsonl, .csv, .parquet (each also .gz or .zst)"
    return None


def _load_batch(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    contracts: Mapping[str, Contract],
    batch: Sequence[LandingFile],
) -> LoadReport:
    now = ledger.naive_now()
    first = ledger.next_file_id(connection)
    reads = [
        FileRead(file, first + number, refused=refusal(file, contracts)) for number, file in enumerate(batch)
    ]
    contract = contracts.get(batch[0].dataset)
    if contract and not reads[0].refused:
        _stage(connection, settings, contract, reads, now)
    statuses = _statuses(connection, reads)
    accepted = [read for read in reads if statuses[read.file_id][0] == ledger.LOADED]
    if accepted and contract:
        _keep_accepted(connection, settings, contract, accepted, now)
        events.prepare(connection, settings, now)
        quarantine.write_verbatim(connection, settings, accepted)
    load_id = ledger.next_load_id(connection)
    connection.execute("begin")
    try:
        _commit_rows(connection, contract, reads, statuses, load_id, now)
        ledger.assert_sums(connection)
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    finally:
        _drop_temporary(connection)
    return _report(connection, load_id, batch[0].dataset)


def _stage(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    contract: Contract,
    reads: Sequence[FileRead],
    now: datetime,
) -> None:
    create_masks(connection, contract.query_parameters)
    since = ledger.earliest_first_load(settings, contract.dataset, now)
    connection.register("lines", pa.RecordBatchReader.from_batches(SCHEMA, read_batches(reads)))
    try:
        stage(connection, contract, json_source(contract, "lines"), since)
    finally:
        connection.unregister("lines")


def _statuses(
    connection: duckdb.DuckDBPyConnection, reads: Sequence[FileRead]
) -> dict[int, tuple[str, str | None]]:
    """Status and reason by file_id; a file that changed meanwhile has none and is left for the next run."""
    dataset = reads[0].file.dataset
    contents, names = ledger.content_names(connection, dataset), ledger.loaded_names(connection, dataset)
    statuses: dict[int, tuple[str, str | None]] = {}
    for read in reads:
        if read.changed:
            logger.warning("%s changed while it was read: left for the next run", read.file.name)
            statuses[read.file_id] = ("", None)
        elif read.refused:
            statuses[read.file_id] = (ledger.REFUSED, read.refused)
        elif read.content_hash in contents:
            reason = f"same content as {contents[read.content_hash]}"
            statuses[read.file_id] = (ledger.ALREADY_LOADED, reason)
        else:
            contents[read.content_hash] = read.file.name
            reason = "the file is empty" if read.bytes == 0 else None
            if read.file.name in names:
                reason = "new content under a name that was loaded before; known events count once"
            statuses[read.file_id] = (ledger.LOADED, reason)
    return statuses


def _keep_accepted(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    contract: Contract,
    accepted: Sequence[FileRead],
    now: datetime,
) -> None:
    """Drop staged rows of other files; give the accepted ones their content hash and first loading time."""
    first_loads = ledger.note_first_loads(
        settings, contract.dataset, [read.content_hash for read in accepted], now
    )
    connection.execute(
        "create or replace temp table files (file_id integer, content_hash varchar, loaded_at timestamp)"
    )
    connection.executemany(
        "insert into files values (?, ?, ?)",
        [(read.file_id, read.content_hash, first_loads[read.content_hash]) for read in accepted],
    )
    connection.execute("delete from staged where file_id not in (select file_id from files)")
    reject_future(connection, contract)


def _commit_rows(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract | None,
    reads: Sequence[FileRead],
    statuses: Mapping[int, tuple[str, str | None]],
    load_id: int,
    now: datetime,
) -> None:
    first_loads = {}
    accepted = any(status == ledger.LOADED for status, _ in statuses.values())
    if accepted:
        first_loads = dict(connection.execute("select file_id, loaded_at from files").fetchall())
    for read in reads:
        status, reason = statuses[read.file_id]
        if not status:
            continue
        ledger.record(connection, read, load_id, status, reason, first_loads.get(read.file_id, now))
        if status == ledger.REFUSED and reason:
            quarantine.record_refused(connection, read, load_id, reason)
    if accepted and contract:
        events.insert(connection, load_id)
        quarantine.record_rejected(connection, contract.dataset, load_id)
        ledger.count_lines(connection, load_id, events.OUTCOMES)
        ledger.count_masked(connection, load_id, events.MASKED_VALUES)


def _drop_temporary(connection: duckdb.DuckDBPyConnection) -> None:
    """Raw identifiers and lines do not outlive their batch."""
    views = connection.execute(
        "select view_name from duckdb_views() where temporary and not internal"
    ).fetchall()
    for (view,) in views:
        connection.execute(f"drop view temp.main.{view}")
    tables = connection.execute("select table_name from duckdb_tables() where temporary").fetchall()
    for (table,) in tables:
        connection.execute(f"drop table temp.main.{table}")


def _report(connection: duckdb.DuckDBPyConnection, load_id: int, dataset: str) -> LoadReport:
    counts = connection.execute(
        """
        select count(*), count(*) filter (status = 'loaded'), count(*) filter (status = 'already_loaded'),
            count(*) filter (status = 'refused'), coalesce(sum(lines), 0)::bigint,
            coalesce(sum(loaded), 0)::bigint, coalesce(sum(duplicate), 0)::bigint,
            coalesce(sum(quarantined), 0)::bigint
        from raw.loads where load_id = ?
        """,
        [load_id],
    ).fetchall()[0]
    files, loaded, already, refused, *lines = counts
    return LoadReport(
        loaded=loaded,
        already_loaded=already,
        refused=refused,
        load_ids=(load_id,) if files else (),
        datasets={dataset: DatasetCounts(files, loaded, *lines)},
    )


def _sum(left: LoadReport, right: LoadReport) -> LoadReport:
    datasets = dict(left.datasets)
    for dataset, counts in right.datasets.items():
        before = datasets.get(dataset, DatasetCounts())
        datasets[dataset] = DatasetCounts(
            *(a + b for a, b in zip(astuple(before), astuple(counts), strict=True))
        )
    return replace(
        left,
        loaded=left.loaded + right.loaded,
        already_loaded=left.already_loaded + right.already_loaded,
        refused=left.refused + right.refused,
        load_ids=left.load_ids + right.load_ids,
        datasets=datasets,
    )
