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
_PLACE = ("language", "timezone", "country", "region", "city")
_TAGS = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
_CAMPAIGN = (*_TAGS, "click_id")
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
    owner = people[np.maximum(visits["person"].to_numpy(), 0)]
    device = devices[visits["device"].to_numpy()]
    places = pl.DataFrame([vars(place) for place in grammar.places]).select(_PLACE)
    frame = pl.DataFrame(
        {
            **{
                name: visits[name]
                for name in ("cookieless", "sends_session_id", "sends_address", "sends_consent")
            },
            "human": visits["bot"].is_null(),
            "anonymous_id": device["anonymous_id"],
            "session_id": hex_ids(rng, visits.height, 16),
            "ip_address": device["ip_address"],
            **_agent_texts(device),
            **places[owner["place"].to_numpy()].to_dict(),
            "consent": pl.Series(CONSENTS).gather(owner["consent"].to_numpy()),
            "gpc": owner["gpc"],
            "do_not_sell": owner["do_not_sell"],
        }
    )
    human, named = pl.col("human"), ~pl.col("cookieless")
    version = pl.when(pl.col("consent").is_not_null()).then(pl.lit(CONSENT_VERSION))
    return (
        frame.with_columns(
            pl.when(human).then(pl.col(*_PLACE)),
            pl.when(human & pl.col("gpc")).then("gpc"),
            pl.when(human & pl.col("do_not_sell")).then("do_not_sell"),
            anonymous_id=pl.when(named).then("anonymous_id"),
            session_id=pl.when(named & pl.col("sends_session_id")).then("session_id"),
            ip_address=pl.when(pl.col("sends_address") | ~named | ~human).then("ip_address"),
            consent=pl.when(human & pl.col("sends_consent")).then("consent"),
        )
        .with_columns(consent_version=version, data_source=pl.lit("web"))
        .drop("cookieless", "sends_session_id", "sends_address", "sends_consent", "human")
    )


def _agent_texts(device: pl.DataFrame) -> dict[str, pl.Series]:
    """What the browser says of itself; bots have an agent and nothing else."""
    unknown, agent = [None] * len(KNOWN_BOTS), device["agent"].to_numpy()
    screens = pl.Series([screen for a in AGENTS for screen in a.screens] + unknown * 2)
    kinds = {
        name: pl.Series([getattr(a, name) for a in AGENTS] + unknown).gather(agent)
        for name in ("device_type", "browser", "os")
    }
    agents = pl.Series([a.user_agent for a in AGENTS] + list(KNOWN_BOTS))
    screen = screens.gather(agent * 2 + device["screen"].to_numpy())
    return {"user_agent": agents.gather(agent), **kinds, "screen_resolution": screen}


def page_texts(grammar: Grammar, visits: pl.DataFrame, pages: pl.DataFrame) -> pl.DataFrame:
    """The contract's columns that hold for a page: address, title, referrer, campaign of a landing page."""
    visit = pages["visit"].to_numpy()
    urls, titles = _addresses(grammar)
    number = pages["kind"].to_numpy() * len(grammar.items) + pages["item"].to_numpy()
    frame = (
        _landing(visits)[visit]
        .select(*_CAMPAIGN, "query", "referrer")
        .with_columns(
            is_first=pages["is_first"],
            sends_page_view_id=visits["sends_page_view_id"].gather(visit),
            page_view_id=pages["page_view_id"],
            url=urls.gather(number),
            page_title=titles.gather(number),
            # The payment provider sends people back, so it looks like the origin of one confirmation in five.
            is_paid=(pages["kind"] == grammar.code(grammar.confirm_page)) & (pages["depth"] % 5 == 0),
        )
    )
    landed = pl.concat_str("url", pl.col("query").fill_null(""))
    frame = frame.with_columns(
        pl.when("is_first").then(pl.col(*_CAMPAIGN)),
        page_view_id=pl.when("sends_page_view_id").then("page_view_id"),
        page_url=pl.when("is_first").then(landed).otherwise("url"),
    )
    before = pl.when("is_paid").then(pl.lit("https://www.paypal.com/")).otherwise(pl.col("page_url").shift(1))
    return frame.with_columns(referrer_url=pl.when("is_first").then("referrer").otherwise(before)).drop(
        "is_first", "sends_page_view_id", "is_paid", "url", "query", "referrer"
    )


def _addresses(grammar: Grammar) -> tuple[pl.Series, pl.Series]:
    """URL and title of every page kind and item, kinds first."""
    both = [(page, item) for page in grammar.pages for item in grammar.items]
    urls = [
        page.path.replace("{item}", item.item_id).replace("{category}", item.category) for page, item in both
    ]
    titles = [
        page.title.replace("{name}", item.name).replace("{category}", item.category.capitalize())
        for page, item in both
    ]
    return f"https://{grammar.domain}" + pl.Series(urls), pl.Series(titles)


def _landing(visits: pl.DataFrame) -> pl.DataFrame:
    """Per visit: referrer, campaign tags, click id and the query that carries them; null for those without
    a source."""
    rows = [
        {
            "source": number,
            "campaign": position,
            "utm_campaign": source.campaigns[position] if position >= 0 else None,
            **{
                name: getattr(source, name)
                for name in (
                    "referrer",
                    "utm_source",
                    "utm_medium",
                    "utm_term",
                    "utm_content",
                    "click_parameter",
                )
            },
        }
        for number, source in enumerate(SOURCES)
        for position in (range(len(source.campaigns)) if source.campaigns else (-1,))
    ]
    known = pl.DataFrame(rows, infer_schema_length=None).with_columns(
        pl.col("source", "campaign").cast(pl.Int32)
    )
    landing = visits.select("source", "campaign", "click").join(
        known, on=["source", "campaign"], how="left", maintain_order="left"
    )
    click = pl.when(pl.col("click_parameter").is_not_null()).then("click")
    tags = [pl.lit(f"{name}=") + pl.col(name) for name in _TAGS]
    clicked = pl.format("{}={}", "click_parameter", "click_id")
    return landing.with_columns(click_id=click).with_columns(
        query=(pl.lit("?") + pl.concat_str(*tags, clicked, separator="&", ignore_nulls=True)).replace(
            "?", None
        )
    )
