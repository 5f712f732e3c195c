"""Reads landing files back line by line, without the code that wrote them, and applies the definitions by
hand."""

import csv
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

import polars as pl
import pyarrow as pa

from sample_data.generate import generate_sample
from sample_data.parameters import SampleParameters, SampleSummary

PEOPLE, DAYS, SEED = 400, 20, 11


@dataclass(frozen=True)
class Line:
    """A delivered line: the event, or None where it is not JSON."""

    file: str
    number: int
    event: dict | None


@dataclass(frozen=True)
class Sample:
    landing: Path
    truth_folder: Path
    summary: SampleSummary
    lines: list[Line]

    def truth(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.truth_folder / f"{name}-{SEED}.parquet")

    @cached_property
    def good_events(self) -> list[dict]:
        """Every readable event once: the first received of each id, with its time corrected for the
        client's clock."""
        first: dict[str, dict] = {}
        for line in self.lines:
            if (event := line.event) is None or bad_reason(event):
                continue
            known = first.get(event["event_id"])
            if known is None or received(event) < received(known):
                first[event["event_id"]] = event
        return [event | {"at": corrected(event)} for event in first.values()]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def received(event: dict) -> datetime:
    return moment(event["received_ts"])


def corrected(event: dict) -> datetime:
    skew = received(event) - moment(event["sent_ts"]) if event.get("sent_ts") else timedelta()
    return moment(event["event_ts"]) + skew


def bad_reason(event: dict) -> str | None:
    if "event_type" not in event:
        return "missing_type"
    try:
        moment(event["event_ts"])
    except ValueError:
        return "wrong_type"
    return "future_dated" if corrected(event) > received(event) + timedelta(minutes=10) else None


def read_lines(folder: Path) -> list[Line]:
    found = []
    for path in sorted(folder.iterdir()):
        if path.suffix == ".csv":
            with path.open(newline="") as text:
                events = [{k: v for k, v in row.items() if v != ""} for row in csv.DictReader(text)]
        elif path.suffix == ".parquet":
            rows = pl.read_parquet(path).to_dicts()
            events = [
                {k: v.isoformat() if isinstance(v, datetime) else v for k, v in row.items() if v is not None}
                for row in rows
            ]
        else:
            with pa.input_stream(path, compression="detect") as stream:
                events = [_parsed(line) for line in stream.read().decode().splitlines()]
        found += [Line(path.name, number, event) for number, event in enumerate(events, 1)]
    return found


def _parsed(line: str) -> dict | None:
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        return None


def make_sample(business: str, home: Path) -> Sample:
    landing, truth = home / "landing", home / "truth"
    summary = generate_sample(SampleParameters(business, PEOPLE, DAYS, SEED), landing, truth)
    return Sample(landing, truth, summary, read_lines(landing / "trackway" / "events"))
