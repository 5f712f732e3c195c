"""Visits that no human makes: crawlers that say so, and fast ones that do not.

Add here: another way in which programs visit. Keep out: how they are recognised.
"""

import numpy as np
import polars as pl

from sample_data.agents import AGENTS, KNOWN_BOTS
from sample_data.draws import hex_ids, stream
from sample_data.parameters import SampleParameters
from sample_data.rhythm import DAY_MS, first_midnight_ms

_STREAM = 3


def build_bots(parameters: SampleParameters, first_device: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Bots as devices (numbered from `first_device`) and their visits.

    A visit has `bot_pages` pages, one every `bot_pace_ms`. Known crawlers carry no ids; fast ones look
    like a browser but open more than 60 pages a minute.
    """
    rng = stream(parameters.seed, _STREAM)
    known = max(2, parameters.people // 400)
    fast = max(1, parameters.people // 500)
    kind = np.repeat(["known", "fast"], [known, fast])
    agent = np.where(
        kind == "known",
        len(AGENTS) + np.arange(known + fast) % len(KNOWN_BOTS),
        rng.integers(0, len(AGENTS), known + fast),
    )
    devices = pl.DataFrame(
        {
            "device": np.arange(first_device, first_device + known + fast, dtype=np.int32),
            "agent": agent.astype(np.int32),
            "screen": rng.integers(0, 2, known + fast, dtype=np.int32),
            "anonymous_id": hex_ids(rng, known + fast),
            "ip_address": "2001:db8:b07:" + hex_ids(rng, known + fast, 4) + "::1",
            "bot": kind,
        }
    )
    counts = np.where(
        kind == "known",
        1 + rng.poisson(parameters.days * 0.45, known + fast),
        rng.integers(1, 4, known + fast),
    )
    who = np.repeat(np.arange(known + fast), counts)
    start = first_midnight_ms(parameters) + rng.integers(0, parameters.days * DAY_MS - 7_200_000, len(who))
    is_known = kind[who] == "known"
    visits = pl.DataFrame(
        {
            "device": devices["device"].gather(who),
            "start_ms": start,
            "cookieless": is_known,
            "bot": kind[who],
            "bot_pages": np.where(is_known, rng.integers(6, 40, len(who)), rng.integers(90, 240, len(who))),
            "bot_pace_ms": np.where(
                is_known, rng.integers(2_000, 15_000, len(who)), rng.integers(180, 600, len(who))
            ),
        }
    )
    return devices, visits
