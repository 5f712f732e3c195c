"""Loads what is new in landing/ into the `raw` schema.

Add here: how files are chosen and put into batches. Keep out: what happens inside a batch.
"""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import duckdb

from data_contracts.contract import Contract, load_contracts
from orchestration.defs.raw import ledger
from orchestration.defs.raw.batch import Loading, load_batch, refusal
from orchestration.defs.raw.identifiers import mark_junk
from orchestration.defs.raw.landing import LandingFile, find_files, split_unfinished
from orchestration.defs.raw.schema import create_raw
from orchestration.defs.raw.vault import attached_vault, destroy_day_keys
from orchestration.settings import DBT_PROJECT, Settings
from orchestration.warehouse import open_writer

logger = logging.getLogger(__name__)

BATCH_BYTES: Final = 512 << 20
JUNK_SEED: Final = DBT_PROJECT / "seeds" / "junk_identifiers.csv"
_GROWTH: Final = 8
_PACKED: Final = (".gz", ".zst", ".parquet")


@dataclass(frozen=True)
class DatasetCounts:
    """What a run did for one data set: files by status, lines of the loaded ones by outcome."""

    loaded_files: int
    already_loaded_files: int
    refused_files: int
    lines: int
    loaded: int
    duplicate: int
    quarantined: int


@dataclass(frozen=True)
class LoadReport:
    """What a run of the loader did. `seconds` is wall time; `unfinished` files are left for the next run."""

    files_seen: int
    unfinished: tuple[str, ...] = ()
    load_ids: tuple[int, ...] = ()
    seconds: float = 0.0
    datasets: Mapping[str, DatasetCounts] = field(default_factory=dict)

    @property
    def nothing_new(self) -> bool:
        """Whether nothing downstream has a reason to run."""
        return not any(counts.loaded_files for counts in self.datasets.values())


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
        destroy_day_keys(settings, ledger.naive_now())
        create_raw(connection, contracts)
        new = ledger.unseen(connection, files)
        with attached_vault(connection, settings):
            load_ids = _load(connection, settings, contracts, new) if new else []
            mark_junk(connection, JUNK_SEED)
        datasets = _counts(connection, load_ids)
    return LoadReport(
        files_seen=len(files),
        unfinished=tuple(file.name for file in unfinished),
        load_ids=tuple(load_ids),
        seconds=time.monotonic() - started,
        datasets=datasets,
    )


def _load(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    contracts: Mapping[str, Contract],
    files: Sequence[LandingFile],
) -> list[int]:
    load_ids = []
    now = ledger.naive_now()
    connection.execute("set preserve_insertion_order = false")
    for batch in batches(files, contracts):
        logger.info("loading %s files of %s, from %s", len(batch), batch[0].dataset, batch[0].name)
        load_ids.append(load_batch(Loading(connection, settings, contracts, now), batch))
    return load_ids


def batches(files: Sequence[LandingFile], contracts: Mapping[str, Contract]) -> Iterator[list[LandingFile]]:
    """Files of one data set and format, up to a budget of content; a bigger file is a batch of its own."""
    groups: dict[tuple[str, str, str | None], list[LandingFile]] = {}
    for file in files:
        kind = "refused" if refusal(file, contracts) else file.format
        groups.setdefault((file.source, file.dataset, kind), []).append(file)
    for group in groups.values():
        batch: list[LandingFile] = []
        filled = 0
        for file in group:
            size = file.size * (_GROWTH if file.path.suffix in _PACKED else 1)
            if batch and filled + size > BATCH_BYTES:
                yield batch
                batch, filled = [], 0
            batch.append(file)
            filled += size
        yield batch


def _counts(connection: duckdb.DuckDBPyConnection, load_ids: Sequence[int]) -> dict[str, DatasetCounts]:
    rows = connection.execute(
        """
        select dataset, count(*) filter (status = 'loaded'), count(*) filter (status = 'already_loaded'),
            count(*) filter (status = 'refused'), sum(lines)::bigint, sum(loaded)::bigint,
            sum(duplicate)::bigint, sum(quarantined)::bigint
        from raw.loads where load_id in (select unnest(?::integer[])) group by dataset order by dataset
        """,
        [list(load_ids)],
    ).fetchall()
    return {dataset: DatasetCounts(*counts) for dataset, *counts in rows}
