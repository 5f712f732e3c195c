"""Every visit of every person: when, on which device, from where, and how well it goes.

Add here: another trait of a whole visit. Keep out: pages and events within it, and bots.
"""

import numpy as np
import polars as pl

from sample_data.channels import SOURCES
from sample_data.draws import choose, stream, within_groups
from sample_data.grammar import Grammar
from sample_data.parameters import SampleParameters
from sample_data.people import JUNK_USER_IDS, PERSONAS
from sample_data.prices import price_levels
from sample_data.rhythm import accepted_days, first_midnight_ms, start_times

_STREAM = 2
# No visit lasts this long, so that two visits of a device are never one session.
_APART_MS = 4 * 3_600_000
FRICTION_EFFECT = 0.3
SLOW_EFFECT = 0.75
TREATMENT_EFFECT = 1.25


def build_visits(
    parameters: SampleParameters, grammar: Grammar, people: pl.DataFrame, devices: pl.DataFrame
) -> pl.DataFrame:
    """One row per human visit, in order of `start_ms` (UTC milliseconds), with all its traits."""
    rng = stream(parameters.seed, _STREAM)
    visits = _schedule(rng, parameters, grammar, people)
    visits = _with_devices(rng, visits, people, devices)
    visits = _with_traits(rng, visits, people)
    visits = _without_the_driven_away(rng, visits)
    visits = _with_login(rng, visits, people, devices)
    visits = _with_source(rng, visits)
    return _with_willingness(rng, visits, people, parameters, grammar).sort("start_ms", "person")


def _schedule(
    rng: np.random.Generator, parameters: SampleParameters, grammar: Grammar, people: pl.DataFrame
) -> pl.DataFrame:
    persona = people["persona"].to_numpy()
    lifetime, arrival = people["lifetime"].to_numpy(), people["arrival"].to_numpy()
    typical = np.array([p.gap for p in PERSONAS])[persona] * rng.lognormal(0, 0.35, len(persona))
    counts = np.minimum(np.ceil(lifetime / typical * 1.4).astype(int) + 2, 80)
    person = np.repeat(people["person"].to_numpy(), counts)
    gaps = typical[person] * rng.lognormal(0, 0.6, len(person))
    gaps[within_groups(counts) == 0] = 0
    total = np.cumsum(gaps)
    since = total - np.repeat(total[np.cumsum(counts) - counts], counts)
    moment = arrival[person] + since
    kept = (since <= lifetime[person]) & (moment >= 0) & (moment < parameters.days)
    person, days = person[kept], np.floor(moment[kept]).astype(int)
    days = accepted_days(rng, days, parameters)
    zones = [place.timezone for place in grammar.places]
    start = start_times(rng, days, zones, people["place"].to_numpy()[person], parameters)
    first = first_midnight_ms(parameters)
    last = first + parameters.days * 86_400_000 - 5_400_000
    return pl.DataFrame({"person": person, "start_ms": start}).filter(
        pl.col("start_ms").is_between(first, last)
    )


