"""The records around the events: bookings, customers, spend, prices and the rest, consistent with the visits.

Add here: the writing of another dataset. Keep out: events; datasets about people's contacts with the company
(`contacts.py`).
"""

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl

from sample_data.blocks import World
from sample_data.channels import SOURCES
from sample_data.contacts import consent_records, customers, feedback, support_tickets
from sample_data.draws import stream
from sample_data.prices import days
from sample_data.rhythm import DAY_MS, first_midnight_ms

_STREAM = 6


def write_records(folder: Path, world: World, visits: pl.DataFrame, orders: pl.DataFrame) -> None:
    """Writes one file per dataset to `folder`/<dataset>/."""
    rng = stream(world.parameters.seed, _STREAM)
    tables = {
        "bookings": _bookings(rng, world, visits, orders),
        "customers": customers(rng, world, visits),
        "catalogue": _catalogue(world),
        "consent_records": consent_records(rng, world, visits),
        "exchange_rates": _exchange_rates(world),
        "ad_spend": _ad_spend(rng, world, visits),
        "support_tickets": support_tickets(rng, world, visits),
        "feedback": feedback(rng, world, visits),
        "price_quotes": _price_quotes(world),
        "experiments": _experiments(world),
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


def utc_text(milliseconds: pl.Expr) -> pl.Expr:
    """UTC milliseconds as text in the form of the contracts."""
    return milliseconds.cast(pl.Datetime("ms")).dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")


def _bookings(rng: np.random.Generator, world: World, visits: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    grammar, end = world.grammar, first_midnight_ms(world.parameters) + world.parameters.days * DAY_MS
    items = pl.DataFrame([vars(item) for item in grammar.items])[orders["item"].to_numpy()]
    user = visits.select("visit_number", "logged_in_as")
    closed = pl.col("closed_ms") < end
    frame = orders.join(user, on="visit_number", how="left", maintain_order="left").with_columns(
        items["item_id"], items["origin"], items["destination"], items["provider"],
        technician=pl.Series([f"T{n:02d}" for n in range(1, 7)]).gather(rng.integers(0, 6, orders.height)),
        anonymous_id=world.devices["anonymous_id"].gather(orders["device"].to_numpy()),
    )
    is_route, in_workshop = grammar.business == "travel", grammar.business == "repair"
    return frame.select(
        booking_id="order_id", user_id="logged_in_as", anonymous_id=pl.when(~pl.col("cookieless")).then("anonymous_id"),
        booked_ts=utc_text(pl.col("booked_ms")),
        service=pl.when(not is_route).then("item_id"),
        route=pl.when(is_route).then(pl.format("{}-{}", "origin", "destination")),
        revenue="revenue", commission=(pl.col("revenue") * grammar.providers_commission).round(2), currency="currency",
        provider=pl.when(pl.col("provider") != "").then("provider"),
        status=pl.when(closed & pl.col("cancelled")).then(pl.lit("cancelled"))
        .when(closed).then(pl.lit("completed")).otherwise(pl.lit("confirmed")),
        completed_ts=pl.when(closed & ~pl.col("cancelled")).then(utc_text(pl.col("closed_ms"))),
        cancelled_ts=pl.when(closed & pl.col("cancelled")).then(utc_text(pl.col("closed_ms"))),
        technician=pl.when(in_workshop).then("technician"),
    ).sort("booked_ts", "booking_id")


def _catalogue(world: World) -> pl.DataFrame:
    items = world.grammar.items
    return pl.DataFrame([vars(item) for item in items]).select(
        "item_id", "name", "category",
        attributes=pl.struct("provider", "origin", "destination"),
        price="price", currency=pl.lit(world.grammar.currency), cost="cost",
        inventory=pl.Series([20 + 7 * number % 90 for number in range(len(items))]))


def _exchange_rates(world: World) -> pl.DataFrame:
    calendar = days(world.parameters)
    return pl.concat([
        pl.DataFrame({"date": calendar, "rate": world.rates[number]}).select(
            "date", from_currency=pl.lit(currency), to_currency=pl.lit(world.grammar.currency), rate="rate")
        for number, currency in enumerate(world.grammar.rates) if currency != world.grammar.currency
    ]).sort("date", "from_currency")


def _ad_spend(rng: np.random.Generator, world: World, visits: pl.DataFrame) -> pl.DataFrame:
    """Spend of a day and campaign: its visits, some clicks that never arrived, at a price that moves a little."""
    named = pl.DataFrame(
        [(n, s.channel, c, name, s.cost_per_click) for n, s in enumerate(SOURCES)
         for c, name in enumerate(s.campaigns) if s.cost_per_click > 0],
        schema={"source": pl.Int32, "channel": pl.String, "campaign_number": pl.Int32, "campaign": pl.String,
                "cost": pl.Float64}, orient="row")
    clicks = (
        visits.filter(pl.col("bot").is_null()).rename({"campaign": "campaign_number"})
        .join(named, on=["source", "campaign_number"]).group_by("day", "channel", "campaign")
        .agg(visits=pl.len(), cost=pl.col("cost").mean()).sort("day", "channel", "campaign"))
    size = clicks.height
    start = world.parameters.start
    return clicks.with_columns(
        date=pl.Series([start + timedelta(days=day) for day in clicks["day"]], dtype=pl.Date),
        clicks=pl.col("visits") + pl.Series(rng.binomial(clicks["visits"].to_numpy(), 0.12)),
    ).select(
        "date", "channel", "campaign",
        spend=(pl.col("clicks") * pl.col("cost") * pl.Series(rng.uniform(0.85, 1.2, size))).round(2),
        currency=pl.lit(world.grammar.currency),
        impressions=(pl.col("clicks") * pl.Series(rng.uniform(25, 60, size))).cast(pl.Int64),
        clicks="clicks")


def _price_quotes(world: World) -> pl.DataFrame:
    """Noon prices of every item or route on every day, with a competitor's beside them."""
    grammar, parameters = world.grammar, world.parameters
    item = np.repeat(np.arange(len(grammar.items)), parameters.days)
    day = np.tile(np.arange(parameters.days), len(grammar.items))
    price = world.prices[item, day]
    travels = grammar.business == "travel"
    noon = first_midnight_ms(parameters) + day * DAY_MS + DAY_MS // 2
    trip = pl.col("quoted_ms").cast(pl.Datetime("ms")).dt.date()
    frame = pl.DataFrame({"quoted_ms": noon, "price": price,
                          "competitor_price": np.round(price * (1 + 0.06 * np.sin(item + day / 11)), 2)})
    frame = frame.hstack(pl.DataFrame([vars(i) for i in grammar.items]).drop("price", "cost")[item])
    return frame.select(
        quoted_ts=pl.col("quoted_ms").cast(pl.Datetime("ms", "UTC")),
        **{name: pl.when(travels).then(name) for name in ("origin", "destination")},
        depart_date=pl.when(travels).then(trip.dt.offset_by("42d")),
        return_date=pl.when(travels).then(trip.dt.offset_by("49d")),
        cabin_class=pl.when(travels).then(pl.lit("economy")), provider=pl.when(travels).then("provider"),
        price=pl.col("price"), currency=pl.lit(grammar.currency), item_id=pl.col("item_id"),
        competitor_price=pl.col("competitor_price"),
    ).sort("quoted_ts", "item_id")


def _experiments(world: World) -> pl.DataFrame:
    start = world.parameters.start + timedelta(days=world.parameters.days // 2)
    variants = [{"name": "control", "allocation": 0.5}, {"name": "treatment", "allocation": 0.5}]
    return pl.DataFrame([{
        "test_id": "guarantee_badge", "name": "Guarantee badge on detail pages",
        "hypothesis": "People who see the guarantee buy more often", "start": start.isoformat(),
        "end": world.parameters.end.isoformat(), "status": "running", "traffic_allocation": 1.0,
        "variants": variants, "success_metrics": [world.grammar.conversion],
    }])
