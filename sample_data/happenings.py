"""What happens on the pages of a block: every event as (page, type, time, value), still without its text.

Add here: another thing that happens on a page. Keep out: an event's properties and how it is delivered.
"""

import numpy as np
import polars as pl

from sample_data.channels import SOURCES
from sample_data.draws import within_groups
from sample_data.grammar import Grammar

PING_MS = 10_000
_SCROLL_AT = np.array([0.12, 0.32, 0.55, 0.8])


class _Collector:
    """Gathers events of a block as columns; `page` are positions in the pages, `at` milliseconds into the
    page."""

    def __init__(self, rng: np.random.Generator, pages: pl.DataFrame) -> None:
        self.rng = rng
        self.start = pages["start_ms"].to_numpy()
        self.dwell = pages["dwell_ms"].to_numpy()
        self.parts: list[pl.DataFrame] = []

    def some(self, where: np.ndarray, chance: float) -> np.ndarray:
        """Positions where the mask holds, each kept with `chance`."""
        found = np.flatnonzero(where)
        return found[self.rng.random(len(found)) < chance]

    def add(
        self, event_type: str, page: np.ndarray, at: np.ndarray | int, value: np.ndarray | int = 0
    ) -> None:
        """Adds one event per entry of `page`."""
        self.parts.append(
            pl.DataFrame(
                {
                    "page": page.astype(np.int32),
                    "at_ms": self.start[page] + np.asarray(at, dtype=np.int64),
                    "value": np.broadcast_to(np.asarray(value, dtype=np.int32), len(page)),
                }
            ).with_columns(event_type=pl.lit(event_type))
        )


def build_happenings(
    rng: np.random.Generator, grammar: Grammar, visits: pl.DataFrame, pages: pl.DataFrame
) -> pl.DataFrame:
    """Events of the block: columns page, at_ms (true UTC milliseconds), value (meaning depends on type),
    event_type."""
    collector = _Collector(rng, pages)
    human = visits["bot"].is_null().to_numpy()[pages["visit"].to_numpy()]
    collector.add("page_view", np.arange(pages.height), 0)
    _arrivals(collector, grammar, visits, pages, human)
    _presence(collector, pages, human)
    _business(collector, grammar, human, pages)
    _forms(collector, grammar, visits, pages, human)
    _friction(collector, visits, pages, human)
    return pl.concat(collector.parts)


