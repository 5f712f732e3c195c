"""JSON Lines: one object a line.

Add here: how a line of JSON becomes columns. Keep out: what the columns may hold.
"""

import json
from collections.abc import Sequence

import pyarrow as pa

from data_contracts.contract import Contract
from orchestration.defs.raw.lines import SCHEMA, FileRead, read_batches
from orchestration.defs.raw.staging import BLANK, IS_BLANK, Source
from orchestration.warehouse import quote_identifier, quote_literal


def json_source(contract: Contract, reads: Sequence[FileRead]) -> Source:
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
    query = f"""
        with documents as (
            select *, case when problem is null and json_valid(line) then line end as document from incoming
        ),
        parsed as (
            select * exclude (document), document is null as is_malformed,
                json_keys(document) as keys, json_transform(document, {shape}) as fields
            from documents
        ),
        compared as (
            select *, case when len(keys) <> {present}
                then list_filter(keys, lambda k: k not in ({known})) end as unknown_keys,
                case when len(keys) <> {present} then len(keys) <> len(list_distinct(keys)) end as is_repeated
            from parsed
        )
        select file_id, line_number, line,
            case
                when problem is not null then problem
                when is_malformed then case when {IS_BLANK}
                    then '{BLANK}' else 'not valid JSON' end
                when coalesce(len(keys), 0) = 0 and not starts_with(ltrim(line), '{{')
                    then 'not a JSON object'
                when is_repeated then 'a key stands twice in the object'
            end as problem,
            case when len(unknown_keys) > 0 then
                '{{' || array_to_string(list_transform(unknown_keys, lambda k:
                to_json(k)::varchar || ':' || json_extract(line,
                    '/' || replace(replace(k, '~', '~0'), '/', '~1'))::varchar), ',') || '}}' end as unknown,
            {fields}
        from compared
    """
    return Source(pa.RecordBatchReader.from_batches(SCHEMA, read_batches(reads)), query)
