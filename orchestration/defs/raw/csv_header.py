"""The header of a CSV file: names of the columns and the delimiter.

Add here: how a CSV dialect is recognised. Keep out: records.
"""

import csv
from dataclasses import dataclass
from typing import Final

from data_contracts.contract import Contract
from orchestration.defs.raw.landing import RefusedError

_DELIMITERS: Final = ",;\t"


@dataclass(frozen=True)
class Header:
    """Names in order, and what stands between them."""

    names: list[str]
    delimiter: str


def read_header(contract: Contract, line: bytes, number: int) -> Header:
    """The header in a line. Raises RefusedError where a required column is missing or one stands twice.

    Its names are never shown: where the header is missing, they are somebody's data.
    """
    text = line.decode("utf-8", "replace")
    known = {column.name for column in contract.columns}
    delimiter = max(_DELIMITERS, key=lambda one: len(known & set(_names(text, one))))
    names = _names(text, delimiter)
    for column in contract.required:
        if column.name not in names:
            raise RefusedError(f"line {number}: the header has no column {column.name}: rename it or add it")
    if len(set(names)) < len(names):
        twice = sorted(name for name in known if names.count(name) > 1)
        raise RefusedError(f"line {number}: a column stands twice in the header {', '.join(twice)}".rstrip())
    return Header(names, delimiter)


def _names(text: str, delimiter: str) -> list[str]:
    return [name.strip() for name in next(csv.reader([text], delimiter=delimiter), [])]
