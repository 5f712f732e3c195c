"""Rules that every model keeps, read from dbt's manifest, and the models' own unit tests."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.dbt import build_arguments, dbt_environment, dbt_variables, load_manifest
from orchestration.settings import CHECKOUT, Settings

STAGES = ["sources", "seeds", "staging", "intermediate", "marts", "published"]
PREFIXES = {"staging": ("stg_",), "intermediate": ("int_",), "marts": ("fct_", "met_", "people_")}
DBT_PROJECT = CHECKOUT / "dbt_project"


@pytest.fixture(scope="module")
def manifest(built: Settings) -> dict:
    return load_manifest(built)


@pytest.fixture(scope="module")
def models(manifest: dict) -> list[dict]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def stage(node: dict) -> str:
    if node["resource_type"] in ("source", "seed"):
        return node["resource_type"] + "s"
    return node["fqn"][1]


def test_every_model_says_its_grain_in_its_sql_and_in_its_description(models):
    for model in models:
        sql = (DBT_PROJECT / model["original_file_path"]).read_text(encoding="utf-8")
        assert re.match(r"-- One row\b", sql) or model["name"] == "int_events_unioned", model["name"]
        assert model["description"].startswith("One row"), f"{model['name']}: {model['description']!r}"


def test_a_models_name_and_schema_are_those_of_its_stage(models):
    for model in models:
        assert model["schema"] == stage(model), model["name"]
        assert model["name"].startswith(PREFIXES.get(stage(model), ("",))), model["name"]


def test_a_stage_reads_only_the_stages_before_it(manifest, models):
    nodes = {**manifest["nodes"], **manifest["sources"]}
    for model in models:
        for parent in model["depends_on"]["nodes"]:
            assert STAGES.index(stage(nodes[parent])) <= STAGES.index(stage(model)), (model["name"], parent)


def test_marts_read_no_source(manifest, models):
    for model in models:
        if stage(model) == "marts":
            assert not [parent for parent in model["depends_on"]["nodes"] if parent in manifest["sources"]]


def test_what_readers_see_is_a_contract_with_every_column_explained(models):
    published = [model for model in models if stage(model) == "published"]
    assert len(published) >= 7
    for model in published:
        assert model["config"]["contract"]["enforced"], model["name"]
        for name, column in model["columns"].items():
            assert column["description"], f"{model['name']}.{name}"


def test_every_published_table_is_shown_somewhere(manifest, models):
    shown = {parent for one in manifest["exposures"].values() for parent in one["depends_on"]["nodes"]}
    for model in models:
        assert stage(model) != "published" or model["unique_id"] in shown, model["name"]


def test_every_incremental_model_says_which_rows_it_replaces(models):
    incremental = [model for model in models if model["config"]["materialized"] == "incremental"]
    assert incremental
    for model in incremental:
        strategy = model["config"]["incremental_strategy"]
        replaces = model["config"]["meta"].get("replaces")
        assert (strategy == "replace_touched") == bool(replaces), model["name"]


def test_no_seed_names_a_person(manifest):
    for node in manifest["nodes"].values():
        if node["resource_type"] == "seed" and node["name"] == "internal_traffic":
            rows = (DBT_PROJECT / node["original_file_path"]).read_text(encoding="utf-8").splitlines()
            assert len(rows) == 1, "internal traffic ships empty: it is every company's own"


@pytest.mark.parametrize("business", ["repair", "travel", "shop"])
def test_each_business_parses(business, tmp_path):
    settings = Settings.model_validate({"home": tmp_path / "home", "business": business})
    result = dbt(settings, "parse", tmp_path / "none.duckdb", tmp_path)
    assert result.returncode == 0, result.stdout


def test_every_rule_of_the_models_holds_on_rows_that_can_be_counted_by_eye(
    built_copy: Settings, tmp_path: Path
):
    result = dbt(built_copy, "test", built_copy.warehouse, tmp_path, "--select", "test_type:unit")
    assert result.returncode == 0, result.stdout[-4000:]
    passed = int(re.search(r"PASS=(\d+)", result.stdout)[1])
    assert passed >= 20


def dbt(
    settings: Settings, verb: str, warehouse: Path, target: Path, *more: str
) -> subprocess.CompletedProcess[str]:
    arguments = build_arguments(dbt_variables(settings), full_refresh=False)
    variables = arguments[arguments.index("--vars") :]
    environment = {
        **os.environ,
        **dbt_environment(settings),
        "DBT_WAREHOUSE_PATH": str(warehouse),
        "DBT_TARGET_PATH": str(target / "target"),
        "DBT_LOG_PATH": str(target / "logs"),
    }
    command = [str(Path(sys.executable).parent / "dbt"), verb, "--profiles-dir", ".", *variables, *more]
    return subprocess.run(command, cwd=DBT_PROJECT, env=environment, capture_output=True, text=True)
