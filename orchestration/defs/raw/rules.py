"""What the contract of a column demands, as SQL over its text and its typed value.

Add here: a rule that any contract can state. Keep out: rules of one data set.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from data_contracts.contract import Column
from orchestration.warehouse import quote_identifier, quote_literal

_SHOWN_VALUES: Final = 10
_BRACKETS: Final = {"object": "{", "array": "["}


@dataclass(frozen=True)
class Rule:
    """A condition under which a line is bad, and what is said then."""

    column: str
    condition: str
    reason: str


def is_typed(column: Column) -> bool:
    """Whether a column is anything but text."""
    return column.physical_type not in ("VARCHAR", "JSON")


def typed_name(column: Column) -> str:
    """SQL name of the column's typed value beside its text."""
    return quote_identifier("typed " + column.name)


def typed_value(column: Column) -> str:
    """SQL for the typed value of the column's text; null where the text is none."""
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


def column_rules(column: Column) -> list[Rule]:
    """Rules of type and range, then those that the contract states."""
    return [
        Rule(column.name, f"({condition})", f"{column.name} {reason}")
        for condition, reason in [*_type_rules(column), *_value_rules(column)]
    ]


def _type_rules(column: Column) -> Iterator[tuple[str, str]]:
    name, typed = quote_identifier(column.name), _checked_name(column)
    if column.required:
        yield f"{name} is null", "is missing"
    if is_typed(column):
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
    return typed_name(column) if is_typed(column) else quote_identifier(column.name)
