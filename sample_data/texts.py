"""What the columns of the events contract say for a visit and for a page, as text frames and as pieces of
JSON.

No text here holds a quote or a backslash, so that JSON is joined rather than escaped.
Add here: another contract column that is the same for a whole visit or page. Keep out: columns of single
events.
"""

import numpy as np
import polars as pl

from sample_data.agents import AGENTS, KNOWN_BOTS
from sample_data.channels import SOURCES
from sample_data.draws import hex_ids
from sample_data.grammar import Grammar

# Columns whose text is JSON already.
JSON_COLUMNS = frozenset({"consent", "properties"})
CONSENT_VERSION = "2026-01"
CONSENTS = (
    '{"necessary":true,"analytics":true,"marketing":true,"personalization":true,"session_recording":true,"third_party":true}',
    '{"necessary":true,"analytics":true,"marketing":false,"personalization":true,"session_recording":false,"third_party":false}',
    '{"necessary":true,"analytics":false,"marketing":false,"personalization":false,"session_recording":false,"third_party":false}',
)


def json_piece(frame: pl.DataFrame) -> pl.Series:
    """One text per row: `,"column":value` for every column that is not null there."""
    pieces = []
    for name, kind in frame.schema.items():
        mark = '"' if kind == pl.String and name not in JSON_COLUMNS else ""
        pieces.append(
            pl.concat_str([pl.lit(f',"{name}":{mark}'), pl.col(name).cast(pl.String), pl.lit(mark)])
        )
    return frame.select(pl.concat_str(pieces, ignore_nulls=True).alias("piece"))["piece"]


def visit_texts(
    rng: np.random.Generator,
    grammar: Grammar,
    visits: pl.DataFrame,
    people: pl.DataFrame,
    devices: pl.DataFrame,
) -> pl.DataFrame:
    """The contract's columns that hold for a whole visit, one row per visit of the block."""
    device = devices[visits["device"].to_numpy()]
    names = {
        name: pl.Series([getattr(a, name) for a in AGENTS] + [None] * len(KNOWN_BOTS), dtype=pl.String)
        for name in ("device_type", "browser", "os")
    }
    agents = pl.Series([a.user_agent for a in AGENTS] + list(KNOWN_BOTS))
    screens = pl.Series([screen for a in AGENTS for screen in a.screens] + [None] * 2 * len(KNOWN_BOTS))
    agent = device["agent"].to_numpy()
    places = pl.DataFrame([vars(p) for p in grammar.places])
    bot = visits["bot"].is_not_null()
    person = pl.Series(np.maximum(visits["person"].to_numpy(), 0))
    place = places[people["place"].gather(person).to_numpy()]
    owner = people[person.to_numpy()]
    frame = pl.DataFrame(
        {
            "hidden": visits["cookieless"],
            "bot": bot,
            "anonymous_id": device["anonymous_id"],
            "session_id": pl.select(
                pl.when(visits["sends_session_id"]).then(hex_ids(rng, visits.height, 16))
            ).to_series(),
            "user_agent": agents.gather(agent),
            "ip_address": pl.select(
                pl.when(visits["sends_address"] | visits["cookieless"] | bot).then(device["ip_address"])
            ).to_series(),
            **{name: values.gather(agent) for name, values in names.items()},
            "screen_resolution": screens.gather(agent * 2 + device["screen"].to_numpy()),
            **{name: place[name] for name in ("language", "timezone", "country", "region", "city")},
            "consent": pl.select(
                pl.when(visits["sends_consent"] & ~bot).then(
                    pl.Series(CONSENTS).gather(owner["consent"].to_numpy())
                )
            ).to_series(),
            "gpc": pl.select(pl.when(owner["gpc"] & ~bot).then(True)).to_series(),
            "do_not_sell": pl.select(pl.when(owner["do_not_sell"] & ~bot).then(True)).to_series(),
        }
    )
    without_cookie = [
        pl.when("hidden").then(None).otherwise(pl.col(name)).alias(name)
        for name in ("anonymous_id", "session_id")
    ]
    nowhere = [
        pl.when("bot").then(None).otherwise(pl.col(name)).alias(name)
        for name in ("language", "timezone", "country", "region", "city")
    ]
    version = pl.when(pl.col("consent").is_not_null()).then(pl.lit(CONSENT_VERSION)).alias("consent_version")
    return frame.with_columns(*without_cookie, *nowhere, version, data_source=pl.lit("web")).drop(
        "hidden", "bot"
    )


