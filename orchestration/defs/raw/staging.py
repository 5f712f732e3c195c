"""Turns what a reader yields into a typed, checked temporary table `staged`, by contract.

`staged` has file_id, line_number, the contract's columns typed (identifiers still as text), `unknown` (JSON
object of keys that the contract does not know), body_hash, and for lines that are or may be bad: reason,
column_name, line, is_base64. A blank line has the reason `blank`. `may_be_personal` is false where no text of
the line can hold an e-mail address or an international telephone number.
Add here: a rule that any contract can state. Keep out: rules of one data set.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import duckdb
import pyarrow as pa

from data_contracts.contract import Column, Contract
from orchestration.defs.raw.schema import EVENTS
from orchestration.warehouse import quote_identifier, quote_literal

BLANK: Final = "blank"
IS_BLANK: Final = "trim(line, chr(32) || chr(9) || chr(10) || chr(13)) = ''"
FUTURE: Final = "future-dated: more than 10 minutes later than it was received"
_SHOWN_VALUES: Final = 10
_BRACKETS: Final = {"object": "{", "array": "["}
# One look at the line instead of one at each text: without these characters nothing in it can be masked.
_MAY_BE_PERSONAL: Final = r"""
    line is null or contains(line, '@') or contains(line, '+') or contains(line, '%4') or contains(line, '%2')
    or contains(line, '\u00')
"""
TOLERANCE: Final = "interval 10 minutes"


@dataclass(frozen=True)
class _Rule:
    """A condition under which a line is bad, and what is said then."""

    column: str
    condition: str
    reason: str


@dataclass(frozen=True)
class Source:
    """What a reader of a format offers.

    `batches` are read once, under the name `incoming`; `query` selects from that name file_id, line_number,
    problem, line, unknown and the contract's columns as text. `line` is SQL for the verbatim line over that.
    """

    batches: pa.RecordBatchReader
    query: str
    line: str = "line"


def stage(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    sources: Iterable[Source],
    loaded_since: datetime,
    salt: str,
) -> None:
    """Create `staged` from all sources.

    `loaded_since` is the earliest time at which any file of the data set may first have been loaded, naive
    UTC: rows dated later keep their line, because they may turn out to be future-dated. `salt` is a secret
    that keeps body_hash from being tried out.
    """
    verb = "create or replace temp table staged as"
    for source in sources:
        connection.register("incoming", source.batches)
        try:
            parameters = {"loaded_since": loaded_since} if _future_columns(contract) else {}
            connection.execute(f"{verb} {_staged(contract, source)}", {**parameters, "salt": salt})
        finally:
            connection.unregister("incoming")
        verb = "insert into staged by name"


def _staged(contract: Contract, source: Source) -> str:
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
    return f"""
        with texts as (select file_id, line_number, problem, line, unknown, {texts} from ({source.query})),
        typed as (select *{", " + typed if typed else ""} from texts),
        judged as (
            select *, problem is not null or {is_bad} as is_bad, {_may_be_future(contract)} as is_suspect
            from typed
        )
        select
            file_id, line_number, {kept}, unknown, {_body_hash(contract, names)} as body_hash,
            case when is_bad then coalesce(problem, concat_ws('; ', {reasons})) end as reason,
            case when is_bad and problem is null then concat_ws(', ', {columns}) end as column_name,
            case when is_bad or is_suspect then {source.line} end as line,
            coalesce(contains(problem, 'base64'), false) as is_base64, {_MAY_BE_PERSONAL} as may_be_personal
        from judged
    """


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


def _rules(column: Column) -> list[_Rule]:
    """Rules of type and range, then those that the contract states."""
    return [
        _Rule(column.name, f"({condition})", f"{column.name} {reason}")
        for condition, reason in [*_type_rules(column), *_value_rules(column)]
    ]


def _type_rules(column: Column) -> Iterator[tuple[str, str]]:
    name, typed = quote_identifier(column.name), _checked_name(column)
    if column.required:
        yield f"{name} is null", "is missing"
    if _is_typed(column):
        yield f"{name} is not null and {typed} is null", f"is not a valid {column.logical_type}"
    if column.logical_type in ("timestamp", "date"):
        yield f"{typed} < date '1990-01-01' or {typed} >= date '2200-01-01'", "is not between 1990 and 2199"
    if column.logical_type in _BRACKETS:
        bracket = _BRACKETS[column.logical_type]
        yield (
            f"not starts_with({name}, '{bracket}') or not json_valid({name})",
            f"is not a JSON {column.logical_type}",
        )
    if column.physical_type == "DOUBLE":
        yield f"not isfinite({typed})", "is not a finite number"


def _value_rules(column: Column) -> Iterator[tuple[str, str]]:
    name, typed = quote_identifier(column.name), _checked_name(column)
    if column.allowed:
        allowed = ", ".join(quote_literal(value) for value in column.allowed)
        few = len(column.allowed) <= _SHOWN_VALUES
        yield (
            # IN would become a join that every line pays for, once for each mention.
            f"not list_contains([{allowed}], {name})",
            f"is none of {', '.join(column.allowed)}" if few else "is no known code",
        )
    if column.minimum is not None:
        yield f"{typed} < {column.minimum}", f"is below {column.minimum:g}"
    if column.maximum is not None:
        yield f"{typed} > {column.maximum}", f"is above {column.maximum:g}"
    if column.pattern:
        pattern = quote_literal(column.pattern)
        yield f"not regexp_full_match({name}, {pattern})", f"does not match {column.pattern}"


def _checked_name(column: Column) -> str:
    return _typed_name(column) if _is_typed(column) else quote_identifier(column.name)


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
    """For events a flag hangs on it; for other data sets the loss of a row: hence the wider hash."""
    if contract.dataset == EVENTS:
        return f"hash({names}, unknown, $salt)"
    texts = ", ".join(f"{quote_identifier(column.name)}" for column in contract.columns)
    return f"md5_number(to_json([{texts}, unknown, $salt])::varchar)"
