"""Records as files of a landing folder, in batches that arrive one after the other.

Add here: another way in which deliveries go wrong. Keep out: what the records hold.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from populations import Population, Record, exchange_rates

LONG_AGO = 1_600_000_000
BROKEN_LINE = '{"event_id": "broken'


@dataclass(frozen=True)
class Delivery:
    """One file: its place under landing/trackway and its records; None stands for a blank line."""

    name: str
    records: tuple[Record | str | None, ...]

    @property
    def content(self) -> str:
        return "".join(f"{_line(record)}\n" for record in self.records)

    @property
    def copies(self) -> list[Record]:
        """The records of an events file, each with the hash of the content and its line."""
        content_hash = hashlib.sha256(self.content.encode()).hexdigest()
        return [
            record | {"content_hash": content_hash, "line": number}
            for number, record in enumerate(self.records, start=1)
            if isinstance(record, dict)
        ]

    def write(self, landing: Path) -> None:
        path = landing / "trackway" / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.content)
        os.utime(path, (LONG_AGO, LONG_AGO))


def deliveries(
    populations: Sequence[Population], random: np.random.Generator, files: int = 12
) -> list[Delivery]:
    """Half of the events files hold a stretch of time and half of them anything; no file knows of another."""
    events = [event for population in populations for event in population.events]
    events.sort(key=lambda event: event["event_ts"])
    late = random.random(len(events)) < 0.4
    by_file: list[list[Record | str | None]] = [[] for _ in range(files)]
    for place, event in enumerate(events):
        stretch = place * (files // 2) // len(events)
        by_file[int(random.integers(files // 2, files)) if late[place] else stretch].append(event)
    for records in by_file:
        random.shuffle(records)
        records[:0] = [None, BROKEN_LINE]
    found = [Delivery(f"events/{number}.jsonl", tuple(records)) for number, records in enumerate(by_file)]
    found.append(Delivery("events/0-again.jsonl", found[0].records))
    for dataset, parts in (("customers", 3), ("bookings", 3)):
        rows = [row for population in populations for row in getattr(population, dataset)]
        found += [Delivery(f"{dataset}/{part}.jsonl", tuple(rows[part::parts])) for part in range(parts)]
    rates = exchange_rates()
    return [*found, *(Delivery(f"exchange_rates/{part}.jsonl", tuple(rates[part::2])) for part in range(2))]


def batches(found: Sequence[Delivery], random: np.random.Generator, runs: int) -> list[list[Delivery]]:
    """Every file in one of `runs` batches, an events file in each."""
    shuffled = [found[place] for place in random.permutation(len(found))]
    shuffled.sort(key=lambda delivery: not delivery.name.startswith("events/"))
    result: list[list[Delivery]] = [[delivery] for delivery in shuffled[:runs]]
    for delivery in shuffled[runs:]:
        result[int(random.integers(0, runs))].append(delivery)
    return result


def _line(record: Record | str | None) -> str:
    if not isinstance(record, dict):
        return record or ""
    return json.dumps({key: _text(value) for key, value in record.items()})


def _text(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