def _with_devices(
    rng: np.random.Generator, visits: pl.DataFrame, people: pl.DataFrame, devices: pl.DataFrame
) -> pl.DataFrame:
    person = visits["person"].to_numpy()
    owned = (
        devices.filter(pl.col("person") >= 0)
        .group_by("person")
        .agg(first=pl.col("device").min(), count=pl.len())
        .sort("person")
    )
    count = owned["count"].to_numpy()[person]
    other = 1 + np.floor(rng.random(len(person)) * (count - 1)).astype(int)
    number = np.where((count > 1) & (rng.random(len(person)) < 0.42), other, 0)
    device = owned["first"].to_numpy()[person] + number
    public = devices.filter(pl.col("person") < 0)["device"].to_numpy()
    at_public = people["account"].to_numpy()[person] & (person % 40 == 7) & (rng.random(len(person)) < 0.35)
    device = np.where(at_public, public[(person // 40) % len(public)], device)
    visits = visits.with_columns(device=device.astype(np.int32), at_public=at_public)
    for key in ("person", "device"):
        visits = visits.sort(key, "start_ms").filter(
            pl.col("start_ms").diff().over(key).fill_null(_APART_MS) >= _APART_MS
        )
    return visits.sort("person", "start_ms").with_columns(number=pl.int_range(pl.len()).over("person"))


def _with_traits(rng: np.random.Generator, visits: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    size = visits.height
    refuses = (people["consent"] == 2).to_numpy()[visits["person"].to_numpy()]
    cookieless = rng.random(size) < np.where(refuses, 0.5, 0.02)
    return visits.with_columns(
        friction=rng.random(size) < 0.11,
        slow=rng.random(size) < 0.09,
        cookieless=cookieless & ~visits["at_public"].to_numpy(),
        late=rng.random(size) < 0.006,
        skewed=rng.random(size) < 0.02,
        sends_sent_ts=rng.random(size) < 0.3,
        sends_sequence=rng.random(size) < 0.92,
        sends_page_view_id=rng.random(size) < 0.9,
        sends_session_id=rng.random(size) < 0.8,
        sends_consent=rng.random(size) < 0.4,
        sends_address=rng.random(size) < 0.3,
    )


def _without_the_driven_away(rng: np.random.Generator, visits: pl.DataFrame) -> pl.DataFrame:
    """Some people whose visit went wrong never come back."""
    angry = pl.Series(rng.random(visits.height) < 0.25) & visits["friction"]
    left = angry.cast(pl.Int32).cum_sum() - angry.cast(pl.Int32)
    visits = visits.with_columns(left=left, angry=angry)
    before = pl.col("left") - pl.col("left").first().over("person")
    return visits.filter(before == 0).with_columns(driven_away="angry").drop("left", "angry")


def _with_login(
    rng: np.random.Generator, visits: pl.DataFrame, people: pl.DataFrame, devices: pl.DataFrame
) -> pl.DataFrame:
    """Adds `user_id` (null where nobody logs in) and `login_step`, the page from which it is known."""
    size, person = visits.height, visits["person"].to_numpy()
    one_device = (devices["person"].to_numpy() >= 0)[visits["device"].to_numpy()]
    intended = devices["link_intended"].to_numpy()[visits["device"].to_numpy()]
    several = devices.group_by("person").agg(pl.len()).filter(pl.col("len") > 1)["person"].to_numpy()
    # With several devices only those meant to be tied log in; with one, any.
    may = people["account"].to_numpy()[person] & (intended | ~np.isin(person, several) | ~one_device)
    last = (
        visits["start_ms"] == visits.select(pl.col("start_ms").max().over("device"))["start_ms"]
    ).to_numpy()
    forced = intended & last
    logs_in = may & ((rng.random(size) < 0.55) | forced | visits["at_public"].to_numpy())
    logs_in &= ~visits["cookieless"].to_numpy()
    remembered = forced | (rng.random(size) < 0.35)
    second = people["second_account"].to_numpy()[person] & (visits["number"].to_numpy() % 2 == 1)
    junk = (rng.random(size) < 0.004) & ~forced
    junk_ids = pl.Series(JUNK_USER_IDS).gather(rng.integers(0, len(JUNK_USER_IDS), size))
    own = (
        pl.when(pl.Series(second))
        .then(people["second_user_id"].gather(person))
        .otherwise(people["user_id"].gather(person))
    )
    user = pl.when(pl.Series(logs_in)).then(pl.when(pl.Series(junk)).then(junk_ids).otherwise(own))
    return visits.with_columns(
        user_id=user, login_step=np.where(remembered, 0, rng.integers(1, 4, size)), junk_user=junk & logs_in
    )


def _with_source(rng: np.random.Generator, visits: pl.DataFrame) -> pl.DataFrame:
    first = choose(rng, [s.first for s in SOURCES], visits.height)
    later = choose(rng, [s.later for s in SOURCES], visits.height)
    source = np.where(visits["number"].to_numpy() == 0, first, later)
    campaigns = np.array([len(s.campaigns) for s in SOURCES])[source]
    campaign = np.where(campaigns > 0, np.floor(rng.random(visits.height) * np.maximum(campaigns, 1)), -1)
    return visits.with_columns(source=source.astype(np.int32), campaign=campaign.astype(np.int32))


def _with_willingness(
    rng: np.random.Generator,
    visits: pl.DataFrame,
    people: pl.DataFrame,
    parameters: SampleParameters,
    grammar: Grammar,
) -> pl.DataFrame:
    """Adds the `item` in mind and `commit`, which multiplies the chance to enter a page that commits."""
    person, source = visits["person"].to_numpy(), visits["source"].to_numpy()
    day = (visits["start_ms"].to_numpy() - first_midnight_ms(parameters)) // 86_400_000
    popular = choose(rng, 1 / (1 + np.arange(len(grammar.items))) ** 0.6, visits.height)
    item = np.where(rng.random(visits.height) < 0.6, people["taste"].to_numpy()[person], popular)
    persona = people["persona"].to_numpy()[person]
    sensitivity = np.array([p.price_sensitivity for p in PERSONAS])[persona]
    exposed = day >= parameters.days // 2
    treated = exposed & (people["variant"].to_numpy()[person] == 1)
    commit = (
        np.array([p.commit for p in PERSONAS])[persona]
        * np.array([s.quality for s in SOURCES])[source]
        * (1 + 0.2 * np.minimum(visits["number"].to_numpy(), 4))
        * np.where(visits["friction"].to_numpy(), FRICTION_EFFECT, 1.0)
        * np.where(visits["slow"].to_numpy(), SLOW_EFFECT, 1.0)
        * np.where(treated, TREATMENT_EFFECT, 1.0)
        * price_levels(parameters, grammar)[item, day] ** (-1.5 * sensitivity)
    )
    return visits.with_columns(
        item=item.astype(np.int32), day=day.astype(np.int32), commit=commit, exposed=exposed, persona=persona
    )
