"""The records around the events: bookings, customers, spend, prices and the rest, consistent with the visits.

Add here: the writing of another dataset. Keep out: events; what people told the company (`contacts.py`),
what it offers (`offers.py`).
"""

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl

from sample_data.channels import SOURCES
from sample_data.contacts import consent_records, customers, feedback, support_tickets
from sample_data.draws import stream
from sample_data.json_text import utc_text
from sample_data.offers import catalogue, exchange_rates, experiments, price_quotes
from sample_data.rhythm import DAY_MS, first_midnight_ms
from sample_data.world import World

_STREAM = 6


def write_records(folder: Path, world: World, visits: pl.DataFrame, orders: pl.DataFrame) -> None:
    """Writes one file per dataset to `folder`/<dataset>/."""
    rng = stream(world.parameters.seed, _STREAM)
    tables = {
        "bookings": _bookings(rng, world, visits, orders),
        "customers": customers(rng, world, visits),
        "catalogue": catalogue(world),
        "consent_records": consent_records(rng, world, visits),
        "exchange_rates": exchange_rates(world),
        "ad_spend": _ad_spend(rng, world, visits),
        "support_tickets": support_tickets(rng, world, visits),
        "feedback": feedback(rng, world, visits),
        "price_quotes": price_quotes(world),
        "experiments": experiments(world),
    }
    for dataset, table in tables.items():
        path = folder / dataset / f"{dataset}-{world.parameters.seed}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if dataset in ("exchange_rates", "ad_spend"):
            table.write_csv(path.with_suffix(".csv"))
        elif dataset == "price_quotes":
            table.write_parquet(path.with_suffix(".parquet"))
        else:
            table.write_ndjson(path.with_suffix(".jsonl"))


def _bookings(
    rng: np.random.Generator, world: World, visits: pl.DataFrame, orders: pl.DataFrame
) -> pl.DataFrame:
    grammar, end = world.grammar, first_midnight_ms(world.parameters) + world.parameters.days * DAY_MS
    items = pl.DataFrame([vars(item) for item in grammar.items])[orders["item"].to_numpy()]
    user = visits.select("visit_number", "logged_in_as")
    closed = pl.col("closed_ms") < end
    frame = orders.join(user, on="visit_number", how="left", maintain_order="left").with_columns(
        items["item_id"],
        items["origin"],
        items["destination"],
        items["provider"],
        technician=pl.Series([f"T{n:02d}" for n in range(1, 7)]).gather(rng.integers(0, 6, orders.height)),
        anonymous_id=world.devices["anonymous_id"].gather(orders["device"].to_numpy()),
    )
    is_route, in_workshop = grammar.business == "travel", grammar.business == "repair"
    return frame.select(
        booking_id="order_id",
        user_id="logged_in_as",
        anonymous_id=pl.when(~pl.col("cookieless")).then("anonymous_id"),
        booked_ts=utc_text(pl.col("booked_ms")),
        service=pl.when(not is_route).then("item_id"),
        route=pl.when(is_route).then(pl.format("{}-{}", "origin", "destination")),
        revenue="revenue",
        commission=(pl.col("revenue") * grammar.providers_commission).round(2),
        currency="currency",
        provider=pl.when(pl.col("provider") != "").then("provider"),
        status=pl.when(closed & pl.col("cancelled"))
        .then(pl.lit("cancelled"))
        .when(closed)
        .then(pl.lit("completed"))
        .otherwise(pl.lit("confirmed")),
        completed_ts=pl.when(closed & ~pl.col("cancelled")).then(utc_text(pl.col("closed_ms"))),
        cancelled_ts=pl.when(closed & pl.col("cancelled")).then(utc_text(pl.col("closed_ms"))),
        technician=pl.when(in_workshop).then("technician"),
    ).sort("booked_ts", "booking_id")


def _ad_spend(rng: np.random.Generator, world: World, visits: pl.DataFrame) -> pl.DataFrame:
    """Spend of a day and campaign: its visits, some clicks that never arrived, at a price that moves a
    little."""
    named = pl.DataFrame(
        [
            (n, s.channel, c, name, s.cost_per_click)
            for n, s in enumerate(SOURCES)
            for c, name in enumerate(s.campaigns)
            if s.cost_per_click > 0
        ],
        schema={
            "source": pl.Int32,
            "channel": pl.String,
            "campaign_number": pl.Int32,
            "campaign": pl.String,
            "cost": pl.Float64,
        },
        orient="row",
    )
    clicks = (
        visits.filter(pl.col("bot").is_null())
        .rename({"campaign": "campaign_number"})
        .join(named, on=["source", "campaign_number"])
        .group_by("day", "channel", "campaign")
        .agg(visits=pl.len(), cost=pl.col("cost").mean())
        .sort("day", "channel", "campaign")
    )
    size = clicks.height
    start = world.parameters.start
    return clicks.with_columns(
        date=pl.Series([start + timedelta(days=day) for day in clicks["day"]], dtype=pl.Date),
        clicks=pl.col("visits") + pl.Series(rng.binomial(clicks["visits"].to_numpy(), 0.12)),
    ).select(
        "date",
        "channel",
        "campaign",
        spend=(pl.col("clicks") * pl.col("cost") * pl.Series(rng.uniform(0.85, 1.2, size))).round(2),
        currency=pl.lit(world.grammar.currency),
        impressions=(pl.col("clicks") * pl.Series(rng.uniform(25, 60, size))).cast(pl.Int64),
        clicks="clicks",
    )
