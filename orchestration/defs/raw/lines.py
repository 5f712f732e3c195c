"""Streams the lines of text files as Arrow batches, with exact line numbers.

Add here: a property of lines that holds for every text format. Keep out: bytes of files; what a line means.
"""

import base64
import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from orchestration.defs.raw.content import FileRead, hashed_chunks

LINE_BYTES: Final = 64 << 20
_HEAD_BYTES: Final = 1000

SCHEMA: Final = pa.schema(
    [
        ("file_id", pa.int32()),
        ("line_number", pa.int64()),
        ("problem", pa.string()),
        ("line", pa.string()),
    ]
)
_NEWLINE: Final = 10
Buffer = bytes | memoryview


def read_batches(reads: Iterable[FileRead]) -> Iterator[pa.RecordBatch]:
    """Batches of SCHEMA over all files in turn; fills each `FileRead` as its file ends.

    A file that cannot be read to its end is marked as refused; its batches so far are the caller's to drop.
    """
    for read in reads:
        with read.guarded():
            yield from _line_batches(read, hashed_chunks(read))


def _line_batches(read: FileRead, chunks: Iterator[bytes]) -> Iterator[pa.RecordBatch]:
    for data in whole_lines(read, chunks):
        if isinstance(data, Oversize):
            yield _batch(read, [data.line_number], [data.problem], [data.head])
        else:
            first = read.lines + 1
            ends = line_ends(data)
            read.lines += len(ends)
            yield _text_batch(read, first, data, ends)


def line_ends(data: Buffer) -> np.ndarray:
    """Positions after each line of a block."""
    return np.flatnonzero(np.frombuffer(data, np.uint8) == _NEWLINE) + 1


@dataclass(frozen=True)
class Oversize:
    """A line longer than LINE_BYTES; `head` is its start in base64."""

    line_number: int
    head: str

    @property
    def problem(self) -> str:
        """The reason for quarantine."""
        return f"size_violation: longer than {LINE_BYTES >> 20} MB; the start is kept as base64"


def whole_lines(read: FileRead, chunks: Iterator[bytes]) -> Iterator[Buffer | Oversize]:
    r"""Blocks of whole lines that end with \n; an oversized line counts itself in `read.lines`.

    A line over two chunks is a block by itself, so that nothing else needs copying.
    """
    rest, skipping = b"", False
    for chunk in chunks:
        end = chunk.rfind(b"\n") + 1
        start = chunk.find(b"\n") + 1 if rest or skipping else 0
        if end:
            if rest:
                yield rest + chunk[:start]
            if end > start:
                yield memoryview(chunk)[start:end]
            rest, skipping = chunk[end:], False
        elif not skipping:
            rest += chunk
        if len(rest) > LINE_BYTES:
            read.lines += 1
            yield Oversize(read.lines, base64.b64encode(rest[:_HEAD_BYTES]).decode())
            rest, skipping = b"", True
    if rest:
        yield rest + b"\n"


def _text_batch(read: FileRead, first: int, data: Buffer, ends: np.ndarray) -> pa.RecordBatch:
    """Lines share the block's memory; only a block with a bad line is taken apart."""
    numbers = np.arange(first, first + len(ends), dtype=np.int64)
    text = np.frombuffer(data, np.uint8)
    if text.min() > 0:
        offsets = np.concatenate(([0], ends)).astype(np.int32)
        lines = pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(data))
        with contextlib.suppress(pa.ArrowInvalid):
            lines.validate(full=True)
            return _batch(read, numbers, pa.nulls(len(ends), pa.string()), lines)
    texts, problems = [], []
    for line in bytes(data)[:-1].split(b"\n"):
        problem = line_problem(line)
        problems.append(problem)
        texts.append(base64.b64encode(line).decode() if problem else line.decode())
    return _batch(read, numbers, problems, texts)


def line_problem(line: bytes) -> str | None:
    """Why the bytes are not text, if they are not."""
    if b"\0" in line:
        return "NUL byte in the line; kept as base64"
    try:
        line.decode()
    except UnicodeDecodeError as error:
        return f"not valid UTF-8 at byte {error.start + 1} of the line; kept as base64"
    return None


def _batch(read: FileRead, numbers: object, problems: object, lines: object) -> pa.RecordBatch:
    columns = [
        pa.array(numbers, pa.int64()),
        problems if isinstance(problems, pa.Array) else pa.array(problems, pa.string()),
        lines if isinstance(lines, pa.Array) else pa.array(lines, pa.string()),
    ]
    file_ids = pa.array(np.full(len(columns[0]), read.file_id, dtype=np.int32))
    return pa.record_batch([file_ids, *columns], schema=SCHEMA)
