"""The `properties` object of each event type, as JSON text.

Add here: a type's or a property's expression; the property must stand in the business's event_properties.csv.
Keep out: columns of the contract.
"""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from sample_data.grammar import Grammar

Properties = dict[str, pl.Expr]


def with_properties(
    rng: np.random.Generator, grammar: Grammar, events: pl.DataFrame, pages: pl.DataFrame, visits: pl.DataFrame
) -> pl.DataFrame:
    """The events with `properties` (null for types that have none); their order is kept."""
    known = _common(grammar) | _OWN[grammar.business](grammar)
    items = pl.DataFrame([vars(i) for i in grammar.items]).select(
        "item_id", "category", "origin", "destination", "provider")
    events = events.with_columns(position=pl.int_range(pl.len(), dtype=pl.Int32))
    parts = []
    for (event_type,), part in sorted(events.partition_by("event_type", as_dict=True).items()):
        if event_type not in known:
            parts.append(part.select("position", properties=pl.lit(None, dtype=pl.String)))
            continue
        page = pages[part["page"].to_numpy()]
        context = part.select("position", "value", "visit").with_columns(
            u=pl.Series(rng.random(part.height)), v=pl.Series(rng.random(part.height)),
            **{name: page[name] for name in ("kind", "item", "price", "quantity", "extra_item", "extra_price", "depth")},
        ).hstack(items[page["item"].to_numpy()]).hstack(_trip(visits)[part["visit"].to_numpy()])
        parts.append(context.select("position", properties=_json(known[event_type])))
    return events.with_columns(pl.concat(parts).sort("position")["properties"]).drop("position")


