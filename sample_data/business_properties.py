"""Properties of the event types that one business has, or has in its own way.

Add here: a property of such a type; it must stand in that business's event_properties.csv.
Keep out: types of every business (`common_properties.py`).
"""

from collections.abc import Callable

import polars as pl

from sample_data.grammar import Grammar
from sample_data.json_text import Properties, between, json_object, pick, quoted, skewed


def business_properties(grammar: Grammar) -> dict[str, Properties]:
    """Expressions by event type and property; they go before the common ones."""
    return _OWN[grammar.business](grammar)


def _search(grammar: Grammar) -> Properties:
    return {
        "query": pick(grammar.queries),
        "results_count": between(0, 40, "v"),
        "duration_ms": skewed(160, "v"),
    }


def _view(name: str) -> dict[str, Properties]:
    detail = pl.when(pl.col("depth") >= 60).then(pl.lit("true")).otherwise(pl.lit("false"))
    return {
        name: {
            "item_id": quoted("item_id"),
            "category": quoted("category"),
            "price": pl.col("price"),
            "detail": detail,
        }
    }


def _repair(grammar: Grammar) -> dict[str, Properties]:
    page = {"item_id": quoted("item_id"), "price": pl.col("price")}
    paid = pick(("card", "paypal", "in_shop"))
    return _view("service_view") | {
        "search_perform": _search(grammar),
        "quote_request": {"item_id": quoted("item_id"), "device_model": quoted("category")},
        "booking_start": page,
        "booking_complete": page | {"payment_method": paid},
        "service_booked": {"item_id": quoted("item_id"), "booked_by": quoted(pl.lit("web"))},
        "service_completed": {"item_id": quoted("item_id"), "duration_minutes": between(25, 140)},
    }


def _shop(grammar: Grammar) -> dict[str, Properties]:
    page = {"item_id": quoted("item_id"), "quantity": pl.col("quantity"), "price": pl.col("price")}
    ids = pl.Series([item.item_id for item in grammar.items])
    second = json_object(
        {
            "item_id": quoted(pl.lit(ids).gather(pl.col("extra_item").clip(0))),
            "quantity": pl.lit(1),
            "price": pl.col("extra_price"),
        }
    )
    both = pl.concat_str(json_object(page), pl.lit(","), second)
    lines = pl.format("[{}]", pl.when(pl.col("extra_item") >= 0).then(both).otherwise(json_object(page)))
    return _view("product_view") | {
        "search_perform": _search(grammar),
        "add_to_cart": page,
        "remove_from_cart": page,
        "transaction": {"order_lines": lines, "payment_method": pick(("card", "paypal", "klarna"))},
    }


def _travel(grammar: Grammar) -> dict[str, Properties]:
    product = (
        pl.when(pl.col("item_id").str.starts_with("hotel"))
        .then(pl.lit('"hotel"'))
        .otherwise(pl.lit('"flight"'))
    )
    trip = {
        "origin": quoted("origin"),
        "destination": quoted("destination"),
        "depart_date": quoted("depart"),
        "return_date": quoted("back"),
        "cabin_class": quoted("cabin"),
        "adults": pl.col("adults"),
        "children": pl.col("children"),
        "product": product,
    }
    offer = trip | {"provider": quoted("provider"), "price": pl.col("price")}
    place = {"origin": quoted("origin"), "destination": quoted("destination")}
    paid = {"payment_method": pick(("card", "paypal", "pay_later"))}
    return {
        "search_initiated": trip,
        "results_viewed": trip
        | {
            "results_count": between(4, 60),
            "cheapest_price": (pl.col("price") * 0.88).round(2),
            "average_price": (pl.col("price") * 1.21).round(2),
            "most_expensive_price": (pl.col("price") * 2.6).round(2),
            "search_duration_ms": skewed(780, "v"),
            "filters_applied": between(0, 4, "v"),
        },
        "flight_selected": offer,
        "details_reviewed": offer,
        "checkout_started": offer,
        "payment_submitted": offer | paid,
        "payment_failed": {"reason": pick(("declined", "timeout", "3ds_failed")), "price": pl.col("price")}
        | paid,
        "booking_confirmed": offer,
        "wishlist_add": place | {"price": pl.col("price")},
        "notification_open": {
            "campaign": pick(("price_drop", "weekly_news")),
            "kind": pick(("push", "e-mail"), "v"),
        },
        "price_alert_set": place | {"target_price": (pl.col("price") * 0.9).round(2)},
        "search_perform": _search(grammar),
    }


_OWN: dict[str, Callable[[Grammar], dict[str, Properties]]] = {
    "repair": _repair,
    "shop": _shop,
    "travel": _travel,
}
