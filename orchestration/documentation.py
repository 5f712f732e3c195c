"""Writes the documents that would go stale by hand: outputs from the models, inputs from the contracts.

Add here: a document whose every word stands already in YAML. Keep out: explanations; docs/ has those.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from data_contracts.contract import Contract, load_contracts
from orchestration.dbt import load_manifest
from orchestration.settings import DBT_PROJECT, Settings

_NOTE = "<!-- Written by `make docs` from {source}. Change it there. -->"


def documents(settings: Settings) -> dict[str, str]:
    """File name under docs/ and text, in Markdown, of every generated document."""
    return {
        "definitions.md": definitions(load_manifest(settings)),
        "inputs.md": inputs(load_contracts()),
    }


def write_documents(settings: Settings, folder: Path) -> list[Path]:
    """Write them; returns the files."""
    texts = documents(settings)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


def definitions(manifest: Mapping[str, Any]) -> str:
    """Published tables and columns, the numbers behind the rules, and the rules that unit tests hold."""
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    published = sorted((one for one in models if one["schema"] == "published"), key=lambda one: one["name"])
    rules = [
        (f"`{test['model']}`", test["name"].replace("_", " "), _one_line(test["description"]))
        for test in sorted(manifest["unit_tests"].values(), key=lambda one: (one["model"], one["name"]))
    ]
    numbers = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    return (
        "\n\n".join(
            [
                "# Definitions",
                _NOTE.format(source="dbt_project/"),
                "What each published table and column means. Times are UTC; days, weeks (Monday) and months "
                "are those of the business's reporting time zone.",
                *(_table_of(model) for model in published),
                "## Rules\n\nEach is held by a unit test beside its model, with rows to count by eye.",
                _table(("model", "rule", "example"), rules),
                "## Numbers\n\nVariables of `dbt_project.yml`; `business.yml` may set a business's own.",
                _table(
                    ("variable", "default"), [(f"`{name}`", f"`{value}`") for name, value in numbers.items()]
                ),
            ]
        )
        + "\n"
    )


def inputs(contracts: Mapping[str, Contract]) -> str:
    """Every data set that can be loaded, column by column."""
    parts = ["# Inputs", _NOTE.format(source="data_contracts/")]
    for contract in sorted(contracts.values(), key=lambda one: one.dataset):
        rows = [
            (
                f"`{one.name}`",
                one.logical_type,
                "yes" if one.required else "",
                one.classification,
                one.description,
            )
            for one in contract.columns
        ]
        limit = f"More than {contract.quarantine_limit:.0%} of quarantined lines stop a run."
        parts.append(f"## {contract.dataset}\n\n{contract.description} Owner: {contract.owner}. {limit}")
        parts.append(_table(("column", "type", "required", "personal data", "meaning"), rows))
    return "\n\n".join(parts) + "\n"


def _table_of(model: Mapping[str, Any]) -> str:
    rows = [
        (f"`{name}`", column["data_type"], _one_line(column["description"]))
        for name, column in model["columns"].items()
    ]
    return f"## {model['name']}\n\n{_one_line(model['description'])}\n\n" + _table(
        ("column", "type", "meaning"), rows
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _one_line(text: str) -> str:
    return " ".join(text.split())
