"""Random draws of whole columns, each from a stream of its own, so that a change in one place leaves the
others alone.

Add here: another kind of draw used by several modules. Keep out: what is drawn.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pyarrow as pa


def stream(seed: int, *place: int) -> np.random.Generator:
    """The generator of one place (module, block) of a sample."""
    return np.random.default_rng([seed, *place])


def choose(rng: np.random.Generator, weights: Sequence[float] | np.ndarray, size: int) -> np.ndarray:
    """Positions in `weights`, each as likely as its weight."""
    cumulative = np.cumsum(np.asarray(weights, dtype=float))
    return np.searchsorted(cumulative / cumulative[-1], rng.random(size), side="right").astype(np.int32)


def hex_ids(rng: np.random.Generator, size: int, digits: int = 32) -> pl.Series:
    """Random hexadecimal texts of `digits` (even) characters."""
    text = np.frombuffer(rng.bytes(size * digits // 2).hex().encode(), dtype=np.uint8)
    offsets = np.arange(size + 1, dtype=np.int64) * digits
    array = pa.LargeStringArray.from_buffers(size, pa.py_buffer(offsets), pa.py_buffer(text))
    return pl.Series(array)


def within_groups(counts: np.ndarray) -> np.ndarray:
    """0, 1, 2, ... restarting for each group: the position of each row where group i has counts[i] rows."""
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)
