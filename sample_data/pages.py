"""Which pages a visit goes through: a walk over the grammar's moves, for a block of visits at once.

Add here: what belongs to a page as a whole. Keep out: events on the page.
"""

import numpy as np
import polars as pl

from sample_data.draws import choose, hex_ids, within_groups
from sample_data.grammar import EXIT, Grammar
from sample_data.people import PERSONAS

_LONGEST_WALK = 28
_BOT_KINDS = ("home", "list", "detail", "content")


def build_pages(rng: np.random.Generator, grammar: Grammar, visits: pl.DataFrame) -> pl.DataFrame:
    """One row per page of the block's visits, in order.

    `visit` is the position in `visits`, `kind` the page's code, times are milliseconds, `depth` the
    scrolled percent.
    """
    human = np.flatnonzero(visits["bot"].is_null().to_numpy())
    robot = np.flatnonzero(visits["bot"].is_not_null().to_numpy())
    pages = pl.concat([_walk(rng, grammar, visits, human), _crawl(rng, grammar, visits, robot)])
    pages = pages.sort("visit", "step", maintain_order=True)
    visit, size = pages["visit"].to_numpy(), pages.height
    started = visits["start_ms"].to_numpy()[visit]
    dwell = pages["dwell_ms"].to_numpy()
    elapsed = np.cumsum(dwell)
    counts = np.bincount(visit, minlength=visits.height)
    before = np.repeat((elapsed - dwell)[np.cumsum(counts) - counts], counts)
    return pages.with_columns(
        start_ms=started + elapsed - dwell - before,
        item=_items(rng, grammar, visits, pages),
        depth=np.minimum(100, (rng.beta(1.6, 1.5, size) * 115)).astype(np.int32),
        is_first=pl.col("step") == 0,
        is_last=pl.Series(np.repeat(counts, counts) - 1 == within_groups(counts)),
        page_view_id=hex_ids(rng, size, 16),
    )


def _moves(grammar: Grammar) -> np.ndarray:
    """Weights [persona, page, next page or exit]."""
    targets = [*grammar.kinds, EXIT]
    base = np.array([[page.moves.get(target, 0.0) for target in targets] for page in grammar.pages])
    taste = np.array([[persona.moves.get(target, 1.0) for target in targets] for persona in PERSONAS])
    weights = base[None, :, :] * taste[:, None, :]
    return weights / weights.sum(axis=2, keepdims=True)


def _walk(rng: np.random.Generator, grammar: Grammar, visits: pl.DataFrame, who: np.ndarray) -> pl.DataFrame:
    moves, leave = _moves(grammar), len(grammar.pages)
    committing = [grammar.code(kind) for kind in grammar.commit]
    commit = np.clip(visits["commit"].to_numpy()[who], 0.02, 5.0)
    persona = visits["persona"].to_numpy()[who]
    entries = [grammar.entries.get(kind, 0.0) for kind in grammar.kinds]
    here, active = choose(rng, entries, len(who)), np.arange(len(who))
    steps = []
    for step in range(_LONGEST_WALK):
        steps.append((who[active], np.full(len(active), step), here))
        weights = moves[persona[active], here]
        weights[:, committing] *= commit[active, None]
        cumulative = np.cumsum(weights, axis=1)
        drawn = rng.random(len(active)) * cumulative[:, -1]
        following = (cumulative <= drawn[:, None]).sum(axis=1)
        stays = following < leave
        active, here = active[stays], following[stays]
        if not len(active):
            break
    visit, number, kind = (np.concatenate(part) for part in zip(*steps, strict=True))
    median = np.array([page.seconds for page in grammar.pages])[kind]
    dwell = np.clip(median * rng.lognormal(0, 0.75, len(kind)), 2.0, 280.0) * 1000
    return _frame(visit, number, kind, dwell)


def _crawl(rng: np.random.Generator, grammar: Grammar, visits: pl.DataFrame, who: np.ndarray) -> pl.DataFrame:
    counts = visits["bot_pages"].to_numpy()[who].astype(int)
    codes = np.array([grammar.code(kind) for kind in _BOT_KINDS])
    kind = codes[rng.integers(0, len(codes), counts.sum())]
    dwell = np.repeat(visits["bot_pace_ms"].to_numpy()[who], counts) * rng.uniform(0.7, 1.3, counts.sum())
    return _frame(np.repeat(who, counts), within_groups(counts), kind, dwell)


def _frame(visit: np.ndarray, step: np.ndarray, kind: np.ndarray, dwell: np.ndarray) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "visit": visit.astype(np.int32),
            "step": step.astype(np.int32),
            "kind": kind.astype(np.int32),
            "dwell_ms": dwell.astype(np.int64),
        }
    )


def _items(
    rng: np.random.Generator, grammar: Grammar, visits: pl.DataFrame, pages: pl.DataFrame
) -> np.ndarray:
    in_mind = visits["item"].to_numpy()[pages["visit"].to_numpy()]
    other = choose(rng, 1 / (1 + np.arange(len(grammar.items))) ** 0.6, pages.height)
    committing = np.isin(pages["kind"].to_numpy(), [grammar.code(kind) for kind in grammar.commit])
    return np.where(committing | (rng.random(pages.height) < 0.65), in_mind, other).astype(np.int32)
