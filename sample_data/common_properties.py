"""Properties of the event types that every business has.

Add here: a property of a common type; it must stand in each business's event_properties.csv.
Keep out: types of one business (`business_properties.py`).
"""

import polars as pl

from sample_data.grammar import Grammar
from sample_data.json_text import Properties, between, pick, quoted, skewed


def common_properties(grammar: Grammar) -> dict[str, Properties]:
    """Expressions by event type and property."""
    return _navigation() | _forms(grammar) | _measurements() | _business()


def _navigation() -> dict[str, Properties]:
    return {
        "page_view": {"load_ms": skewed(900, "u")},
        "page_unload": {"time_on_page_ms": pl.col("value"), "max_scroll_pct": pl.col("depth")},
        "session_end": {"reason": pick(("closed", "hidden"))},
        "page_ping": {"active_seconds": pl.col("value"), "scroll_y": pl.col("depth") * 24},
        "scroll_milestone": {"scroll_pct": pl.col("value")},
        "click_event": _click(),
        "rage_click": {
            "element": quoted(pl.lit("button#continue")),
            "x": between(200, 900),
            "y": between(300, 700, "v"),
            "clicks": pl.col("value"),
            "duration_ms": pl.lit(330),
        },
        "exit_intent": {"trigger": pick(("pointer_left", "back_button"))},
        "return_visit": {"days_since_last": pl.col("days_since")},
    }


def _forms(grammar: Grammar) -> dict[str, Properties]:
    form = quoted(pl.lit(grammar.booking_form))
    return {
        "form_focus": {"form": form, "field": quoted(pl.lit("name"))},
        "form_submit": {
            "form": form,
            "fields": pl.lit(6),
            "duration_ms": pl.col("value"),
            "valid": pl.lit("true"),
        },
        "form_abandon": {
            "form": form,
            "field": pick(("email", "phone", "date", "card")),
            "fields_filled": between(1, 5),
        },
    }


def _measurements() -> dict[str, Properties]:
    return {
        "page_performance": {
            "lcp_ms": skewed(1500, "u"),
            "inp_ms": skewed(110, "v"),
            "fid_ms": skewed(22, "v"),
            "cls": skewed(0.05, "v", 3),
            "ttfb_ms": skewed(320, "u"),
            "load_ms": skewed(2100, "u"),
        },
        "api_response": {
            "path": pick(("/api/search", "/api/offers", "/api/prices")),
            "method": quoted(pl.lit("GET")),
            "status": pl.lit(200),
            "duration_ms": skewed(240, "v"),
        },
        "error_occurred": {
            "code": quoted(pl.format("http_{}", "value")),
            "status": pl.col("value"),
            "message": pick(("request failed", "not found", "timed out")),
        },
        "experiment_exposure": {
            "test_id": quoted(pl.lit("guarantee_badge")),
            "variant": quoted(
                pl.when(pl.col("variant") == 1).then(pl.lit("treatment")).otherwise(pl.lit("control"))
            ),
        },
    }


def _business() -> dict[str, Properties]:
    page = {"item_id": quoted("item_id"), "price": pl.col("price")}
    return {
        "filter_apply": {
            "filter": pick(("price", "category", "rating", "brand")),
            "value": quoted("category"),
        },
        "review_read": {"item_id": quoted("item_id"), "rating": between(2, 5, digits=1)},
        "specification_download": {
            "item_id": quoted("item_id"),
            "file": quoted(pl.format("{}.pdf", "item_id")),
        },
        "contact_view": {"contact_method": pick(("phone", "e-mail", "chat"))},
        "pricing_check": {
            **page,
            "competitor_price": (pl.col("price") * (0.9 + 0.25 * pl.col("u"))).round(2),
        },
        "comparison_view": {"item_ids": pl.format('["{}"]', "item_id"), "items": between(2, 4)},
        "booking_abandon": {**page, "step": pick(("details", "payment"))},
        "wishlist_add": page,
        "service_completed": {"item_id": quoted("item_id")},
    }


def _click() -> Properties:
    # Value 0 is a click beside any control, 1 the link that leads on, 2 one of several in anger.
    angry = pl.col("value") == 2
    return {
        "element": pl.when(pl.col("value") == 1)
        .then(pick(("a.card", "button#continue", "nav a", "a.more")))
        .when(angry)
        .then(quoted(pl.lit("button#continue")))
        .otherwise(pick(("div.content", "img.hero", "h2"))),
        "x": pl.when(angry).then(412).otherwise(between(10, 1250)),
        "y": pl.when(angry).then(640).otherwise(between(40, 2800, "v")),
        "page_width": pl.lit(1280),
        "page_height": pl.lit(3000),
        "is_control": pl.when(pl.col("value") > 0).then(pl.lit("true")).otherwise(pl.lit("false")),
    }
