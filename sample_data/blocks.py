"""One block of days: its visits become pages, events and rows of files.

Add here: a step between visits and files. Keep out: what happens inside each step.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from sample_data.delivery import COPIES, planted, with_delivery
from sample_data.draws import stream
from sample_data.files import EventFiles, file_format
from sample_data.grammar import Grammar
from sample_data.happenings import build_happenings
from sample_data.money import with_money
from sample_data.pages import build_pages
from sample_data.properties import with_properties
from sample_data.rhythm import DAY_MS, first_midnight_ms
from sample_data.texts import page_texts, visit_texts
from sample_data.world import World

_STREAM = 4


@dataclass(frozen=True)
class BlockTruth:
    """What a block knows: a row per visit with its first and last event, a row per order, a row per
    planted kind."""

    visits: pl.DataFrame
    orders: pl.DataFrame
    counts: pl.DataFrame


def write_block(world: World, number: int, visits: pl.DataFrame, files: EventFiles) -> BlockTruth:
    """Expands the block's visits and hands their rows to `files`."""
    parameters, grammar = world.parameters, world.grammar
    rng = stream(parameters.seed, _STREAM, number)
    pages = build_pages(rng, grammar, visits)
    pages = with_money(rng, grammar, visits, pages, world.prices, world.rates)
    events = build_happenings(rng, grammar, visits, pages).with_columns(offsite=pl.lit(False))
    first_ms = first_midnight_ms(parameters)
    orders = _orders(rng, grammar, visits, pages)
    events = pl.concat([events, _offsite(rng, grammar, orders, first_ms + parameters.days * DAY_MS)])
    events = _in_order(events, visits, pages, world.people, grammar)
    events = with_properties(rng, grammar, events, pages, visits)
    events = with_delivery(rng, events, visits, first_ms=first_ms, days=parameters.days).with_columns(
        event_name=pl.lit(None, dtype=pl.String)
    )
    plain = np.array([day for day in range(parameters.days) if "jsonl" in file_format(day)])
    copies = planted(rng, events, plain_days=plain).select(events.columns)
    online = visit_texts(rng, grammar, visits, world.people, world.devices)
    rows = pl.concat([events, copies]).with_columns(
        visit_text=pl.col("visit") + pl.when("offsite").then(visits.height).otherwise(0),
        page=pl.when("offsite").then(pages.height).otherwise("page"),
        # A repeated line stands where it was repeated, hours after the first.
        order=pl.col("received_ts") + pl.when(pl.col("copy") == 1).then(1_800_000).otherwise(0),
    )
    files.add(
        rows,
        pl.concat([online, _back_office(online, visits)]),
        _with_empty_row(page_texts(grammar, visits, pages)),
    )
    return BlockTruth(_visit_truth(visits, events, orders), orders, _counts(events, copies))


