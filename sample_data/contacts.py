"""Records of people's contacts with the company: accounts, consent, tickets, feedback.

Add here: another such record. Keep out: money and prices (`records.py`).
"""

import numpy as np
import polars as pl

from sample_data.json_text import utc_text
from sample_data.people import JUNK_USER_IDS
from sample_data.texts import CONSENT_VERSION, CONSENTS
from sample_data.world import World

_TIERS = ("none", "bronze", "silver", "gold")
_COMPLAINTS = ("The page did not react to my clicks", "I was charged twice", "It took far too long")
_QUESTIONS = ("How do I change my appointment", "Where is my receipt", "Thank you, all went well")

_CATEGORIES = ("necessary", "analytics", "marketing", "personalization", "session_recording", "third_party")
_PREFERENCES = pl.Struct(dict.fromkeys(_CATEGORIES, pl.Boolean))


def customers(rng: np.random.Generator, world: World, visits: pl.DataFrame) -> pl.DataFrame:
    """One row per account that was used; a second account has its owner's e-mail."""
    people = world.people.with_columns(tier=pl.Series(_TIERS).gather(rng.integers(0, 4, world.people.height)))
    used = _used(visits).group_by("user_id", "person").agg(first_ms=pl.col("start_ms").min())
    frame = used.join(people.drop("user_id"), on="person")
    countries = pl.Series([place.country for place in world.grammar.places])
    return (
        frame.with_columns(country=countries.gather(frame["place"].to_numpy()))
        .select(
            "user_id",
            "email",
            "phone",
            "name",
            "country",
            signup_ts=utc_text(pl.col("first_ms")),
            loyalty_tier="tier",
        )
        .sort("signup_ts", "user_id")
    )


def consent_records(rng: np.random.Generator, world: World, visits: pl.DataFrame) -> pl.DataFrame:
    """The banner's answer on most devices, and a later change in the preference centre on a few."""
    devices = (
        visits.filter(pl.col("bot").is_null(), ~pl.col("cookieless"))
        .group_by("device")
        .agg(
            pl.col("start_ms").min(),
            pl.col("person").first(),
            pl.col("end_ms").max().alias("last_ms"),
            pl.col("logged_in_as").drop_nulls().last(),
        )
        .sort("device")
    )
    devices = devices.filter(pl.Series(rng.random(devices.height) < 0.7))
    devices = devices.with_columns(
        anonymous_id=world.devices["anonymous_id"].gather(devices["device"].to_numpy()),
        choice=world.people["consent"].gather(devices["person"].to_numpy()),
        changes=pl.Series(rng.random(devices.height) < 0.05),
    )
    banner = devices.select(
        "anonymous_id",
        "choice",
        pl.lit(None, pl.String).alias("user_id"),
        at="start_ms",
        method=pl.lit("banner"),
    )
    changed = devices.filter("changes").select(
        "anonymous_id",
        (pl.col("choice") + 1) % 3,
        user_id="logged_in_as",
        at="last_ms",
        method=pl.lit("preference_center"),
    )
    records = pl.concat([banner, changed], how="diagonal").sort("at", "anonymous_id")
    choices = pl.Series(CONSENTS).gather(records["choice"].to_numpy())
    return records.select(
        "anonymous_id",
        "user_id",
        ts=utc_text(pl.col("at")),
        version=pl.lit(CONSENT_VERSION),
        method="method",
        preferences=choices.str.json_decode(_PREFERENCES),
    )


def support_tickets(rng: np.random.Generator, world: World, visits: pl.DataFrame) -> pl.DataFrame:
    """Tickets of account holders: seldom after a good visit, often and angry after one with friction."""
    used = _used(visits).sort("visit_number")
    chance = np.where(used["friction"].to_numpy(), 0.12, 0.015)
    told = used.filter(pl.Series(rng.random(used.height) < chance))
    size = told.height
    text = (
        pl.when("friction")
        .then(pl.Series(_COMPLAINTS).gather(rng.integers(0, 3, size)))
        .otherwise(pl.Series(_QUESTIONS).gather(rng.integers(0, 3, size)))
    )
    sentiment = (
        pl.when("friction")
        .then(pl.Series(rng.uniform(-1, -0.2, size)))
        .otherwise(pl.Series(rng.uniform(-0.3, 0.9, size)))
    )
    return told.select(
        ticket_id=pl.format("t{}-{}", pl.lit(world.parameters.seed), "visit_number"),
        user_id="user_id",
        opened_ts=utc_text(pl.col("end_ms")),
        sentiment=sentiment.round(2),
        text=text,
    )


def feedback(rng: np.random.Generator, world: World, visits: pl.DataFrame) -> pl.DataFrame:
    """Ratings of 1 to 5 by account holders at the end of a visit, lower after friction or slow pages."""
    used = _used(visits).sort("visit_number")
    asked = used.filter(
        pl.Series(rng.random(used.height) < np.where(used["converted"].to_numpy(), 0.2, 0.02))
    )
    lowered = 2.0 * asked["friction"].to_numpy() + 0.8 * asked["slow"].to_numpy()
    rating = np.clip(np.round(rng.normal(4.3, 0.7, asked.height) - lowered), 1, 5).astype(int)
    texts = pl.Series(("Bad", "Not good", "All right", "Good", "Very good")).gather(rating - 1)
    return asked.select("user_id", ts=utc_text(pl.col("end_ms")), rating=pl.Series(rating), text=texts)


def _used(visits: pl.DataFrame) -> pl.DataFrame:
    """Visits with a real account logged in, whose id is `user_id`."""
    real = pl.col("logged_in_as").is_not_null() & ~pl.col("logged_in_as").is_in(JUNK_USER_IDS)
    return visits.filter(real).with_columns(user_id=pl.col("logged_in_as"))
