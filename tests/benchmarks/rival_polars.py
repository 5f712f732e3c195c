"""The same work in Polars: lazy frames, the streaming engine, each table written to Parquet.

Add here: a faster way to say the same. Keep out: loading; the inputs are read as Parquet.
"""

import time
from datetime import timedelta
from pathlib import Path

import polars as pl
from polars import col

from tests.benchmarks.rivals import FUNNEL, Found

ORDER = ("event_ts", "client_sequence", "event_id")
SESSION = ("device_key", "session_start")
GAP, WINDOW, MINUTE = timedelta(minutes=30), timedelta(days=14), timedelta(minutes=1)
PATH = r"^(?:[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*)?([^?#]*)"
DOMAIN = r"^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^@/?#]*@)?(?:www\.)?([^:/?#]+)"
FRICTION = ("rage_click", "error", "form_abandon", "exit_intent")


def build_in_polars(inputs: Path, folder: Path) -> Found:
    """Read the inputs, build and write every table; all of it is timed."""
    started = time.perf_counter()
    events = pl.scan_parquet(inputs / "events.parquet").filter(col("device_key") != 0)
    events = events.join(pl.scan_parquet(inputs / "types.parquet"), on="event_type", how="left")
    events = events.with_columns(
        event_date=col("event_ts").dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Berlin").dt.date()
    )
    placed = written(_placed(events), folder / "placed.parquet")
    days = written(_days(events, inputs), folder / "days.parquet")
    views = written(_page_views(placed), folder / "page_views.parquet")
    sessions = written(_sessions(placed, views, days), folder / "sessions.parquet")
    users = written(_user_people(inputs), folder / "users.parquet")
    devices = written(_device_people(events, users), folder / "devices.parquet")
    profiles = written(_profiles(sessions, users, devices), folder / "profiles.parquet")
    funnel = written(_funnel(events, users, devices, days), folder / "funnel.parquet")
    seconds = time.perf_counter() - started
    reached = funnel.collect()["reached"]
    counts = [frame.select(pl.len()).collect().item() for frame in (sessions, views, profiles)]
    return Found(seconds, *counts, tuple(int((reached >= n).sum()) for n in range(1, len(FUNNEL) + 1)))


def written(frame: pl.LazyFrame, file: Path) -> pl.LazyFrame:
    frame.sink_parquet(file)
    return pl.scan_parquet(file)


def _placed(events: pl.LazyFrame) -> pl.LazyFrame:
    path = col("page_url").str.extract(PATH).str.to_lowercase().str.strip_chars_end("/")
    domain = col("referrer_url").str.to_lowercase().str.extract(DOMAIN).fill_null("")
    return (
        events.filter("in_session")
        .sort("device_key", *ORDER)
        .with_columns(
            is_opening=(col("event_ts") - col("event_ts").shift() > GAP).fill_null(True)
            | (col("device_key") != col("device_key").shift()).fill_null(True),
            page_path=pl.when((path == "") & (col("page_url") != "")).then(pl.lit("/")).otherwise(path),
            scroll_pct=pl.when(col("role") == "scroll").then(
                col("properties").str.extract(r'"scroll_pct":\s*([0-9.]+)').cast(pl.Float64)
            ),
            referrer_domain=pl.when(domain != "repair.example").then(domain).otherwise(pl.lit("")),
        )
        .with_columns(
            session_start=pl.when("is_opening").then("event_ts").forward_fill(),
            is_arrival=pl.any_horizontal(
                col(name) != ""
                for name in ("utm_source", "utm_medium", "utm_campaign", "click_id", "referrer_domain")
            ),
        )
        .drop("page_url", "referrer_url", "properties", "is_opening", "in_session")
    )


def _days(events: pl.LazyFrame, inputs: Path) -> pl.LazyFrame:
    day = ("device_key", "event_date")
    fast = (
        events.filter(col("role") == "page_view")
        .select(*day, "event_ts")
        .sort(*day, "event_ts")
        .with_columns(
            is_fast=(col("event_ts") - col("event_ts").shift(60).over(day) <= MINUTE).fill_null(False)
        )
        .group_by(day)
        .agg(col("is_fast").any())
    )
    agents = pl.scan_parquet(inputs / "agents.parquet")
    return (
        events.join(agents, on="user_agent_key", how="left")
        .group_by(day)
        .agg(is_bot=col("is_bot").fill_null(False).any() | (pl.len() > 2000))
        .join(fast, on=day, how="left")
        .select(*day, is_bot=col("is_bot") | col("is_fast").fill_null(False))
    )


