"""What things cost the person on the page, and what an order brings.

Add here: discounts, fees. Keep out: list prices and rates by day (`prices.py`).
"""

import numpy as np
import polars as pl

from sample_data.draws import hex_ids
from sample_data.grammar import Grammar


def with_money(
    rng: np.random.Generator,
    grammar: Grammar,
    visits: pl.DataFrame,
    pages: pl.DataFrame,
    prices: np.ndarray,
    rates: np.ndarray,
) -> pl.DataFrame:
    """Pages with `price` and `extra_price` (visit's currency), `quantity`, `extra_item`, and on confirmations
    `order_id`, `revenue` and `currency`.

    `prices` is [item, day] in reporting currency, `rates` [currency, day].
    """
    visit, size = pages["visit"].to_numpy(), pages.height
    day, currency = visits["day"].to_numpy()[visit], visits["currency"].to_numpy()[visit]
    rate, item = rates[currency, day], pages["item"].to_numpy()
    several = grammar.business != "repair"
    most = (
        visits["adults"].to_numpy()[visit] if grammar.business == "travel" else 1 + (rng.random(size) < 0.2)
    )
    quantity = np.where(several, most, 1)
    extra = np.where(
        (grammar.business == "shop") & (rng.random(size) < 0.35), (item + 3) % len(grammar.items), -1
    )
    price = np.round(prices[item, day] / rate, 2)
    extra_price = np.where(extra >= 0, np.round(prices[extra, day] / rate, 2), 0.0)
    bought = pl.Series(
        (pages["kind"] == grammar.code(grammar.confirm_page)) & visits["bot"].is_null().gather(visit)
    )
    names = pl.Series(list(grammar.rates))
    return pages.with_columns(
        price=price,
        quantity=quantity,
        extra_item=extra.astype(np.int32),
        extra_price=extra_price,
        order_id=pl.when(bought).then("o" + hex_ids(rng, size, 10)),
        revenue=pl.when(bought).then(pl.Series(np.round(price * quantity + extra_price, 2))),
        currency=pl.when(bought).then(names.gather(currency)),
    )
