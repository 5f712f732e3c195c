"""JSON Lines: one object a line.

Add here: how a line of JSON becomes columns. Keep out: what the columns may hold.
"""

import json
from collections.abc import Sequence
from typing import Final

import duckdb
import pyarrow as pa

from data_contracts.contract import Contract
from orchestration.defs.raw.content import FileRead
from orchestration.defs.raw.lines import SCHEMA, read_batches
from orchestration.defs.raw.staging import BLANK, IS_BLANK, Source
from orchestration.warehouse import quote_identifier, quote_literal

_SAMPLED_LINES: Final = 2000
_SHAPES: Final = 20


def json_source(
    connection: duckdb.DuckDBPyConnection, contract: Contract, reads: Sequence[FileRead]
) -> Source:
    """JSON Lines of all files.

    Keys are compared exactly, so that one differing in case is unknown. A line with a key twice is refused,
    because readers disagree about which of the two counts.
    """
    kinds = {one.name: "JSON" if one.physical_type == "JSON" else "VARCHAR" for one in contract.columns}
    shape = quote_literal(json.dumps(kinds))
    present = " + ".join(
        f"(fields.{quote_identifier(one.name)} is not null)::int" for one in contract.columns
    )
    known = ", ".join(quote_literal(column.name) for column in contract.columns)
    fields = ", ".join(
        f"fields.{quote_identifier(one.name)}::varchar as {quote_identifier(one.name)}"
        for one in contract.columns
    )
    usual = ", ".join(_usual_shapes(connection, reads, known))
    query = f"""
        with documents as (
            -- Taking the keys finds out whether the line is JSON, for the price of one parse.
            select *, case when problem is null then try(json_keys(line)) end as keys from incoming
        ),
        parsed as (
            select *, keys is null as is_malformed,
                json_transform(case when keys is not null then line end, {shape}) as fields
            from documents
        ),
        compared as (
            select *,
                case when is_odd then list_filter(keys, lambda k: k not in ({known})) end as unknown_keys,
                case when is_odd then len(keys) <> len(list_distinct(keys)) end as is_repeated
            from (
                -- IN would become a join that every line pays for.
                select *, case when len(keys) <> {present}
                    then not list_contains([{usual}]::varchar[][], keys) end as is_odd
                from parsed
            )
        )
        select file_id, line_number, line,
            case when is_malformed or len(keys) = 0 or is_repeated then case
                when problem is not null then problem
                when is_malformed then case when {IS_BLANK}
                    then '{BLANK}' else 'not valid JSON' end
                when coalesce(len(keys), 0) = 0 and not starts_with(ltrim(line), '{{')
                    then 'not a JSON object'
                when is_repeated then 'a key stands twice in the object'
            end end as problem,
            case when len(unknown_keys) > 0 then
                '{{' || array_to_string(list_transform(unknown_keys, lambda k:
                to_json(k)::varchar || ':' || json_extract(line,
                    '/' || replace(replace(k, '~', '~0'), '/', '~1'))::varchar), ',') || '}}' end as unknown,
            {fields}
        from compared
    """
    return Source(pa.RecordBatchReader.from_batches(SCHEMA, read_batches(reads)), query)


def _usual_shapes(connection: duckdb.DuckDBPyConnection, reads: Sequence[FileRead], known: str) -> list[str]:
    """Lists of keys, as SQL, that begin the first file and need no closer look although some value is null.

    Looking for unknown and repeated keys costs as much as the rest of a line, and senders repeat themselves.
    """
    sample = next(read_batches([FileRead(reads[0].file, 0)]), None)
    if sample is None:
        return []
    connection.register("sample", sample.slice(0, _SAMPLED_LINES))
    shapes = connection.execute(
        f"""
        select keys
        from (select json_keys(line) as keys from sample where problem is null and json_valid(line))
        where len(keys) > 0 and len(list_filter(keys, lambda k: k not in ({known}))) = 0
            and len(list_distinct(keys)) = len(keys)
        group by keys order by count(*) desc, keys limit {_SHAPES}
        """
    ).fetchall()
    connection.unregister("sample")
    return ["[" + ", ".join(quote_literal(key) for key in keys) + "]" for (keys,) in shapes]
