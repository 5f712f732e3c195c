"""Turns what a reader yields into a typed, checked temporary table `staged`, by contract.

`staged` has file_id, line_number, the contract's columns typed (identifiers still as text), `unknown` (JSON
object of keys that the contract does not know), body_hash, and for lines that are or may be bad: reason,
column_name, line, is_base64. A blank line has the reason `blank`.
Add here: a rule that any contract can state. Keep out: rules of one data set.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import duckdb

from data_contracts.contract import Column, Contract
from orchestration.defs.raw.schema import EVENTS
from orchestration.warehouse import quote_identifier, quote_literal

BLANK: Final = "blank"
FUTURE: Final = "future-dated: more than 10 minutes later than it was received"
TOLERANCE: Final = "interval 10 minutes"


@dataclass(frozen=True)
class _Rule:
    """A condition under which a line is bad, and what is said then."""

    column: str
    condition: str
    reason: str


def stage(
    connection: duckdb.DuckDBPyConnection, contract: Contract, source: str, loaded_since: datetime
) -> None:
    """Create `staged` from `source`, a SELECT of file_id, line_number, problem, line, unknown and text columns.

    `loaded_since` is the earliest time at which any file of the data set may first have been loaded, naive
    UTC: rows dated later keep their line, because they may turn out to be future-dated.
    """
    rules = [rule for column in contract.columns for rule in _rules(column)]
    is_bad = " or ".join(f"coalesce({rule.condition}, false)" for rule in rules) or "false"
    reasons = ", ".join(f"case when {rule.condition} then {quote_literal(rule.reason)} end" for rule in rules)
    columns = ", ".join(f"case when {rule.condition} then {quote_literal(rule.column)} end" for rule in rules)
    typed = ", ".join(
        f"{_typed(column)} as {_typed_name(column)}" for column in contract.columns if _is_typed(column)
    )
    texts = ", ".join(_text(column) for column in contract.columns)
    names = ", ".join(quote_identifier(column.name) for column in contract.columns)
    kept = ", ".join(
        f"{_typed_name(column)} as {quote_identifier(column.name)}"
        if _is_typed(column)
        else quote_identifier(column.name)
        for column in contract.columns
    )
    connection.execute(
        f"""
        create or replace temp table staged as
        with texts as (select file_id, line_number, problem, line, unknown, {texts} from ({source})),
        typed as (select *{", " + typed if typed else ""} from texts),
        judged as (
            select *, problem is not null or {is_bad} as is_bad, {_may_be_future(contract)} as is_suspect
            from typed
        )
        select
            file_id, line_number, {kept}, unknown, {_body_hash(contract, names)} as body_hash,
            case when is_bad then coalesce(problem, concat_ws('; ', {reasons})) end as reason,
            case when is_bad and problem is null then concat_ws(', ', {columns}) end as column_name,
            case when is_bad or is_suspect then line end as line,
            coalesce(contains(problem, 'base64'), false) as is_base64
        from judged
        """,
        {"loaded_since": loaded_since} if _future_columns(contract) else None,
    )


def reject_future(connection: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Mark rows of `staged` that are dated later than they were received; needs `files` with loaded_at.

    An event's time counts after the correction by its client's skew.
    """
    for column in _future_columns(contract):
        name = quote_identifier(column.name)
        moment, limit = name, "files.loaded_at"
        if contract.dataset == EVENTS and column.name == "event_ts":
            moment, limit = CORRECTED_EVENT_TS, "coalesce(received_ts, files.loaded_at)"
        connection.execute(
            f"""
            update staged set reason = {quote_literal(FUTURE)}, column_name = {quote_literal(column.name)}
            from files
            where staged.file_id = files.file_id and reason is null and line is not null
                and {moment} > {limit} + {TOLERANCE}
            """
        )


CORRECTED_EVENT_TS: Final = "event_ts + coalesce(received_ts - sent_ts, interval 0 seconds)"


