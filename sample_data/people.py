"""Who there is: people with their personas, accounts and devices.

Add here: another persona or another trait that stays with a person. Keep out: visits and what happens in
them.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from sample_data.agents import AGENTS
from sample_data.draws import choose, hex_ids, stream, within_groups
from sample_data.grammar import Grammar
from sample_data.parameters import SampleParameters

_STREAM = 1
JUNK_USER_IDS = ("null", "undefined", "test@test.com")
_EMAIL_DOMAINS = ("example.com", "example.org", "example.net")
_FIRST_NAMES = (
    "Ada",
    "Ben",
    "Chris",
    "Dana",
    "Eli",
    "Finn",
    "Grace",
    "Hana",
    "Ines",
    "Jonas",
    "Kim",
    "Lea",
    "Max",
    "Nora",
    "Omar",
    "Pia",
    "Quinn",
    "Rosa",
    "Sam",
    "Tara",
    "Uma",
    "Vera",
    "Will",
    "Yara",
)
_LAST_NAMES = (
    "Adler",
    "Baker",
    "Costa",
    "Dumont",
    "Evans",
    "Fischer",
    "Garcia",
    "Hansen",
    "Ito",
    "Jansen",
    "Kaya",
    "Lopez",
    "Meyer",
    "Novak",
    "Okafor",
    "Patel",
    "Quist",
    "Rossi",
    "Silva",
    "Turner",
    "Weber",
    "Young",
)


@dataclass(frozen=True)
class Persona:
    """A way to behave: median days between visits, mean days of interest, willingness to buy, care about
    price."""

    name: str
    weight: float
    gap: float
    lifetime: float
    commit: float
    price_sensitivity: float
    account: float
    moves: dict[str, float]


PERSONAS: tuple[Persona, ...] = (
    Persona("one_time", 42, 1, 0, 0.55, 0.8, 0.18, {}),
    Persona("researcher", 22, 2.5, 16, 0.9, 1.0, 0.45, {"detail": 1.3, "reviews": 1.6, "compare": 1.4}),
    Persona("bargain_hunter", 14, 3.5, 26, 0.55, 3.0, 0.45, {"price": 2.6, "compare": 2.2}),
    Persona("loyal", 13, 11, 160, 1.9, 0.4, 0.85, {"account": 2.0}),
    Persona("technical", 9, 5, 40, 0.8, 0.7, 0.4, {"spec": 5.0, "content": 1.5, "detail": 1.3}),
)


def build_people(parameters: SampleParameters, grammar: Grammar) -> tuple[pl.DataFrame, pl.DataFrame]:
    """People (one row each) and their devices (one row each, `device` is the position in the frame).

    `arrival` and `lifetime` are days since the sample's first midnight; `link_intended` says that the
    device is to be logged in on, so that a later device without it can be tied to its owner by nobody.
    """
    rng = stream(parameters.seed, _STREAM)
    size = parameters.people
    persona = choose(rng, [p.weight for p in PERSONAS], size)
    lifetime = rng.exponential(1.0, size) * _of_persona("lifetime", persona)
    # Those with a long interest were there before the sample began; without them its first weeks would
    # look empty.
    arrival = rng.uniform(-0.35 * lifetime, parameters.days)
    device_count = choose(rng, [60, 29, 11], size) + 1
    devices = _devices(rng, device_count)
    linked = devices.group_by("person", maintain_order=True).agg(pl.col("link_intended").any())[
        "link_intended"
    ]
    account = (rng.random(size) < _of_persona("account", persona)) & (device_count == 1) | linked.to_numpy()
    people = pl.DataFrame(
        {
            "person": np.arange(size, dtype=np.int32),
            "persona": persona,
            "arrival": arrival,
            "lifetime": lifetime,
            "place": choose(rng, [p.weight for p in grammar.places], size),
            "account": account,
            "second_account": account & (rng.random(size) < 0.015),
            "gpc": rng.random(size) < 0.03,
            "do_not_sell": rng.random(size) < 0.01,
            "consent": choose(rng, [68, 17, 15], size),
            "variant": rng.integers(0, 2, size, dtype=np.int32),
            "taste": rng.integers(0, len(grammar.items), size, dtype=np.int32),
        }
    )
    return people.with_columns(**_contacts(rng, size)), devices


def _of_persona(field: str, persona: np.ndarray) -> np.ndarray:
    return np.array([getattr(p, field) for p in PERSONAS], dtype=float)[persona]


def _devices(rng: np.random.Generator, device_count: np.ndarray) -> pl.DataFrame:
    size = int(device_count.sum())
    number = within_groups(device_count)
    several = np.repeat(device_count > 1, device_count)
    # One further device in five is never logged in on; the first one of its owner always is.
    intended = several & ((number == 0) | (rng.random(size) < 0.8))
    return pl.DataFrame(
        {
            "device": np.arange(size, dtype=np.int32),
            "person": np.repeat(np.arange(len(device_count), dtype=np.int32), device_count),
            "number": number.astype(np.int32),
            "anonymous_id": hex_ids(rng, size),
            "agent": choose(rng, [a.weight for a in AGENTS], size),
            "screen": rng.integers(0, 2, size, dtype=np.int32),
            "link_intended": intended,
            "ip_address": _addresses(rng, size),
        }
    )


def _addresses(rng: np.random.Generator, size: int) -> pl.Series:
    """Addresses of the documentation ranges: mostly IPv6, which has enough of them to tell households
    apart."""
    digits = hex_ids(rng, size, 16)
    blocks = pl.Series(["192.0.2.", "198.51.100.", "203.0.113."]).gather(rng.integers(0, 3, size))
    frame = pl.DataFrame(
        {"d": digits, "b": blocks, "n": rng.integers(1, 255, size), "six": rng.random(size) < 0.8}
    )
    six = pl.format("2001:db8:{}:{}:{}:{}::1", *[pl.col("d").str.slice(4 * part, 4) for part in range(4)])
    return frame.select(pl.when("six").then(six).otherwise(pl.format("{}{}", "b", "n")).alias("a"))["a"]


def _contacts(rng: np.random.Generator, size: int) -> dict[str, pl.Expr | pl.Series]:
    first = pl.Series(_FIRST_NAMES).gather(rng.integers(0, len(_FIRST_NAMES), size))
    last = pl.Series(_LAST_NAMES).gather(rng.integers(0, len(_LAST_NAMES), size))
    domain = pl.Series(_EMAIL_DOMAINS).gather(rng.integers(0, len(_EMAIL_DOMAINS), size))
    frame = pl.DataFrame(
        {
            "f": first,
            "l": last,
            "d": domain,
            "t": hex_ids(rng, size, 8),
            "area": rng.integers(201, 990, size),
            "line": rng.integers(0, 100, size),
        }
    )
    made = frame.select(
        name=pl.format("{} {}", "f", "l"),
        email=pl.format(
            "{}.{}.{}@{}", pl.col("f").str.to_lowercase(), pl.col("l").str.to_lowercase(), "t", "d"
        ),
        phone=pl.format("+1-{}-555-01{}", "area", pl.col("line").cast(pl.String).str.zfill(2)),
    )
    return {
        "user_id": "u" + hex_ids(rng, size, 10),
        "second_user_id": "u" + hex_ids(rng, size, 10),
        "name": made["name"],
        "email": made["email"],
        "phone": made["phone"],
    }
