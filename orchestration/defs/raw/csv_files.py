"""CSV files: columns by the header's names, one record at a time as far as line numbers and errors go.

A file's `lines` are its records, blank lines included and the header left out; line_number is that of the
record's first physical line, the header being line 1.
Add here: how records become columns. Keep out: the header; where a record ends; what columns may hold.
"""

import base64
from collections.abc import Generator, Iterator, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from data_contracts.contract import Contract
from orchestration.defs.raw.content import FileRead, hashed_chunks
from orchestration.defs.raw.csv_header import Header, read_header
from orchestration.defs.raw.csv_records import Block, Split, split
from orchestration.defs.raw.landing import RefusedError
from orchestration.defs.raw.lines import SCHEMA, Oversize, whole_lines
from orchestration.defs.raw.staging import BLANK, Source
from orchestration.warehouse import quote_identifier

_EXTRA: Final = pa.map_(pa.string(), pa.string())


def csv_source(contract: Contract, reads: Sequence[FileRead]) -> Source:
    """Records of all files; columns that the contract does not know become `unknown`."""
    prefixed = [(f"column {column.name}", pa.string()) for column in contract.columns]
    schema = pa.schema([*((field.name, field.type) for field in SCHEMA), ("extra", _EXTRA), *prefixed])
    columns = ", ".join(
        f"{quote_identifier('column ' + column.name)} as {quote_identifier(column.name)}"
        for column in contract.columns
    )
    query = f"""
        select file_id, line_number, problem, line,
            case when cardinality(extra) > 0 then to_json(extra)::varchar end as unknown, {columns}
        from incoming
    """
    return Source(pa.RecordBatchReader.from_batches(schema, _batches(contract, reads, schema)), query)


