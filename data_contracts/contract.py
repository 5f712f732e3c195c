"""Reads the contracts (ODCS v3.1.0 YAML) into small frozen dataclasses.

Add here: a field of the standard that a reader of contracts needs. Keep out: SQL, file formats, Dagster.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from open_data_contract_standard.model import (
    CustomProperty,
    OpenDataContractStandard,
    SchemaObject,
    SchemaProperty,
)

from data_contracts.currencies import CURRENCIES

FOLDER: Final = Path(__file__).parent
SUFFIX: Final = ".odcs.yaml"

_LOGICAL_TYPES = frozenset({"string", "timestamp", "date", "integer", "number", "boolean", "object", "array"})
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1)}


class ContractError(ValueError):
    """A contract is missing or says something that cannot be carried out; the text is one line for people."""


@dataclass(frozen=True)
class Column:
    """One column: `name` as it arrives, `raw_name` in the warehouse.

    `identifier_kind` says which kind of person's identifier it holds, if any; `is_kept_out` columns are
    checked and then left in landing.
    """

    name: str
    raw_name: str
    description: str
    logical_type: str
    physical_type: str
    required: bool
    unique: bool
    classification: str
    allowed: tuple[str, ...]
    minimum: float | None
    maximum: float | None
    pattern: str | None
    identifier_kind: str | None
    is_url: bool
    is_free_text: bool
    is_kept_out: bool
    is_not_in_future: bool


@dataclass(frozen=True)
class Contract:
    """A data set's columns, owner and limits. `quarantine_limit` is a share of lines from 0 to 1."""

    dataset: str
    description: str
    owner: str
    columns: tuple[Column, ...]
    query_parameters: tuple[str, ...]
    quarantine_limit: float
    freshness: timedelta | None

    @cached_property
    def required(self) -> tuple[Column, ...]:
        """Columns without which a line is quarantined."""
        return tuple(column for column in self.columns if column.required)

    def column(self, name: str) -> Column:
        """The column called `name`. Raises KeyError."""
        return {column.name: column for column in self.columns}[name]


def load_contracts(folder: Path = FOLDER) -> Mapping[str, Contract]:
    """All contracts of a folder by data set. Raises ContractError naming the file."""
    return {file.name.removesuffix(SUFFIX): read_contract(file) for file in sorted(folder.glob(f"*{SUFFIX}"))}


def read_contract(file: Path) -> Contract:
    """The contract in a file. Raises ContractError naming the file and what is wrong."""
    try:
        document = OpenDataContractStandard.from_file(str(file))
    except (ValueError, TypeError) as error:
        raise ContractError(f"{file}: not an ODCS document: {error}") from error
    dataset = file.name.removesuffix(SUFFIX)
    schema = document.schema_ or []
    if len(schema) != 1 or schema[0].name != dataset:
        raise ContractError(f"{file}: needs exactly one schema object, called {dataset}")
    return Contract(
        dataset=dataset,
        description=" ".join((schema[0].description or "").split()),
        owner=_owner(document, file),
        columns=tuple(_column(one, file) for one in schema[0].properties or []),
        query_parameters=tuple(_custom(schema[0].customProperties).get("allowedQueryParameters") or ()),
        quarantine_limit=_quarantine_limit(schema[0], file),
        freshness=_freshness(document, file),
    )


def _column(one: SchemaProperty, file: Path) -> Column:
    if not one.name or one.logicalType not in _LOGICAL_TYPES:
        raise ContractError(
            f"{file}: {one.name}: logicalType {one.logicalType} is none of {sorted(_LOGICAL_TYPES)}"
        )
    custom, options = _custom(one.customProperties), one.logicalTypeOptions or {}
    return Column(
        name=one.name,
        raw_name=one.physicalName or one.name,
        description=" ".join((one.description or "").split()),
        logical_type=one.logicalType,
        physical_type=one.physicalType or "VARCHAR",
        required=bool(one.required),
        unique=bool(one.unique),
        classification=one.classification or "none",
        allowed=_allowed(one, custom),
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        pattern=options.get("pattern"),
        identifier_kind=custom.get("identifierKind"),
        is_url=bool(custom.get("urlMask")),
        is_free_text=bool(custom.get("freeText")),
        is_kept_out=bool(custom.get("keptOut")),
        is_not_in_future=bool(custom.get("notInFuture")),
    )


def _custom(properties: list[CustomProperty] | None) -> dict[str, Any]:
    return {str(one.property): one.value for one in properties or []}


def _allowed(one: SchemaProperty, custom: Mapping[str, Any]) -> tuple[str, ...]:
    return CURRENCIES if custom.get("currencyCode") else tuple(str(value.value) for value in one.enum or [])


def _owner(document: OpenDataContractStandard, file: Path) -> str:
    team = document.team
    if team is None or isinstance(team, list) or not team.name:
        raise ContractError(f"{file}: team.name is missing; it owns the data set")
    return team.name


def _quarantine_limit(schema: SchemaObject, file: Path) -> float:
    for rule in schema.quality or []:
        if (rule.metric, rule.unit) == ("invalidValues", "percent") and rule.mustBeLessOrEqualTo is not None:
            return float(rule.mustBeLessOrEqualTo) / 100
    raise ContractError(f"{file}: quality needs metric invalidValues, unit percent, mustBeLessOrEqualTo")


def _freshness(document: OpenDataContractStandard, file: Path) -> timedelta | None:
    for one in document.slaProperties or []:
        if one.property == "frequency":
            if one.unit not in _UNITS:
                raise ContractError(f"{file}: frequency has unit {one.unit}; known: {', '.join(_UNITS)}")
            return float(str(one.value)) * _UNITS[one.unit]
    return None