def json_source(contract: Contract, lines: str) -> str:
    """SELECT over JSON Lines in the relation `lines` (columns of lines.SCHEMA).

    Keys are compared exactly, so that one differing in case is unknown. A line with a key twice is refused,
    because readers disagree about which of the two counts.
    """
    shape = ", ".join(
        f'{_json_name(column.name)}: "{"JSON" if column.physical_type == "JSON" else "VARCHAR"}"'
        for column in contract.columns
    )
    present = " + ".join(
        f"(fields.{quote_identifier(one.name)} is not null)::int" for one in contract.columns
    )
    known = ", ".join(quote_literal(column.name) for column in contract.columns)
    fields = ", ".join(
        f"fields.{quote_identifier(one.name)}::varchar as {quote_identifier(one.name)}"
        for one in contract.columns
    )
    return f"""
        with documents as (
            select *, case when problem is null and json_valid(line) then line end as document from {lines}
        ),
        parsed as (
            select * exclude (document), document is null as is_malformed,
                json_keys(document) as keys, json_transform(document, {quote_literal("{" + shape + "}")}) as fields
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
                when is_malformed then case when trim(line, chr(32) || chr(9) || chr(10) || chr(13)) = ''
                    then '{BLANK}' else 'not valid JSON' end
                when coalesce(len(keys), 0) = 0 and not starts_with(ltrim(line), '{{') then 'not a JSON object'
                when is_repeated then 'a key stands twice in the object'
            end as problem,
            case when len(unknown_keys) > 0 then '{{' || array_to_string(list_transform(unknown_keys, lambda k:
                to_json(k)::varchar || ':' || json_extract(line,
                    '/' || replace(replace(k, '~', '~0'), '/', '~1'))::varchar), ',') || '}}' end as unknown,
            {fields}
        from compared
    """


def _json_name(name: str) -> str:
    return '"' + name + '"'


def _text(column: Column) -> str:
    name = quote_identifier(column.name)
    if column.identifier_kind:
        return f"nullif(trim({name}), '') as {name}"
    return f"nullif({name}, '') as {name}"


def _is_typed(column: Column) -> bool:
    return column.physical_type not in ("VARCHAR", "JSON")


def _typed_name(column: Column) -> str:
    return quote_identifier("typed " + column.name)


def _typed(column: Column) -> str:
    name = quote_identifier(column.name)
    if column.logical_type == "timestamp":
        # A plain cast to timestamp drops the offset without a word.
        return (
            f"case when ends_with({name}, 'Z') then try_cast({name} as timestamp)"
            f" else make_timestamp(epoch_us(try_cast({name} as timestamptz))) end"
        )
    if column.logical_type == "integer":
        # A cast to bigint rounds.
        return (
            f"case when contains({name}, '.') and try_cast({name} as double) % 1 <> 0 then null"
            f" else try_cast({name} as {column.physical_type}) end"
        )
    return f"try_cast({name} as {column.physical_type})"


def _rules(column: Column) -> Sequence[_Rule]:
    name = quote_identifier(column.name)
    typed = _typed_name(column) if _is_typed(column) else name
    rules = []

    def rule(condition: str, reason: str) -> None:
        rules.append(_Rule(column.name, f"({condition})", f"{column.name} {reason}"))

    if column.required:
        rule(f"{name} is null", "is missing")
    if _is_typed(column):
        rule(f"{name} is not null and {typed} is null", f"is not a valid {column.logical_type}")
    if column.logical_type in ("timestamp", "date"):
        rule(f"{typed} < date '1990-01-01' or {typed} >= date '2200-01-01'", "is not between 1990 and 2199")
    if column.logical_type == "object":
        rule(f"{name} is not null and not starts_with({name}, '{{')", "is not a JSON object")
    if column.allowed:
        allowed = ", ".join(quote_literal(value) for value in column.allowed)
        rule(f"{name} not in ({allowed})", f"is none of {', '.join(column.allowed)}")
    if column.minimum is not None:
        rule(f"{typed} < {column.minimum}", f"is below {column.minimum:g}")
    if column.pattern:
        rule(
            f"not regexp_full_match({name}, {quote_literal(column.pattern)})",
            f"does not match {column.pattern}",
        )
    return rules


def _future_columns(contract: Contract) -> list[Column]:
    return [column for column in contract.columns if column.is_not_in_future]


def _may_be_future(contract: Contract) -> str:
    typed = [_typed_name(column) for column in _future_columns(contract)]
    if contract.dataset == EVENTS:
        corrected = CORRECTED_EVENT_TS
        for name in ("event_ts", "received_ts", "sent_ts"):
            corrected = corrected.replace(name, quote_identifier("typed " + name))
        typed.append(corrected)
        early = f'{corrected} > "typed received_ts" + {TOLERANCE}'
    else:
        early = "false"
    later = [f"{one} > $loaded_since + {TOLERANCE}" for one in typed]
    return f"coalesce({' or '.join([early, *later])}, false)"


def _body_hash(contract: Contract, names: str) -> str:
    """For events a flag hangs on it, for other data sets whether a row is a repetition: hence the wider hash."""
    if contract.dataset == EVENTS:
        return f"hash({names}, unknown)"
    return f"md5_number(to_json([{names}, unknown])::varchar)"