def _arrivals(
    c: _Collector, grammar: Grammar, visits: pl.DataFrame, pages: pl.DataFrame, human: np.ndarray
) -> None:
    visit = pages["visit"].to_numpy()
    first, last = pages["is_first"].to_numpy() & human, pages["is_last"].to_numpy() & human
    c.add("session_start", c.some(first, 0.5), 1)
    again = visits["days_since"].to_numpy()[visit]
    back = c.some(first & (again >= 0), 0.4)
    c.add("return_visit", back, 3, again[back])
    if grammar.business == "travel":
        pushed = np.array([s.channel in ("Mobile Push", "Email") for s in SOURCES])[
            visits["source"].to_numpy()[visit]
        ]
        c.add("notification_open", c.some(first & pushed, 0.7), 2)
    leaving = c.some(last, 0.07)
    c.add("exit_intent", leaving, c.dwell[leaving] * 9 // 10)
    ended = c.some(last, 0.15)
    c.add("session_end", ended, c.dwell[ended])
    detail = (
        (pages["kind"].to_numpy() == grammar.code("detail")) & visits["exposed"].to_numpy()[visit] & human
    )
    seen = np.flatnonzero(detail)
    c.add("experiment_exposure", seen[np.unique(visit[seen], return_index=True)[1]], 40)


def _presence(c: _Collector, pages: pl.DataFrame, human: np.ndarray) -> None:
    measured = c.some(human, 0.45)
    c.add("page_performance", measured, np.minimum(1900, c.dwell[measured] // 2))
    present = np.flatnonzero(human)
    attention = c.rng.uniform(0.35, 1.0, len(present))
    pings = (c.dwell[present] * attention // PING_MS).astype(int)
    number = within_groups(pings) + 1
    c.add("page_ping", np.repeat(present, pings), number * PING_MS, number * 10)
    reached = pages["depth"].to_numpy()[present] // 25
    number = within_groups(reached)
    page = np.repeat(present, reached)
    c.add("scroll_milestone", page, (c.dwell[page] * _SCROLL_AT[number]).astype(np.int64), (number + 1) * 25)
    clicked = c.some(human & ~pages["is_last"].to_numpy(), 0.6)
    c.add("click_event", clicked, c.dwell[clicked] - 120, 1)
    idle = c.some(human, 0.08)
    c.add("click_event", idle, c.dwell[idle] * 6 // 10, 0)
    left = c.some(human, 0.35)
    c.add("page_unload", left, c.dwell[left] - 4, c.dwell[left])


def _business(c: _Collector, grammar: Grammar, human: np.ndarray, pages: pl.DataFrame) -> None:
    kind = pages["kind"].to_numpy()
    for rule in grammar.rules:
        page = c.some(human & (kind == grammar.code(rule.kind)), rule.chance)
        c.add(rule.event_type, page, (c.dwell[page] * rule.at).astype(np.int64) + 10)
    asking = np.isin(kind, [grammar.code(k) for k in ("list", "search", "price", "start")])
    c.add("api_response", c.some(human & asking, 0.4), 350)
    # The confirmation is loaded twice now and then: the same order under another event.
    again = c.some(human & (kind == grammar.code(grammar.confirm_page)) & (c.dwell > 6000), 0.015)
    c.add(grammar.conversion, again, 5000)


def _forms(
    c: _Collector, grammar: Grammar, visits: pl.DataFrame, pages: pl.DataFrame, human: np.ndarray
) -> None:
    visit, kind = pages["visit"].to_numpy(), pages["kind"].to_numpy()
    form = human & (kind == grammar.code(grammar.start_page))
    page = np.flatnonzero(form)
    c.add("form_focus", page, c.dwell[page] // 6)
    confirmed = np.zeros(visits.height, dtype=bool)
    confirmed[visit[kind == grammar.code(grammar.confirm_page)]] = True
    sent = np.flatnonzero(form & confirmed[visit])
    c.add("form_submit", sent, c.dwell[sent] * 95 // 100, c.dwell[sent])
    # Only the last try of the visit is given up.
    given_up = np.flatnonzero(form & ~confirmed[visit])[::-1]
    last = given_up[np.unique(visit[given_up], return_index=True)[1]]
    left = last[c.rng.random(len(last)) < 0.75]
    c.add("form_abandon", left, c.dwell[left] * 9 // 10, 3)
    told = last[c.rng.random(len(last)) < 0.8]
    c.add("booking_abandon", told, c.dwell[told] * 97 // 100)


def _friction(c: _Collector, visits: pl.DataFrame, pages: pl.DataFrame, human: np.ndarray) -> None:
    visit = pages["visit"].to_numpy()
    counts = np.bincount(visit, minlength=visits.height)
    chosen = (c.rng.random(visits.height) * counts).astype(int)
    struck = human & visits["friction"].to_numpy()[visit] & (pages["step"].to_numpy() == chosen[visit])
    page = np.flatnonzero(struck)
    way = c.rng.random(len(page))
    angry = page[way < 0.6]
    clicks = np.repeat(angry, 4)
    c.add(
        "click_event",
        clicks,
        np.repeat(c.dwell[angry] * 4 // 10, 4) + np.tile(np.arange(4) * 110, len(angry)),
        2,
    )
    told = angry[c.rng.random(len(angry)) < 0.5]
    c.add("rage_click", told, c.dwell[told] * 4 // 10 + 331, 4)
    failed = page[way >= 0.4]
    c.add("error_occurred", failed, c.dwell[failed] * 3 // 10, 500)
    rare = c.some(human, 0.003)
    c.add("error_occurred", rare, c.dwell[rare] // 2, 404)