def _batches(contract: Contract, reads: Sequence[FileRead], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for read in reads:
        with read.guarded():
            yield from _FileRecords(contract, read, schema).batches()


class _FileRecords:
    """Reads one file; keeps the header and the number of the physical line it has come to."""

    def __init__(self, contract: Contract, read: FileRead, schema: pa.Schema) -> None:
        self._contract, self._read, self._schema = contract, read, schema
        self._header: Header | None = None
        self._line = 1

    def batches(self) -> Iterator[pa.RecordBatch]:
        carried = b""
        physical = FileRead(self._read.file, self._read.file_id)
        for data in whole_lines(physical, hashed_chunks(self._read)):
            if isinstance(data, Oversize):
                yield from self._block(carried, is_last=True)
                carried = b""
                yield self._special([self._line], [data.problem], [data.head])
                self._line += 1
                continue
            text = bytes(data).replace(b"\r\n", b"\n")
            data = carried + (text if self._header else self._after_header(text))
            carried = yield from self._block(data, is_last=False)
        yield from self._block(carried, is_last=True)
        if self._header is None and self._read.bytes:
            raise RefusedError("the file has no header")

    def _after_header(self, data: bytes) -> bytes:
        stripped = data.lstrip(b"\n")
        self._line += len(data) - len(stripped)
        if not stripped:
            return b""
        line, _, rest = stripped.partition(b"\n")
        self._header = read_header(self._contract, line, self._line)
        self._line += 1
        return rest

    def _block(self, data: bytes, is_last: bool) -> Generator[pa.RecordBatch, None, bytes]:
        """Batches of a block; returns the bytes that belong to the next one."""
        if not data or self._header is None:
            return b""
        block, header = Block.of(data), self._header
        found = split(block, len(header.names), header.delimiter, is_last)
        yield from self._records(block, found, header)
        carried = b"" if found.carried is None else data[int(block.starts[found.carried]) :]
        self._line += len(block.ends) if found.carried is None else found.carried
        return carried

    def _records(self, block: Block, found: Split, header: Header) -> Iterator[pa.RecordBatch]:
        blank = np.flatnonzero(found.single & (block.ends - block.starts == 1))
        found.single[blank] = False
        indices = np.flatnonzero(found.single)
        if len(indices):
            yield from self._bulk(block, indices, header)
        if found.several:
            numbers = [self._line + index for index, _ in found.several]
            rows = [[value or None for value in values] for _, values in found.several]
            lines = [_as_line(values, header.delimiter) for _, values in found.several]
            columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
            yield self._batch(numbers, pa.nulls(len(rows), pa.string()), lines, columns, header)
        special = {int(index): BLANK for index in blank} | found.bad
        if special:
            texts = [_shown(block.lines(index, index), problem) for index, problem in special.items()]
            yield self._special([self._line + index for index in special], list(special.values()), texts)

    def _bulk(self, block: Block, indices: np.ndarray, header: Header) -> Iterator[pa.RecordBatch]:
        data, lengths = _joined(block, indices), (block.ends - block.starts)[indices]
        wrong: dict[int, str] = {}

        def note(row: pacsv.InvalidRow) -> str:
            wrong[row.number - 1] = f"{row.actual_columns} columns instead of {row.expected_columns}"
            return "skip"

        table = _parse(data, header, note)
        offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
        lines = pa.StringArray.from_buffers(len(indices), pa.py_buffer(offsets), pa.py_buffer(data))
        numbers = indices + self._line
        right = np.delete(np.arange(len(indices)), list(wrong))
        if len(right):
            texts = lines.take(pa.array(right)) if wrong else lines
            columns = [column.combine_chunks() for column in table.columns]
            yield self._batch(numbers[right], pa.nulls(len(right), pa.string()), texts, columns, header)
        if wrong:
            yield self._special(numbers[list(wrong)], list(wrong.values()), lines.take(pa.array(list(wrong))))

    def _special(self, numbers: Any, problems: Sequence[str], lines: Any) -> pa.RecordBatch:
        return self._batch(numbers, pa.array(problems, pa.string()), lines, None, None)

    def _batch(
        self,
        numbers: Any,
        problems: pa.Array,
        lines: Any,
        columns: list[pa.Array] | None,
        header: Header | None,
    ) -> pa.RecordBatch:
        size = len(problems)
        self._read.lines += size
        by_name = dict(zip(header.names, columns, strict=True)) if header and columns else {}
        empty = pa.nulls(size, pa.string())
        known = [by_name.pop(column.name, empty) for column in self._contract.columns]
        own = [
            pa.array(np.full(size, self._read.file_id, dtype=np.int32)),
            pa.array(numbers, pa.int64()),
            problems,
        ]
        texts = lines if isinstance(lines, pa.Array) else pa.array(lines, pa.string())
        return pa.record_batch([*own, texts, _extra(by_name, size), *known], schema=self._schema)


def _parse(data: bytes, header: Header, note: Any) -> pa.Table:
    return pacsv.read_csv(
        pa.BufferReader(data),
        read_options=pacsv.ReadOptions(
            column_names=header.names, use_threads=False, block_size=len(data) + 1
        ),
        parse_options=pacsv.ParseOptions(
            delimiter=header.delimiter, ignore_empty_lines=False, invalid_row_handler=note
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(header.names, pa.string()),
            strings_can_be_null=True,
            null_values=[""],
        ),
    )


def _joined(block: Block, indices: np.ndarray) -> bytes:
    if len(indices) == len(block.ends):
        return block.data
    starts = block.starts[indices]
    pairs = zip(starts.tolist(), block.ends[indices].tolist(), strict=True)
    return b"".join(block.data[start:end] for start, end in pairs)


def _extra(columns: dict[str, pa.Array], size: int) -> pa.Array:
    """The other columns of each row as a map, nulls left out."""
    if not columns:
        return pa.nulls(size, _EXTRA)
    count = len(columns)
    order = (np.arange(size)[:, None] + size * np.arange(count)[None, :]).ravel()
    items = pa.concat_arrays([column.cast(pa.string()) for column in columns.values()]).take(pa.array(order))
    present = items.is_valid().to_numpy(zero_copy_only=False)
    keys = pa.array(np.tile(np.array(list(columns), dtype=object), size)[present], pa.string())
    offsets = np.concatenate(([0], np.cumsum(present.reshape(size, count).sum(axis=1)))).astype(np.int32)
    return pa.MapArray.from_arrays(pa.array(offsets), keys, items.filter(pa.array(present)))


def _as_line(values: Sequence[str], delimiter: str) -> str:
    return delimiter.join('"' + value.replace('"', '""') + '"' for value in values) + "\n"


def _shown(line: bytes, problem: str) -> str:
    return base64.b64encode(line[:-1]).decode() if "base64" in problem else line.decode("utf-8", "replace")
