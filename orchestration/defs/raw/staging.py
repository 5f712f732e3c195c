"""Turns what a reader yields into a typed, checked temporary table `staged`, by contract.

`staged` has file_id, line_number, the contract's columns typed (identifiers still as text), `unknown` (JSON
object of keys that the contract does not know), body_hash, and for lines that are or may be bad: reason,
column_name, line, is_base64. A blank line has the reason `blank`. `may_be_personal` is false where no text of
the line can hold an e-mail address or an international telephone number.
Add here: a column of `staged` that every data set needs. Keep out: what a contract demands of a column.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import duckdb
import pyarrow as pa

from data_contracts.contract import Column, Contract
from orchestration.defs.raw.rules import column_rules, is_typed, typed_name, typed_value
from orchestration.defs.raw.schema import EVENTS
from orchestration.warehouse import quote_identifier, quote_literal

BLANK: Final = "blank"
IS_BLANK: Final = "trim(line, chr(32) || chr(9) || chr(10) || chr(13)) = ''"
FUTURE: Final = "future-dated: more than 10 minutes later than it was received"
# One look at the line instead of one at each text: without these nothing in it can be masked.
_SIGNS: Final = ("@", "+", "%4", "%2", r"\u00")
TOLERANCE: Final = "interval 10 minutes"


@dataclass(frozen=True)
class Source:
    """What a reader of a format offers.

    `batches` are read once, under the name `incoming`; `query` selects from that name file_id, line_number,
    problem, line, unknown and the contract's columns as text, but for those in `typed`, which come in their
    contract's type. Over that, `line` is SQL for the verbatim line, `searched` for a text with all that can
    be personal in it.
    """

    batches: pa.RecordBatchReader
    query: str
    line: str = "line"
    searched: str = "line"
    typed: frozenset[str] = frozenset()


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
    rules = [rule for column in contract.columns for rule in column_rules(column)]
    is_bad = " or ".join(f"coalesce({rule.condition}, false)" for rule in rules) or "false"
    reasons = ", ".join(f"case when {rule.condition} then {quote_literal(rule.reason)} end" for rule in rules)
    columns = ", ".join(f"case when {rule.condition} then {quote_literal(rule.column)} end" for rule in rules)
    typed = ", ".join(
        f"{_value(column, source)} as {typed_name(column)}" for column in contract.columns if is_typed(column)
    )
    texts = ", ".join(_text(column, source) for column in contract.columns)
    names = ", ".join(quote_identifier(column.name) for column in contract.columns)
    kept = ", ".join(
        f"{typed_name(column)} as {quote_identifier(column.name)}"
        if is_typed(column)
        else quote_identifier(column.name)
        for column in contract.columns
    )
    return f"""
        with texts as (
            select file_id, line_number, problem, line, unknown, {source.searched} as searched, {texts}
            from ({source.query})
        ),
        typed as (select *{", " + typed if typed else ""} from texts),
        judged as (
            select *, problem is not null or {is_bad} as is_bad, {_may_be_future(contract)} as is_suspect,
                {" or ".join(f"contains(searched, '{sign}')" for sign in _SIGNS)} as may_be_personal
            from typed
        )
        select
            file_id, line_number, {kept}, unknown, {_body_hash(contract, names)} as body_hash,
            case when is_bad then coalesce(problem, concat_ws('; ', {reasons})) end as reason,
            case when is_bad and problem is null then concat_ws(', ', {columns}) end as column_name,
            case when is_bad or is_suspect then {source.line} end as line,
            coalesce(contains(problem, 'base64'), false) as is_base64, may_be_personal
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


def _value(column: Column, source: Source) -> str:
    return quote_identifier(column.name) if column.name in source.typed else typed_value(column)


def _text(column: Column, source: Source) -> str:
    name = quote_identifier(column.name)
    if column.name in source.typed:
        return name
    if column.identifier_kind:
        return f"nullif(trim({name}), '') as {name}"
    return f"nullif({name}, '') as {name}"


def _future_columns(contract: Contract) -> list[Column]:
    return [column for column in contract.columns if column.is_not_in_future]


def _may_be_future(contract: Contract) -> str:
    typed = [typed_name(column) for column in _future_columns(contract)]
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
    texts = ", ".join(f"{quote_identifier(column.name)}::varchar" for column in contract.columns)
    return f"md5_number(to_json([{texts}, unknown, $salt])::varchar)"
