"""Splits a block of physical CSV lines into records, so that one stray quote cannot swallow what follows.

Add here: how records and lines belong together. Keep out: columns and types.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from orchestration.defs.raw.lines import line_problem

SPAN_BYTES: Final = 1 << 20
UNCLOSED: Final = "a quote is opened and not closed"
_QUOTE, _NEWLINE = 34, 10


@dataclass
class Split:
    """Lines of a block by index: `single` hold a record each, `several` are records over more than one line.

    `bad` has the reason by index. Lines from `carried` on belong to a record that may end in the next block.
    """

    single: np.ndarray
    several: list[tuple[int, list[str]]] = field(default_factory=list)
    bad: dict[int, str] = field(default_factory=dict)
    carried: int | None = None


@dataclass(frozen=True)
class Block:
    r"""Whole lines, each ended by \n; `ends` are the positions after each."""

    data: bytes
    ends: np.ndarray

    @classmethod
    def of(cls, data: bytes) -> "Block":
        """From bytes that end with a line end."""
        return cls(data, np.flatnonzero(np.frombuffer(data, np.uint8) == _NEWLINE) + 1)

    @property
    def starts(self) -> np.ndarray:
        """Position of each line's first byte."""
        return np.concatenate(([0], self.ends[:-1]))

    def lines(self, first: int, last: int) -> bytes:
        """Lines from `first` to `last`, both included."""
        return self.data[0 if first == 0 else int(self.ends[first - 1]) : int(self.ends[last])]


def split(block: Block, columns: int, delimiter: str, is_last: bool) -> Split:
    """Which lines are records by themselves, which belong together, and which are bad."""
    found = Split(np.ones(len(block.ends), dtype=bool))
    if b"\0" in block.data or not _is_text(block.data):
        _set_aside_bytes(block, found)
    if b'"' in block.data:
        _join_quoted(block, columns, delimiter, is_last, found)
    found.single[list(found.bad)] = False
    return found


def _is_text(data: bytes) -> bool:
    return line_problem(data) is None


def _set_aside_bytes(block: Block, found: Split) -> None:
    for number, line in enumerate(block.data[:-1].split(b"\n")):
        problem = line_problem(line)
        if problem:
            found.bad[number] = problem


def _join_quoted(block: Block, columns: int, delimiter: str, is_last: bool, found: Split) -> None:
    """A line with an odd number of quotes opens or closes; a pair counts where it makes one whole record."""
    quotes = np.frombuffer(block.data, np.uint8) == _QUOTE
    odd_lines = np.flatnonzero(np.add.reduceat(quotes, block.starts, dtype=np.int64) % 2)
    odd = [int(one) for one in odd_lines if one not in found.bad]
    position = 0
    while position < len(odd):
        opener = odd[position]
        position += 1
        if _record(block.lines(opener, opener), delimiter, columns):
            continue
        if position == len(odd):
            if not is_last and len(block.data) - int(block.starts[opener]) <= SPAN_BYTES:
                found.carried = opener
                found.single[opener:] = False
            else:
                found.bad[opener] = UNCLOSED
            return
        closer = odd[position]
        joined = block.lines(opener, closer)
        values = _record(joined, delimiter, columns) if len(joined) <= SPAN_BYTES else None
        if values is None:
            found.bad[opener] = UNCLOSED
            continue
        found.several.append((opener, values))
        found.single[opener : closer + 1] = False
        position += 1


def _record(data: bytes, delimiter: str, columns: int) -> list[str] | None:
    """The values, where the bytes are exactly one record with the right number of columns."""
    try:
        rows = list(csv.reader(_pieces(data), delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 and len(rows[0]) == columns else None


def _pieces(data: bytes) -> Iterator[str]:
    yield from data.decode("utf-8", "replace").splitlines(keepends=True)