def _trip(visits: pl.DataFrame) -> pl.DataFrame:
    day = (pl.col("start_ms") // 86_400_000).cast(pl.Int32)
    return visits.select(
        "slow", "variant", "adults", "children", "cabin", "days_since",
        depart=(day + pl.col("ahead")).cast(pl.Date).cast(pl.String),
        back=(day + pl.col("ahead") + pl.col("nights")).cast(pl.Date).cast(pl.String),
    )


def _json(properties: Properties) -> pl.Expr:
    pieces: list[pl.Expr] = []
    for number, (name, value) in enumerate(properties.items()):
        pieces += [pl.lit(("{" if number == 0 else ",") + f'"{name}":'), value.cast(pl.String)]
    return pl.concat_str([*pieces, pl.lit("}")])


def _text(value: pl.Expr | str) -> pl.Expr:
    return pl.format('"{}"', pl.col(value) if isinstance(value, str) else value)


def _pick(texts: Sequence[str], by: str = "u") -> pl.Expr:
    return _text(pl.lit(pl.Series(texts)).gather((pl.col(by) * len(texts)).cast(pl.UInt32)))


def _between(low: float, high: float, by: str = "u", digits: int = 0) -> pl.Expr:
    drawn = (pl.lit(low) + pl.col(by) * (high - low)).round(digits)
    return drawn.cast(pl.Int64) if digits == 0 else drawn


def _skewed(median: float, by: str, digits: int = 0) -> pl.Expr:
    """Right-skewed around the median, more than doubled on a slow visit."""
    drawn = (pl.lit(median) * (0.45 + 0.55 / (1.02 - pl.col(by)).pow(0.5)) * pl.when("slow").then(2.4).otherwise(0.9))
    return drawn.round(digits).cast(pl.Int64) if digits == 0 else drawn.round(digits)


def _common(grammar: Grammar) -> dict[str, Properties]:
    form = _text(pl.lit(grammar.booking_form))
    page = {"item_id": _text("item_id"), "price": pl.col("price")}
    return {
        "page_view": {"load_ms": _skewed(900, "u")},
        "page_unload": {"time_on_page_ms": pl.col("value"), "max_scroll_pct": pl.col("depth")},
        "session_end": {"reason": _pick(("closed", "hidden"))},
        "page_ping": {"active_seconds": pl.col("value"), "scroll_y": pl.col("depth") * 24},
        "scroll_milestone": {"scroll_pct": pl.col("value")},
        "click_event": _click(),
        "rage_click": {"element": _text(pl.lit("button#continue")), "x": _between(200, 900), "y": _between(300, 700, "v"),
                       "clicks": pl.col("value"), "duration_ms": pl.lit(330)},
        "form_focus": {"form": form, "field": _text(pl.lit("name"))},
        "form_submit": {"form": form, "fields": pl.lit(6), "duration_ms": pl.col("value"), "valid": pl.lit("true")},
        "form_abandon": {"form": form, "field": _pick(("email", "phone", "date", "card")),
                         "fields_filled": _between(1, 5)},
        "exit_intent": {"trigger": _pick(("pointer_left", "back_button"))},
        "return_visit": {"days_since_last": pl.col("days_since")},
        "filter_apply": {"filter": _pick(("price", "category", "rating", "brand")), "value": _text("category")},
        "review_read": {"item_id": _text("item_id"), "rating": _between(2, 5, digits=1)},
        "specification_download": {"item_id": _text("item_id"), "file": _text(pl.format("{}.pdf", "item_id"))},
        "page_performance": {
            "lcp_ms": _skewed(1500, "u"), "inp_ms": _skewed(110, "v"), "fid_ms": _skewed(22, "v"),
            "cls": _skewed(0.05, "v", 3), "ttfb_ms": _skewed(320, "u"), "load_ms": _skewed(2100, "u")},
        "api_response": {"path": _pick(("/api/search", "/api/offers", "/api/prices")), "method": _text(pl.lit("GET")),
                         "status": pl.lit(200), "duration_ms": _skewed(240, "v")},
        "error_occurred": {"code": _text(pl.format("http_{}", "value")), "status": pl.col("value"),
                           "message": _pick(("request failed", "not found", "timed out"))},
        "experiment_exposure": {"test_id": _text(pl.lit("guarantee_badge")),
                                "variant": _text(pl.when(pl.col("variant") == 1).then(pl.lit("treatment"))
                                                 .otherwise(pl.lit("control")))},
        "contact_view": {"contact_method": _pick(("phone", "e-mail", "chat"))},
        "pricing_check": {**page, "competitor_price": (pl.col("price") * (0.9 + 0.25 * pl.col("u"))).round(2)},
        "comparison_view": {"item_ids": pl.format('["{}"]', "item_id"), "items": _between(2, 4)},
        "booking_abandon": {**page, "step": _pick(("details", "payment"))},
        "wishlist_add": page,
        "service_completed": {"item_id": _text("item_id")},
    }


def _click() -> Properties:
    # Value 0 is a click beside any control, 1 the link that leads on, 2 one of several in anger.
    angry = pl.col("value") == 2
    return {
        "element": pl.when(pl.col("value") == 1).then(_pick(("a.card", "button#continue", "nav a", "a.more")))
        .when(angry).then(_text(pl.lit("button#continue"))).otherwise(_pick(("div.content", "img.hero", "h2"))),
        "x": pl.when(angry).then(412).otherwise(_between(10, 1250)),
        "y": pl.when(angry).then(640).otherwise(_between(40, 2800, "v")),
        "page_width": pl.lit(1280), "page_height": pl.lit(3000),
        "is_control": pl.when(pl.col("value") > 0).then(pl.lit("true")).otherwise(pl.lit("false")),
    }


def _search(grammar: Grammar) -> Properties:
    return {"query": _pick(grammar.queries), "results_count": _between(0, 40, "v"), "duration_ms": _skewed(160, "v")}


def _view(name: str) -> dict[str, Properties]:
    detail = pl.when(pl.col("depth") >= 60).then(pl.lit("true")).otherwise(pl.lit("false"))
    return {name: {"item_id": _text("item_id"), "category": _text("category"), "price": pl.col("price"), "detail": detail}}


def _repair(grammar: Grammar) -> dict[str, Properties]:
    page = {"item_id": _text("item_id"), "price": pl.col("price")}
    paid = _pick(("card", "paypal", "in_shop"))
    return _view("service_view") | {
        "search_perform": _search(grammar),
        "quote_request": {"item_id": _text("item_id"), "device_model": _text("category")},
        "booking_start": page,
        "booking_complete": page | {"payment_method": paid},
        "service_booked": {"item_id": _text("item_id"), "booked_by": _text(pl.lit("web"))},
        "service_completed": {"item_id": _text("item_id"), "duration_minutes": _between(25, 140)},
    }


def _shop(grammar: Grammar) -> dict[str, Properties]:
    page = {"item_id": _text("item_id"), "quantity": pl.col("quantity"), "price": pl.col("price")}
    ids = pl.Series([item.item_id for item in grammar.items])
    second = _json({"item_id": _text(pl.lit(ids).gather(pl.col("extra_item").clip(0))), "quantity": pl.lit(1),
                    "price": pl.col("extra_price")})
    both = pl.concat_str(_json(page), pl.lit(","), second)
    lines = pl.format("[{}]", pl.when(pl.col("extra_item") >= 0).then(both).otherwise(_json(page)))
    return _view("product_view") | {
        "search_perform": _search(grammar), "add_to_cart": page, "remove_from_cart": page,
        "transaction": {"order_lines": lines, "payment_method": _pick(("card", "paypal", "klarna"))},
    }


def _travel(grammar: Grammar) -> dict[str, Properties]:
    product = pl.when(pl.col("item_id").str.starts_with("hotel")).then(pl.lit('"hotel"')).otherwise(pl.lit('"flight"'))
    trip = {"origin": _text("origin"), "destination": _text("destination"), "depart_date": _text("depart"),
            "return_date": _text("back"), "cabin_class": _text("cabin"), "adults": pl.col("adults"),
            "children": pl.col("children"), "product": product}
    offer = trip | {"provider": _text("provider"), "price": pl.col("price")}
    place = {"origin": _text("origin"), "destination": _text("destination")}
    paid = {"payment_method": _pick(("card", "paypal", "pay_later"))}
    return {
        "search_initiated": trip,
        "results_viewed": trip | {
            "results_count": _between(4, 60), "cheapest_price": (pl.col("price") * 0.88).round(2),
            "average_price": (pl.col("price") * 1.21).round(2), "most_expensive_price": (pl.col("price") * 2.6).round(2),
            "search_duration_ms": _skewed(780, "v"), "filters_applied": _between(0, 4, "v")},
        "flight_selected": offer, "details_reviewed": offer, "checkout_started": offer,
        "payment_submitted": offer | paid,
        "payment_failed": {"reason": _pick(("declined", "timeout", "3ds_failed")), "price": pl.col("price")} | paid,
        "booking_confirmed": offer,
        "wishlist_add": place | {"price": pl.col("price")},
        "notification_open": {"campaign": _pick(("price_drop", "weekly_news")), "kind": _pick(("push", "e-mail"), "v")},
        "price_alert_set": place | {"target_price": (pl.col("price") * 0.9).round(2)},
        "search_perform": _search(grammar),
    }


_OWN: dict[str, Callable[[Grammar], dict[str, Properties]]] = {"repair": _repair, "shop": _shop, "travel": _travel}