def page_texts(grammar: Grammar, visits: pl.DataFrame, pages: pl.DataFrame) -> pl.DataFrame:
    """The contract's columns that hold for a page: address, title, referrer, campaign (on the landing
    page)."""
    paths = pl.Series(
        [
            p.path.replace("{item}", i.item_id).replace("{category}", i.category)
            for p in grammar.pages
            for i in grammar.items
        ]
    )
    titles = pl.Series(
        [
            p.title.replace("{name}", i.name).replace("{category}", i.category.capitalize())
            for p in grammar.pages
            for i in grammar.items
        ]
    )
    number = pages["kind"].to_numpy() * len(grammar.items) + pages["item"].to_numpy()
    visit = pages["visit"].to_numpy()
    landing = _landing(visits)[visit]
    frame = pl.DataFrame(
        {
            "first": pages["is_first"],
            "url": f"https://{grammar.domain}" + paths.gather(number),
            "page_title": titles.gather(number),
            "page_view_id": pl.select(
                pl.when(visits["sends_page_view_id"].gather(visit)).then(pages["page_view_id"])
            ).to_series(),
            "query": landing["query"],
            "from": landing["referrer"],
            **{name: landing[name] for name in ("utm_source", "utm_medium", "utm_campaign", "click_id")},
        }
    )
    # The payment provider sends people back, so it looks like the origin of one confirmation in five.
    paid = (pages["kind"].to_numpy() == grammar.code(grammar.confirm_page)) & (
        pages["depth"].to_numpy() % 5 == 0
    )
    previous = (
        pl.when(pl.Series(paid))
        .then(pl.lit("https://www.paypal.com/"))
        .otherwise(pl.col("page_url").shift(1))
    )
    at_landing = [
        pl.when("first").then(pl.col(name)).alias(name)
        for name in ("utm_source", "utm_medium", "utm_campaign", "click_id")
    ]
    return (
        frame.with_columns(
            *at_landing,
            page_url=pl.when("first")
            .then(pl.concat_str("url", pl.col("query").fill_null("")))
            .otherwise(pl.col("url")),
        )
        .with_columns(referrer_url=pl.when("first").then("from").otherwise(previous))
        .drop("first", "url", "query", "from")
    )


def _landing(visits: pl.DataFrame) -> pl.DataFrame:
    """Per visit: referrer, campaign tags, click id and the query that carries them; null for those without
    a source."""
    rows = [
        (n, c, s.referrer, s.utm_source, s.utm_medium, s.campaigns[c] if c >= 0 else None, s.click_parameter)
        for n, s in enumerate(SOURCES)
        for c in (range(len(s.campaigns)) if s.campaigns else (-1,))
    ]
    names = ["source", "campaign", "referrer", "utm_source", "utm_medium", "utm_campaign", "parameter"]
    schema = {name: pl.Int32 if name in ("source", "campaign") else pl.String for name in names}
    known = pl.DataFrame(rows, schema=schema, orient="row")
    landing = visits.select("source", "campaign", "click").join(
        known, on=["source", "campaign"], how="left", maintain_order="left"
    )
    click = pl.when(pl.col("parameter").is_not_null()).then("click")
    tags = pl.format(
        "utm_source={}&utm_medium={}&utm_campaign={}", "utm_source", "utm_medium", "utm_campaign"
    )
    return landing.with_columns(click_id=click).with_columns(
        query=pl.concat_str(
            [pl.lit("?") + tags, pl.format("&{}={}", "parameter", "click_id")], ignore_nulls=True
        ).replace("", None)
    )
