"""How events reach the landing files: when they are received, in which day's file, which are repeated or
broken.

Add here: another planted defect, with its name in `COPIES`. Keep out: what the events say, the files'
formats.
"""

import numpy as np
import polars as pl

from sample_data.draws import hex_ids
from sample_data.rhythm import DAY_MS

# What a line is: the event itself, or something planted beside it.
COPIES = (
    "event",
    "duplicate",
    "duplicate_other_body",
    "malformed",
    "wrong_type",
    "missing_type",
    "future_dated",
)
BAD = COPIES[3:]
_DUPLICATES = 0.004
_OTHER_BODIES = 0.0005
_BAD_LINES = 0.0001
_LATE_EVENTS = 0.003
_LOST = 0.0004


def with_delivery(
    rng: np.random.Generator, events: pl.DataFrame, visits: pl.DataFrame, *, first_ms: int, days: int
) -> pl.DataFrame:
    """Events in their order with ids, sequence, client and collector times, and the number of their file's
    day.

    Needs `visit`, `at_ms`, `order_id`; a few events are lost on their way, never one with an order. Times
    are UTC milliseconds: `event_ts` by the client's clock, `sent_ts` null where it is not sent,
    `received_ts`.
    """
    size, visit = events.height, events["visit"].to_numpy()
    counts = np.bincount(visit, minlength=visits.height)
    sequence = (events.select(pl.int_range(1, pl.len() + 1).over("visit")).to_series()).to_numpy()
    latency = (60 + rng.gamma(2.0, 160, visits.height)).astype(np.int64)[visit]
    skew = np.where(visits["skewed"], rng.integers(-180, 180, visits.height) * 60_000, 0)[visit]
    held = np.where(visits["late"], rng.integers(DAY_MS, 3 * DAY_MS, visits.height), 0)[visit]
    alone = np.where(rng.random(size) < _LATE_EVENTS, rng.integers(3_600_000, 2 * DAY_MS, size), 0)
    at = events["at_ms"].to_numpy()
    received = at + latency + np.maximum(held, alone)
    # What would arrive after the last day was not held up at all.
    received = np.where(received >= first_ms + days * DAY_MS, at + latency, received)
    sends_sent = (visits["skewed"] | visits["sends_sent_ts"]).to_numpy()[visit] & ~events[
        "offsite"
    ].to_numpy()
    numbered = visits["sends_sequence"].to_numpy()[visit] & ~events["offsite"].to_numpy()
    lost = (rng.random(size) < _LOST) & events["order_id"].is_null().to_numpy() & (counts[visit] > 2)
    skew = np.where(events["offsite"], 0, skew)
    return events.with_columns(
        event_id=hex_ids(rng, size),
        event_ts=pl.Series(at + skew),
        received_ts=pl.Series(received),
        sent_ts=pl.select(
            pl.when(pl.Series(sends_sent)).then(pl.Series(received - latency + skew))
        ).to_series(),
        client_sequence=pl.select(pl.when(pl.Series(numbered)).then(pl.Series(sequence))).to_series(),
        file_day=pl.Series(np.minimum((received - first_ms) // DAY_MS, days - 1).astype(np.int32)),
        is_late=pl.Series(received - at > 3_600_000),
        copy=pl.lit(0, dtype=pl.Int32),
    ).filter(~pl.Series(lost))


def planted(rng: np.random.Generator, events: pl.DataFrame, *, plain_days: np.ndarray) -> pl.DataFrame:
    """Rows to deliver besides the events: repeated ones, some with another body, and broken ones.

    Broken lines go only to `plain_days`, the days whose files are JSON Lines: the other formats cannot
    hold them.
    """
    draw = rng.random(events.height)
    later = rng.integers(0, 3, events.height)
    edges = np.cumsum([_DUPLICATES, _OTHER_BODIES, _BAD_LINES])
    is_bad = (draw >= edges[1]) & (draw < edges[2])
    # In turn, so that a small sample has each kind.
    kind = 3 + (np.cumsum(is_bad) - 1) % len(BAD)
    copy = np.select([draw < edges[0], draw < edges[1], is_bad], [1, 2, kind], 0)
    rows = events.with_columns(
        copy=pl.Series(copy.astype(np.int32)), delay=pl.Series(np.where(copy == 1, later, 0).astype(np.int32))
    ).filter(pl.col("copy") > 0)
    # A body is the same only within one format.
    in_lines = (pl.col(name).is_in(plain_days.tolist()) for name in ("file_day", "moved_day"))
    rows = rows.with_columns(moved_day=pl.col("file_day") + pl.col("delay"))
    rows = rows.with_columns(
        file_day=pl.when(pl.all_horizontal(in_lines)).then("moved_day").otherwise("file_day")
    )
    bad = pl.col("copy") >= 3
    rows = rows.filter(~bad | pl.col("file_day").is_in(plain_days.tolist()))
    return rows.with_columns(
        event_id=pl.when(bad).then(hex_ids(rng, rows.height)).otherwise("event_id"),
        received_ts=pl.col("received_ts") + pl.when(pl.col("copy") == 2).then(5000).otherwise(0),
        event_ts=pl.col("event_ts") + pl.when(pl.col("copy") == 6).then(400 * DAY_MS).otherwise(0),
        sent_ts=pl.when(pl.col("copy") != 6).then("sent_ts"),
        event_name=pl.when(pl.col("copy") == 2).then(pl.lit("retry")),
    )


def broken(line: pl.Expr, copy: pl.Expr) -> pl.Expr:
    """The line as it is delivered: cut short, with a word for a time or without its type where that is
    planted."""
    return (
        pl.when(copy == 3)
        .then(line.str.slice(0, 150))
        .when(copy == 4)
        .then(line.str.replace(r'"event_ts":"[^"]*"', '"event_ts":"yesterday"'))
        .when(copy == 5)
        .then(line.str.replace(r'"event_type":"[^"]*",', ""))
        .otherwise(line)
    )
