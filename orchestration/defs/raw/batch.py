"""One loading transaction: files of one data set and format, from bytes to committed rows and ledger.

Add here: a step that every batch goes through. Keep out: choosing files; what a format or a data set needs.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import Final

import duckdb

from data_contracts.contract import Contract
from orchestration.defs.raw import access_log, events, ledger, quarantine, records
from orchestration.defs.raw.content import FileRead
from orchestration.defs.raw.csv_files import csv_source
from orchestration.defs.raw.json_lines import json_source
from orchestration.defs.raw.landing import LandingFile
from orchestration.defs.raw.masking import create_masks
from orchestration.defs.raw.parquet_files import parquet_sources
from orchestration.defs.raw.properties import create_property_masks
from orchestration.defs.raw.schema import ACCESS_LOG, EVENTS
from orchestration.defs.raw.staging import Source, reject_future, stage
from orchestration.defs.raw.vault import body_salt
from orchestration.settings import Settings

logger = logging.getLogger(__name__)

# What a data set does between `staged` and its table: prepare, insert, MASKED_VALUES.
_WRITERS: Final[Mapping[str, ModuleType]] = {EVENTS: events, ACCESS_LOG: access_log}
_FORMATS: Final = {"trackway": ("json", "csv", "parquet"), ACCESS_LOG: ("log",)}

Status = tuple[str, str | None]


@dataclass(frozen=True)
class Loading:
    """What the steps of a batch share."""

    connection: duckdb.DuckDBPyConnection
    settings: Settings
    contracts: Mapping[str, Contract]
    now: datetime


def refusal(file: LandingFile, contracts: Mapping[str, Contract]) -> str | None:
    """Why a file cannot be loaded, as far as that can be told without opening it."""
    if not file.is_regular:
        return "not a regular file: links and pipes are not followed"
    if file.source not in _FORMATS or file.dataset not in contracts:
        return (
            f"no contract for the data set {file.dataset} of source {file.source}: add one in data_contracts/"
        )
    if (file.source == ACCESS_LOG) != (file.dataset == ACCESS_LOG):
        return f"the data set {file.dataset} does not come from source {file.source}: move the file"
    if file.format not in _FORMATS[file.source]:
        return f"the name's ending is none of {', '.join(_FORMATS[file.source])}: rename the file"
    return None


def load_batch(loading: Loading, batch: Sequence[LandingFile]) -> int:
    """Load files of one data set and format in one transaction; returns its load_id.

    Everything that can be computed before the transaction is, because the vault is another database.
    """
    connection = loading.connection
    first = ledger.next_file_id(connection)
    reads = [
        FileRead(file, first + number, refused=refusal(file, loading.contracts))
        for number, file in enumerate(batch)
    ]
    contract = None if reads[0].refused else loading.contracts[batch[0].dataset]
    if contract:
        _stage(loading, contract, reads)
    statuses = _statuses(connection, reads)
    accepted = [read for read in reads if statuses[read.file_id][0] == ledger.LOADED]
    if accepted and contract:
        _prepare(loading, contract, accepted)
    load_id = ledger.next_load_id(connection)
    connection.execute("begin")
    try:
        _write(loading, contract if accepted else None, reads, statuses, load_id)
        ledger.assert_sums(connection)
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    _drop_temporary(connection)
    return load_id


def _stage(loading: Loading, contract: Contract, reads: Sequence[FileRead]) -> None:
    create_masks(loading.connection, contract.query_parameters)
    create_property_masks(loading.connection, loading.settings.business_folder)
    since = ledger.earliest_first_load(loading.settings, contract.dataset, loading.now)
    salt = body_salt(loading.settings)
    stage(loading.connection, contract, _sources(loading.connection, contract, reads), since, salt)


def _sources(
    connection: duckdb.DuckDBPyConnection, contract: Contract, reads: Sequence[FileRead]
) -> Iterable[Source]:
    match reads[0].file.format:
        case "json":
            return [json_source(connection, contract, reads)]
        case "csv":
            return [csv_source(contract, reads)]
        case "parquet":
            return parquet_sources(contract, reads)
        case _:
            return [access_log.log_source(reads)]


def _statuses(connection: duckdb.DuckDBPyConnection, reads: Sequence[FileRead]) -> dict[int, Status]:
    """Status and reason by file_id; a file that changed meanwhile has none and is left for the next run."""
    dataset = reads[0].file.dataset
    contents, names = ledger.content_names(connection, dataset), ledger.loaded_names(connection, dataset)
    statuses: dict[int, Status] = {}
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
            statuses[read.file_id] = (ledger.LOADED, _remark(read, names))
    return statuses


def _remark(read: FileRead, loaded_names: set[str]) -> str | None:
    if read.file.name in loaded_names:
        return "new content under a name that was loaded before; what was known already counts once"
    return "the file is empty" if read.bytes == 0 else None


def _prepare(loading: Loading, contract: Contract, accepted: Sequence[FileRead]) -> None:
    """Drop staged rows of other files, judge times by each file's first loading, write the quarantine."""
    connection, hashes = loading.connection, [read.content_hash for read in accepted]
    first_loads = ledger.note_first_loads(loading.settings, contract.dataset, hashes, loading.now)
    connection.execute(
        "create or replace temp table files (file_id integer, content_hash varchar, loaded_at timestamp)"
    )
    connection.executemany(
        "insert into files values (?, ?, ?)",
        [(read.file_id, read.content_hash, first_loads[read.content_hash]) for read in accepted],
    )
    connection.execute("delete from staged where file_id not in (select file_id from files)")
    reject_future(connection, contract)
    _WRITERS.get(contract.dataset, records).prepare(connection, loading.settings, contract, loading.now)
    quarantine.write_verbatim(connection, loading.settings, accepted)


def _write(
    loading: Loading,
    contract: Contract | None,
    reads: Sequence[FileRead],
    statuses: Mapping[int, Status],
    load_id: int,
) -> None:
    """All rows of the transaction; `contract` is None where no file is accepted."""
    connection = loading.connection
    files = connection.execute("select file_id, loaded_at from files").fetchall() if contract else []
    first_loads = dict(files)
    for read in reads:
        status, reason = statuses[read.file_id]
        if not status:
            continue
        ledger.record(connection, read, load_id, status, reason, first_loads.get(read.file_id, loading.now))
        if status == ledger.REFUSED and reason:
            logger.warning("%s refused: %s", read.file.name, reason)
            quarantine.record_refused(connection, read, load_id, reason)
    if contract:
        writer = _WRITERS.get(contract.dataset, records)
        writer.insert(connection, contract, load_id)
        quarantine.record_rejected(connection, contract.dataset, load_id)
        ledger.count_lines(connection, load_id)
        ledger.count_masked(connection, load_id, writer.MASKED_VALUES)


def _drop_temporary(connection: duckdb.DuckDBPyConnection) -> None:
    """Raw identifiers and lines do not outlive their batch."""
    for kind in ("view", "table"):
        found = f"select {kind}_name from duckdb_{kind}s() where temporary and not internal"
        for (name,) in connection.execute(found).fetchall():
            connection.execute(f"drop {kind} temp.main.{name}")
