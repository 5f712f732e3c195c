"""Makes a sample: population, then its visits block by block into files, then the records and the truth.

Add here: the order of the steps. Keep out: the steps.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from sample_data.blocks import BlockTruth, write_block
from sample_data.businesses import GRAMMARS
from sample_data.files import EventFiles
from sample_data.parameters import SampleParameters, SampleSummary
from sample_data.population import build_population
from sample_data.records import write_records
from sample_data.truth import write_truth
from sample_data.world import World

# About a quarter of a million events: large enough for whole-column work, small enough for a laptop's memory.
_VISITS_IN_BLOCK = 6_000


def generate_sample(parameters: SampleParameters, landing: Path, truth: Path) -> SampleSummary:
    """Writes a sample to `landing`/trackway/<dataset>/ and what is true about it to `truth`.

    The same parameters give the same content (compressed bytes may differ). Raises FileExistsError where a
    file of another sample with this seed is in the way.
    """
    grammar = GRAMMARS[parameters.business]
    people, devices, visits = build_population(parameters, grammar)
    world = World.of(parameters, grammar, people, devices)
    folder = landing / "trackway" / "events"
    folder.mkdir(parents=True, exist_ok=True)
    files = EventFiles(folder, parameters)
    blocks: list[BlockTruth] = []
    for number, (first, last) in enumerate(_blocks(visits["day"].to_numpy(), parameters.days)):
        part = visits.filter(pl.col("day").is_between(first, last))
        blocks.append(write_block(world, number, part, files))
        files.write_until(last + 1)
    seen = pl.concat([block.visits for block in blocks])
    orders = pl.concat([block.orders for block in blocks])
    counts = (
        pl.concat([block.counts for block in blocks]).group_by("kind").agg(pl.col("count").sum()).sort("kind")
    )
    lines = pl.concat(files.planted)
    write_records(landing / "trackway", world, seen, orders)
    write_truth(truth, parameters, people, devices, seen, counts, lines)
    return _summary(lines, seen, orders, files.files)


def _blocks(day: np.ndarray, days: int) -> Iterator[tuple[int, int]]:
    """First and last day of each block, so that a block has about `_VISITS_IN_BLOCK` visits but whole
    days."""
    counts = np.bincount(day, minlength=days)
    first, held = 0, 0
    for number in range(days):
        held += int(counts[number])
        if held >= _VISITS_IN_BLOCK or number == days - 1:
            yield first, number
            first, held = number + 1, 0


def _summary(lines: pl.DataFrame, seen: pl.DataFrame, orders: pl.DataFrame, files: int) -> SampleSummary:
    copy = lines["copy"]
    return SampleSummary(
        lines=lines.height,
        events=int((copy == 0).sum()),
        duplicates=int(copy.is_in([1, 2]).sum()),
        bad_lines=int((copy >= 3).sum()),
        sessions=seen.height,
        conversions=orders.height,
        files=files,
    )
