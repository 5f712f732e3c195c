"""The last look before publishing: is the new file what the warehouse says it should be.

Add here: a check of the copy or of the whole. Keep out: rules about values; those are dbt tests, which have
passed by now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from orchestration.defs.published.write import Monthly, source, target
from orchestration.warehouse import quote_identifier

_RECONCILED = "loaded + duplicate + quarantined + suppressed + erased + blank"


@dataclass(frozen=True)
class Finding:
    """One audited fact about a dataset: what was found and what had to be found."""

    dataset: str
    check: str
    observed: str
    expected: str

    @property
    def passed(self) -> bool:
        """Whether they are the same."""
        return self.observed == self.expected


def audit(
    connection: duckdb.DuckDBPyConnection, rows: Mapping[str, int], manifest: Mapping[str, Any]
) -> list[Finding]:
    """Compare the attached file with the warehouse: relations, rows, keys, and the loader's sums.

    `rows` are the rows by relation that the copy counted in the new file.
    """
    models = published_models(manifest)
    bases = {relation: one.base_relation for relation, one in monthly_relations(manifest).items()}
    findings = [
        Finding("published", "relations are those of the models", _names(rows), _names(models)),
        *(_row_count(connection, relation, count, bases.get(relation)) for relation, count in rows.items()),
    ]
    for relation, key in models.items():
        if key and relation in rows:
            findings.append(_unique(connection, relation, key))
    return [*findings, _reconciliation(connection)]


def published_models(manifest: Mapping[str, Any]) -> dict[str, list[str]]:
    """Primary key columns by relation of schema `published`; empty where the model names none."""
    return {
        node["alias"]: node.get("primary_key") or []
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "published"
    }


def monthly_relations(manifest: Mapping[str, Any]) -> dict[str, Monthly]:
    """Relations of schema `published` whose model's meta wants them copied month by month."""
    return {
        node["alias"]: Monthly(**node["config"]["meta"]["copied_by_month"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["schema"] == "published"
        and "copied_by_month" in node.get("config", {}).get("meta", {})
    }


def _names(relations: Mapping[str, Any]) -> str:
    return ", ".join(sorted(relations))


def _row_count(connection: duckdb.DuckDBPyConnection, relation: str, count: int, base: str | None) -> Finding:
    counted = base or source(relation)
    expected = connection.execute(f"select count(*) from {counted}").fetchall()[0][0]
    return Finding(relation, "rows equal the warehouse's", str(count), str(expected))


def _unique(connection: duckdb.DuckDBPyConnection, relation: str, key: Sequence[str]) -> Finding:
    columns = ", ".join(quote_identifier(column) for column in key)
    repeated = connection.execute(
        f"select count(*) from (select 1 from {target(relation)} group by {columns} having count(*) > 1)"
    ).fetchall()[0][0]
    return Finding(relation, f"repeated keys ({', '.join(key)})", str(repeated), "0")


def _reconciliation(connection: duckdb.DuckDBPyConnection) -> Finding:
    unequal = connection.execute(
        f"select count(*) from raw.loads where status = 'loaded' and lines != {_RECONCILED}"
    ).fetchall()[0][0]
    return Finding("loads", f"files whose lines are not {_RECONCILED}", str(unequal), "0")