def _orders(
    rng: np.random.Generator, grammar: Grammar, visits: pl.DataFrame, pages: pl.DataFrame
) -> pl.DataFrame:
    """One row per order; `closed_ms` is when it will be completed or was cancelled."""
    bought = pages.with_row_index("page").filter(pl.col("order_id").is_not_null())
    visit = bought["visit"].to_numpy()
    at = bought["start_ms"] + (bought["dwell_ms"] * 3 // 100) + 10
    cancelled = pl.Series(rng.random(bought.height) < 0.07)
    wait = pl.Series(
        (rng.uniform(*grammar.offsite["service_completed"], bought.height) * DAY_MS).astype(np.int64)
    )
    return bought.select(
        "page", "visit", "step", "item", "quantity", "order_id", "revenue", "currency"
    ).with_columns(
        booked_ms=at,
        closed_ms=at + wait,
        cancelled=cancelled,
        visit_number=visits["visit_number"].gather(visit),
        person=visits["person"].gather(visit),
        device=visits["device"].gather(visit),
        cookieless=visits["cookieless"].gather(visit),
        day=visits["day"].gather(visit),
    )


def _offsite(rng: np.random.Generator, grammar: Grammar, orders: pl.DataFrame, end_ms: int) -> pl.DataFrame:
    parts = []
    for event_type, (low, high) in grammar.offsite.items():
        wait = pl.Series((rng.uniform(low, high, orders.height) * DAY_MS).astype(np.int64))
        completed = event_type == "service_completed"
        parts.append(
            orders.select(
                pl.col("page").cast(pl.Int32),
                at_ms=orders["closed_ms"] if completed else orders["booked_ms"] + wait,
                value=pl.lit(0, dtype=pl.Int32),
                event_type=pl.lit(event_type),
                offsite=pl.lit(True),
                cancelled="cancelled",
            )
            .filter(~(pl.col("cancelled") & completed))
            .drop("cancelled")
        )
    return pl.concat(parts).filter(pl.col("at_ms") < end_ms)


def _in_order(
    events: pl.DataFrame, visits: pl.DataFrame, pages: pl.DataFrame, people: pl.DataFrame, grammar: Grammar
) -> pl.DataFrame:
    """Events by visit and time, with the user id known at that page and the order's columns on its event."""
    page = events["page"].to_numpy()
    visit = pages["visit"].to_numpy()[page]
    events = events.with_columns(
        visit=pl.Series(visit),
        step=pages["step"].gather(page),
        **{name: pages[name].gather(page) for name in ("order_id", "revenue", "currency")},
        user_id=visits["user_id"].gather(visit),
        **{name: visits[name].gather(visit) for name in ("login_step", "junk_user")},
    )
    ordered = pl.col("event_type") == grammar.conversion
    known = pl.col("offsite") | (pl.col("step") >= pl.col("login_step"))
    return (
        events.with_columns(
            *[pl.when(ordered).then(name).alias(name) for name in ("order_id", "revenue", "currency")],
            user_id=pl.when(known & ~(pl.col("offsite") & pl.col("junk_user"))).then("user_id"),
        )
        .drop("step", "login_step", "junk_user")
        .sort("visit", "at_ms", maintain_order=True)
    )


def _back_office(online: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    """What an event outside the site carries: the customer's account, or the device only where there is
    none."""
    kept = ("anonymous_id", "country", "region", "city")
    nameless = (visits["user_id"].is_null() | visits["junk_user"]).alias("nameless")
    return online.with_columns(
        [pl.lit(None, dtype=kind).alias(name) for name, kind in online.schema.items() if name not in kept]
    ).with_columns(anonymous_id=pl.when(nameless).then("anonymous_id"), data_source=pl.lit("back_office"))


def _with_empty_row(frame: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([frame, pl.DataFrame({name: [None] for name in frame.columns}, schema=frame.schema)])


def _visit_truth(visits: pl.DataFrame, events: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    seen = (
        events.filter(~pl.col("offsite"))
        .group_by("visit")
        .agg(
            start_ms=pl.col("at_ms").min(),
            end_ms=pl.col("at_ms").max(),
            events=pl.len(),
            page_views=(pl.col("event_type") == "page_view").sum(),
            logged_in_as=pl.col("user_id").drop_nulls().last(),
        )
    )
    visits = (
        visits.with_row_index("visit")
        .drop("start_ms")
        .with_columns(converted=pl.col("visit").is_in(orders["visit"].to_list()))
    )
    return visits.join(seen.with_columns(pl.col("visit").cast(pl.UInt32)), on="visit", how="inner").sort(
        "visit"
    )


def _counts(events: pl.DataFrame, copies: pl.DataFrame) -> pl.DataFrame:
    planted_kinds = copies.group_by("copy").len().sort("copy")
    return pl.DataFrame(
        {
            "kind": ["event", "late", "off_site"] + [COPIES[copy] for copy in planted_kinds["copy"]],
            "count": [
                events.height,
                int(events["is_late"].sum()),
                int(events["offsite"].sum()),
                *planted_kinds["len"],
            ],
        }
    )