def _page_views(placed: pl.LazyFrame) -> pl.LazyFrame:
    is_view = col("role") == "page_view"
    buckets = (col("event_ts").dt.epoch("s") // 10).filter(col("role") == "ping").n_unique().cast(pl.Int64)
    return (
        placed.filter(col("role").is_in(["page_view", "ping", "scroll"]))
        .with_columns(view_id=pl.when(col("page_view_id") == "").then("event_id").otherwise("page_view_id"))
        .group_by(*SESSION, "view_id")
        .agg(
            viewed_ts=col("event_ts").filter(is_view).min(),
            opened_path=col("page_path").filter(is_view).first(),
            engaged_seconds=pl.max_horizontal(buckets * 10 - 5, 0),
            last_ts=col("event_ts").max(),
            max_scroll_pct=col("scroll_pct").max(),
        )
        .filter(col("viewed_ts").is_not_null())
    )


def _sessions(placed: pl.LazyFrame, views: pl.LazyFrame, days: pl.LazyFrame) -> pl.LazyFrame:
    opening = ("event_id", "device_type", "browser", "os", "country", "region", "city", "event_date")
    arrival = ("utm_source", "utm_medium", "utm_campaign", "referrer_domain")
    roles = ("conversion", "start", "price_check", "comparison", "detail_view")
    totals = placed.group_by(SESSION, maintain_order=False).agg(
        col("event_ts").max().alias("session_end"),
        pl.len().alias("events_count"),
        col("user_key").filter(col("user_key") != 0).last().alias("last_user_key"),
        *(col(name).first() for name in opening),
        *(col(name).filter("is_arrival").first() for name in arrival),
        *((col("role") == name).sum().alias(name) for name in roles),
        col("role").is_in(FRICTION).sum().alias("friction_events"),
        col("revenue").filter(col("role") == "conversion").sum().alias("session_revenue"),
    )
    of_views = (
        views.sort("viewed_ts")
        .group_by(SESSION)
        .agg(
            page_views=pl.len(),
            engaged_seconds=col("engaged_seconds").sum(),
            max_scroll_pct=col("max_scroll_pct").max(),
            entry_path=col("opened_path").first(),
            exit_path=col("opened_path").last(),
        )
    )
    return totals.join(of_views, on=SESSION, how="left").join(
        days, on=["device_key", "event_date"], how="left"
    )


def _user_people(inputs: Path) -> pl.LazyFrame:
    return (
        pl.scan_parquet(inputs / "customers.parquet")
        .with_columns(smallest=col("user_key").min().over("email_key"), users=pl.len().over("email_key"))
        .filter(col("users") <= 10)
        .group_by("user_key")
        .agg(component=col("smallest").min())
    )


def _device_people(events: pl.LazyFrame, users: pl.LazyFrame) -> pl.LazyFrame:
    known = col("user_key").filter(col("user_key") != 0)
    return (
        events.filter(~col("is_cookieless"))
        .sort(ORDER)
        .group_by("device_key")
        .agg(user_ids=known.n_unique(), last_user_key=known.last())
        .join(users, left_on="last_user_key", right_on="user_key", how="left")
        .select(
            "device_key",
            device_person=pl.when(col("user_ids").is_between(1, 2))
            .then(pl.coalesce("component", "last_user_key"))
            .otherwise("device_key"),
        )
    )


def _with_person(frame: pl.LazyFrame, users: pl.LazyFrame, devices: pl.LazyFrame, user: str) -> pl.LazyFrame:
    joined = frame.join(users, left_on=user, right_on="user_key", how="left")
    return (
        joined.join(devices, on="device_key", how="left")
        .with_columns(
            person_key=pl.when(col(user) > 0).then(pl.coalesce("component", user)).otherwise("device_person")
        )
        .filter(col("person_key").is_not_null())
    )


def _profiles(sessions: pl.LazyFrame, users: pl.LazyFrame, devices: pl.LazyFrame) -> pl.LazyFrame:
    people = _with_person(sessions.filter(~col("is_bot")), users, devices, "last_user_key")
    views, engaged = col("page_views").fill_null(0), col("engaged_seconds").fill_null(0)
    return (
        people.sort("person_key", "session_start")
        .with_columns(
            days_between=col("session_start").dt.date().diff().over("person_key").dt.total_days(),
            is_bounce=(engaged <= 10) & (views < 2) & (col("conversion") == 0),
        )
        .group_by("person_key")
        .agg(
            first_seen=col("session_start").min(),
            last_seen=col("session_end").max(),
            total_sessions=pl.len(),
            total_page_views=views.sum(),
            time_spent=engaged.sum(),
            average_duration=(col("session_end") - col("session_start")).mean(),
            bounce_rate=col("is_bounce").mean(),
            checks=col("price_check").sum(),
            compared=col("comparison").sum(),
            attempts=col("start").sum(),
            bookings=col("conversion").sum(),
            lifetime_value=col("session_revenue").sum(),
            device_types=col("device_type").unique(),
            referrers=col("referrer_domain").unique(),
            days_between_visits=col("days_between").median(),
        )
    )


def _funnel(
    events: pl.LazyFrame, users: pl.LazyFrame, devices: pl.LazyFrame, days: pl.LazyFrame
) -> pl.LazyFrame:
    """Each step joins the earliest later event of its type to every attempt; a person keeps the furthest."""
    wanted = events.filter(~col("is_cookieless") & col("event_type").is_in(FUNNEL))
    wanted = wanted.join(days, on=["device_key", "event_date"], how="left").filter(~col("is_bot"))
    matches = (
        _with_person(wanted, users, devices, "user_key")
        .sort("person_key", *ORDER)
        .select("person_key", "event_type", "event_ts", position=pl.int_range(pl.len(), dtype=pl.Int64))
        .collect(engine="streaming")
        .lazy()
    )
    attempts = matches.filter(col("event_type") == FUNNEL[0]).select(
        "person_key", "position", entered="event_ts", reached=pl.lit(1)
    )
    for number, step in enumerate(FUNNEL[1:], 2):
        found = matches.filter(col("event_type") == step).select(
            "person_key", "position", found_at="position", found_ts="event_ts"
        )
        joined = attempts.sort("position").join_asof(
            found.sort("position"), on="position", by="person_key", strategy="forward", check_sortedness=False
        )
        is_reached = (col("reached") == number - 1) & (col("found_ts") - col("entered") <= WINDOW)
        attempts = joined.select(
            "person_key",
            "entered",
            position=pl.when(is_reached).then("found_at").otherwise("position"),
            reached=pl.when(is_reached).then(pl.lit(number)).otherwise("reached"),
        )
    return attempts.group_by("person_key").agg(col("reached").max())
