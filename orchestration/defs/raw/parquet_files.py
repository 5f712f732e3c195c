"""Parquet files: rows by number, columns by name.

Add here: how a Parquet type becomes text. Keep out: what the columns may hold.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.contract import Column, Contract
from orchestration.defs.raw.content import CHUNK_BYTES, FileRead
from orchestration.defs.raw.landing import RefusedError
from orchestration.defs.raw.rules import is_typed
from orchestration.defs.raw.staging import Source
from orchestration.warehouse import quote_identifier, quote_literal

_ROWS: Final = 65_536
# Arrow's names of types whose every value fits the contract's type.
_SAME: Final[Mapping[str, tuple[str, ...]]] = {
    "TIMESTAMP": ("timestamp[us]", "timestamp[ns]"),
    "BIGINT": ("int64", "int32", "int16", "uint32"),
    "DOUBLE": ("double", "float"),
    "BOOLEAN": ("bool",),
    "DATE": ("date32[day]",),
    "DECIMAL(18,4)": ("decimal128(18, 4)",),
}
_OWN: Final = (("file_id", pa.int32()), ("line_number", pa.int64()))


def parquet_sources(contract: Contract, reads: Sequence[FileRead]) -> Iterator[Source]:
    """One source per file, because each has its own columns. A damaged file is marked as refused.

    The verbatim line of a bad row is its known columns as JSON: a row of Parquet has no text of its own.
    """
    for read in reads:
        schema = _readable(contract, read)
        if schema is not None:
            typed = frozenset(column.name for column in contract.columns if _is_of_type(column, schema))
            query = _query(contract, schema, typed)
            yield Source(_reader(read, schema), query, _line(contract), _searched(contract), typed)


def _readable(contract: Contract, read: FileRead) -> pa.Schema | None:
    """Hash the bytes and open the footer; None where the file is refused or changed."""
    with read.guarded():
        with read.file.open() as file:
            while chunk := file.read(CHUNK_BYTES):
                read.digest.update(chunk)
                read.bytes += len(chunk)
            read.file.raise_if_changed(file)
            schema = pq.ParquetFile(file).schema_arrow
        missing = [column.name for column in contract.required if column.name not in schema.names]
        if missing:
            raise RefusedError(f"the column {missing[0]} is missing: rename it or change the contract")
        if len(set(schema.names)) < len(schema.names):
            raise RefusedError("a column stands twice in the file")
        return schema
    return None


def _reader(read: FileRead, schema: pa.Schema) -> pa.RecordBatchReader:
    fields = [pa.field(name, kind) for name, kind in _OWN]
    # The file's own names go behind a prefix, so that one called file_id is data like any other.
    fields += [field.with_name("column " + field.name) for field in schema]
    return pa.RecordBatchReader.from_batches(pa.schema(fields), _batches(read, pa.schema(fields)))


def _batches(read: FileRead, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    with read.guarded(), read.file.open() as file:
        parquet = pq.ParquetFile(file, page_checksum_verification=True)
        for batch in parquet.iter_batches(_ROWS):
            numbers = np.arange(read.lines + 1, read.lines + 1 + batch.num_rows, dtype=np.int64)
            read.lines += batch.num_rows
            file_ids = np.full(batch.num_rows, read.file_id, dtype=np.int32)
            yield pa.record_batch([pa.array(file_ids), pa.array(numbers), *batch.columns], schema=schema)
        read.file.raise_if_changed(file)


def _query(contract: Contract, schema: pa.Schema, typed: frozenset[str]) -> str:
    known = {column.name for column in contract.columns}
    columns = ", ".join(
        f"{_as_type(column) if column.name in typed else _as_text(column.name, schema)}"
        f" as {quote_identifier(column.name)}"
        for column in contract.columns
    )
    extra = [field.name for field in schema if field.name not in known]
    pairs = ", ".join(f"{quote_literal(name)}, {quote_identifier('column ' + name)}" for name in extra)
    unknown = f"json_merge_patch('{{}}', json_object({pairs}))::varchar" if extra else "null"
    return f"""
        select file_id, line_number, null::varchar as problem, null::varchar as line,
            nullif({unknown}, '{{}}')::varchar as unknown, {columns}
        from incoming
    """


def _is_of_type(column: Column, schema: pa.Schema) -> bool:
    """Whether every value in the file is one of the contract's type, so that a cast cannot fail."""
    return column.name in schema.names and str(schema.field(column.name).type) in _SAME.get(
        column.physical_type, ()
    )


def _as_type(column: Column) -> str:
    return f"{quote_identifier('column ' + column.name)}::{column.physical_type}"


def _as_text(name: str, schema: pa.Schema) -> str:
    if name not in schema.names:
        return "null::varchar"
    column = quote_identifier("column " + name)
    if pa.types.is_nested(schema.field(name).type):
        return f"to_json({column})::varchar"
    return f"{column}::varchar"


def _line(contract: Contract) -> str:
    pairs = ", ".join(
        f"{quote_literal(column.name)}, {quote_identifier(column.name)}" for column in contract.columns
    )
    return f"json_object({pairs})::varchar"


def _searched(contract: Contract) -> str:
    texts = [column for column in contract.columns if not is_typed(column) and not column.identifier_kind]
    return f"concat_ws(' ', {', '.join(quote_identifier(column.name) for column in texts)}, unknown)"
