"""Records of what the company offers, at which prices, and what it tries out.

Add here: another such record. Keep out: what people do about it.
"""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl

from sample_data.prices import days
from sample_data.prices import exchange_rates as daily_rates
from sample_data.rhythm import DAY_MS, first_midnight_ms
from sample_data.world import World


def catalogue(world: World) -> pl.DataFrame:
    """The items with their list prices and costs."""
    items = world.grammar.items
    return pl.DataFrame([vars(item) for item in items]).select(
        "item_id",
        "name",
        "category",
        attributes=pl.struct("provider", "origin", "destination"),
        price="price",
        currency=pl.lit(world.grammar.currency),
        cost="cost",
        inventory=pl.Series([20 + 7 * number % 90 for number in range(len(items))]),
    )


def exchange_rates(world: World) -> pl.DataFrame:
    """Units of reporting currency for one unit of each other currency, by day.

    They begin a week early: where people live, the sample's first hours still belong to the day before.
    """
    grammar = world.grammar
    wider = replace(world.parameters, days=world.parameters.days + 7)
    frames = [
        pl.DataFrame({"date": days(wider), "rate": rates}).select(
            "date",
            from_currency=pl.lit(currency),
            to_currency=pl.lit(grammar.currency),
            rate="rate",
        )
        for currency, rates in zip(grammar.rates, daily_rates(wider, grammar), strict=True)
        if currency != grammar.currency
    ]
    return pl.concat(frames).sort("date", "from_currency")


def price_quotes(world: World) -> pl.DataFrame:
    """Noon prices of every item or route on every day, with a competitor's beside them."""
    grammar, parameters = world.grammar, world.parameters
    item = np.repeat(np.arange(len(grammar.items)), parameters.days)
    day = np.tile(np.arange(parameters.days), len(grammar.items))
    price = world.prices[item, day]
    travels = grammar.business == "travel"
    noon = first_midnight_ms(parameters) + day * DAY_MS + DAY_MS // 2
    trip = pl.col("quoted_ms").cast(pl.Datetime("ms")).dt.date()
    frame = pl.DataFrame(
        {
            "quoted_ms": noon,
            "price": price,
            "competitor_price": np.round(price * (1 + 0.06 * np.sin(item + day / 11)), 2),
        }
    )
    frame = frame.hstack(pl.DataFrame([vars(i) for i in grammar.items]).drop("price", "cost")[item])
    return frame.select(
        quoted_ts=pl.col("quoted_ms").cast(pl.Datetime("ms", "UTC")),
        **{name: pl.when(travels).then(name) for name in ("origin", "destination")},
        depart_date=pl.when(travels).then(trip.dt.offset_by("42d")),
        return_date=pl.when(travels).then(trip.dt.offset_by("49d")),
        cabin_class=pl.when(travels).then(pl.lit("economy")),
        provider=pl.when(travels).then("provider"),
        price=pl.col("price"),
        currency=pl.lit(grammar.currency),
        item_id=pl.col("item_id"),
        competitor_price=pl.col("competitor_price"),
    ).sort("quoted_ts", "item_id")


def experiments(world: World) -> pl.DataFrame:
    """The one experiment that runs in the second half."""
    start = world.parameters.start + timedelta(days=world.parameters.days // 2)
    variants = [{"name": "control", "allocation": 0.5}, {"name": "treatment", "allocation": 0.5}]
    return pl.DataFrame(
        [
            {
                "test_id": "guarantee_badge",
                "name": "Guarantee badge on detail pages",
                "hypothesis": "People who see the guarantee buy more often",
                "start": start.isoformat(),
                "end": world.parameters.end.isoformat(),
                "status": "running",
                "traffic_allocation": 1.0,
                "variants": variants,
                "success_metrics": [world.grammar.conversion],
            }
        ]
    )
