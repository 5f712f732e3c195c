"""The events that are measured: a year of the sample generator's, and the same in files of equal size.

Add here: another shape of the same events. Keep out: timing.
"""

import io
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import duckdb
import pyarrow as pa

from data_contracts.contract import load_contracts
from orchestration.home import prepare_home
from orchestration.settings import Settings
from sample_data.generate import generate_sample
from sample_data.parameters import LAST_DAY, SampleParameters

BUSINESS, DAYS = "repair", 365
EVENTS_OF_A_PERSON = 140
PIECE_LINES = 250_000


@dataclass(frozen=True)
class Pieces:
    """The same events twice: files of JSON Lines and of Parquet, each with `lines` in all."""

    json_lines: list[Path]
    parquet: list[Path]
    lines: int


def make_year(settings: Settings, events: int) -> None:
    """About `events` events of a year in a prepared home."""
    prepare_home(settings)
    parameters = SampleParameters(BUSINESS, max(events // EVENTS_OF_A_PERSON, 1), DAYS)
    generate_sample(parameters, settings.landing, settings.truth)


def hold_back_last_day(settings: Settings, folder: Path) -> Path:
    """Move the last day's file of events out of landing."""
    folder.mkdir()
    found = next(event_folder(settings).glob(f"{LAST_DAY.isoformat()}-*"))
    return Path(shutil.move(found, folder / found.name))


def event_folder(settings: Settings) -> Path:
    """Where files of events land."""
    return settings.landing / "trackway" / "events"


def deliver(files: list[Path], settings: Settings) -> None:
    """Hard links in an empty home's landing, old enough not to be taken for unfinished."""
    prepare_home(settings)
    event_folder(settings).mkdir(parents=True)
    long_ago = time.time() - 60
    for file in files:
        os.utime(file, (long_ago, long_ago))
        os.link(file, event_folder(settings) / file.name)


def make_pieces(settings: Settings, folder: Path) -> Pieces:
    """Write every line of a home's JSON Lines, good and bad, again in pieces of equal length."""
    folder.mkdir()
    lines = chain.from_iterable(_lines(file) for file in sorted(event_folder(settings).glob("*.jsonl*")))
    json_lines, count = [], 0
    while part := list(islice(lines, PIECE_LINES)):
        json_lines.append(folder / f"piece-{len(json_lines):04}.jsonl")
        json_lines[-1].write_bytes(b"".join(part))
        count += len(part)
    return Pieces(json_lines, [_as_parquet(file) for file in json_lines], count)


def event_columns() -> str:
    """The contract's columns for DuckDB's read_json: names and types, nothing checked."""
    columns = load_contracts()["events"].columns
    return "{" + ", ".join(f"'{one.name}': '{one.physical_type}'" for one in columns) + "}"


def _lines(file: Path) -> Iterator[bytes]:
    with pa.input_stream(str(file), compression="detect") as content:
        yield from io.BufferedReader(content, 1 << 20)


def _as_parquet(file: Path) -> Path:
    target = file.with_suffix(".parquet")
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            copy (
                select * from read_json('{file}', format = 'newline_delimited', ignore_errors = true,
                    columns = {event_columns()})
                where event_id is not null
            ) to '{target}' (format parquet, compression zstd)
            """
        )
    return target
