"""The `properties` object of each event type, as JSON text.

Add here: what the expressions may use. Keep out: the expressions themselves (`common_properties.py`,
`business_properties.py`) and columns of the contract.
"""

import numpy as np
import polars as pl

from sample_data.business_properties import business_properties
from sample_data.common_properties import common_properties
from sample_data.grammar import Grammar
from sample_data.json_text import json_object


def with_properties(
    rng: np.random.Generator,
    grammar: Grammar,
    events: pl.DataFrame,
    pages: pl.DataFrame,
    visits: pl.DataFrame,
) -> pl.DataFrame:
    """The events with `properties` (null for types that have none); their order is kept."""
    known = common_properties(grammar) | business_properties(grammar)
    items = pl.DataFrame([vars(i) for i in grammar.items]).select(
        "item_id", "category", "origin", "destination", "provider"
    )
    events = events.with_columns(position=pl.int_range(pl.len(), dtype=pl.Int32))
    parts = []
    for (event_type,), part in sorted(events.partition_by("event_type", as_dict=True).items()):
        if event_type not in known:
            parts.append(part.select("position", properties=pl.lit(None, dtype=pl.String)))
            continue
        page = pages[part["page"].to_numpy()]
        context = (
            part.select("position", "value", "visit")
            .with_columns(
                u=pl.Series(rng.random(part.height)),
                v=pl.Series(rng.random(part.height)),
                **{
                    name: page[name]
                    for name in ("kind", "item", "price", "quantity", "extra_item", "extra_price", "depth")
                },
            )
            .hstack(items[page["item"].to_numpy()])
            .hstack(_trip(visits)[part["visit"].to_numpy()])
        )
        parts.append(context.select("position", properties=json_object(known[event_type])))
    return events.with_columns(pl.concat(parts).sort("position")["properties"]).drop("position")


def _trip(visits: pl.DataFrame) -> pl.DataFrame:
    day = (pl.col("start_ms") // 86_400_000).cast(pl.Int32)
    return visits.select(
        "slow",
        "variant",
        "adults",
        "children",
        "cabin",
        "days_since",
        depart=(day + pl.col("ahead")).cast(pl.Date).cast(pl.String),
        back=(day + pl.col("ahead") + pl.col("nights")).cast(pl.Date).cast(pl.String),
    )
