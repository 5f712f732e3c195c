"""Everybody who comes, humans and bots, with their devices and all their visits.

Add here: another group of visitors. Keep out: how one group behaves (`visits.py`, `bots.py`).
"""

import numpy as np
import polars as pl

from sample_data.bots import build_bots
from sample_data.draws import choose, hex_ids, stream
from sample_data.grammar import Grammar
from sample_data.parameters import SampleParameters
from sample_data.people import build_people
from sample_data.rhythm import DAY_MS, first_midnight_ms
from sample_data.visits import build_visits

_STREAM = 5
_CABINS = ("economy", "premium", "business")


def build_population(
    parameters: SampleParameters, grammar: Grammar
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """People, devices (public ones and bots' at the end, with person -1) and visits in order of their
    start."""
    rng = stream(parameters.seed, _STREAM)
    people, devices = build_people(parameters, grammar)
    public = _public_devices(rng, parameters, devices.height)
    devices = pl.concat([devices.with_columns(bot=pl.lit(None, dtype=pl.String)), public], how="diagonal")
    visits = build_visits(parameters, grammar, people, devices)
    bots, crawls = build_bots(parameters, devices.height)
    devices = pl.concat([devices, bots], how="diagonal").with_columns(
        pl.col("person").fill_null(-1), pl.col("link_intended").fill_null(False)
    )
    visits = pl.concat([visits, crawls], how="diagonal")
    visits = _without_blanks(visits, parameters).sort("start_ms", "device", maintain_order=True)
    return people, devices, _with_plans(rng, visits, people, grammar).with_row_index("visit_number")


def _public_devices(
    rng: np.random.Generator, parameters: SampleParameters, first_device: int
) -> pl.DataFrame:
    """Computers that several people log in on, such as one in a library."""
    count = max(1, parameters.people // 400)
    return pl.DataFrame(
        {
            "device": np.arange(first_device, first_device + count, dtype=np.int32),
            "person": np.full(count, -1, dtype=np.int32),
            "anonymous_id": hex_ids(rng, count),
            "agent": np.full(count, 3, dtype=np.int32),
            "screen": np.zeros(count, dtype=np.int32),
            "link_intended": np.zeros(count, dtype=bool),
            "ip_address": "2001:db8:50b:" + hex_ids(rng, count, 4) + "::1",
        }
    )


def _without_blanks(visits: pl.DataFrame, parameters: SampleParameters) -> pl.DataFrame:
    """Bots have none of a human's traits."""
    first = first_midnight_ms(parameters)
    numbers = {
        "person": -1,
        "number": 0,
        "source": 0,
        "campaign": -1,
        "item": 0,
        "commit": 0.0,
        "persona": 0,
        "login_step": 0,
        "bot_pages": 0,
        "bot_pace_ms": 0,
    }
    flags = [name for name, kind in visits.schema.items() if kind == pl.Boolean]
    return visits.with_columns(
        *[pl.col(name).fill_null(value) for name, value in numbers.items()],
        *[pl.col(name).fill_null(False) for name in flags],
        day=((pl.col("start_ms") - first) // DAY_MS).cast(pl.Int32),
    )


def _with_plans(
    rng: np.random.Generator, visits: pl.DataFrame, people: pl.DataFrame, grammar: Grammar
) -> pl.DataFrame:
    """Adds what a visit has in mind (a trip), its money, click id, and days since the visit before (-1 for
    the first)."""
    size = visits.height
    currencies = list(grammar.rates)
    at_home = np.array([currencies.index(place.currency) for place in grammar.places])
    person = np.maximum(visits["person"].to_numpy(), 0)
    since = (pl.col("start_ms").diff().over("person") // DAY_MS).fill_null(-1)
    return visits.with_columns(
        currency=pl.Series(at_home[people["place"].to_numpy()[person]].astype(np.int32)),
        variant=people["variant"].gather(person),
        click=hex_ids(rng, size, 24),
        days_since=pl.when(pl.col("person") >= 0).then(since).otherwise(-1).cast(pl.Int32),
        adults=pl.Series(1 + choose(rng, [45, 42, 7, 6], size)),
        children=pl.Series(choose(rng, [78, 12, 10], size)),
        cabin=pl.Series(_CABINS).gather(choose(rng, [84, 10, 6], size)),
        ahead=pl.Series((7 + rng.gamma(1.6, 24, size)).astype(np.int32)),
        nights=pl.Series(rng.integers(2, 15, size, dtype=np.int32)),
    )
