"""How dbt is called: pure helpers, and the manifest."""

import json
import shutil
from datetime import UTC, datetime

import pytest

from orchestration import dbt
from orchestration.dbt import (
    DbtError,
    build_arguments,
    dbt_environment,
    dbt_variables,
    fingerprint,
    load_manifest,
    stage_of,
)
from orchestration.settings import BUSINESSES, Settings


def test_a_build_leaves_unit_tests_to_make_test():
    arguments = build_arguments({"as_of": "2026-01-01"}, full_refresh=False)
    assert arguments == ["build", "--exclude-resource-type", "unit_test", "--vars", '{"as_of": "2026-01-01"}']


def test_a_full_refresh_is_one_more_argument():
    assert build_arguments({}, full_refresh=True) == [
        *build_arguments({}, full_refresh=False),
        "--full-refresh",
    ]


def test_variables_are_the_business_s_own_and_now(tmp_path):
    (tmp_path / "business.yml").write_text("reporting_currency: CHF\nfunnels: [{name: f, steps: []}]\n")
    settings = Settings.model_validate({"home": tmp_path / "home", "business": str(tmp_path)})
    business = {"reporting_currency": "CHF", "funnels": [{"name": "f", "steps": []}]}
    assert dbt_variables(settings) == business
    moment = datetime(2026, 11, 15, 1, 2, 3, 4, tzinfo=UTC)
    now_is_set = settings.model_copy(update={"as_of": moment})
    assert dbt_variables(now_is_set) == {**business, "as_of": "2026-11-15 01:02:03.000004"}


def test_seeds_are_found_relative_to_the_project_wherever_the_business_is(tmp_path):
    (tmp_path / "business.yml").write_text("name: Mine\n")
    settings = Settings.model_validate({"home": tmp_path / "home", "business": str(tmp_path)})
    seeds = dbt_environment(settings)["DBT_BUSINESS_SEEDS"]
    assert (dbt.DBT_PROJECT / seeds).resolve() == tmp_path.resolve()
    assert dbt_environment(Settings())["DBT_BUSINESS_SEEDS"] == "businesses/repair"


@pytest.mark.parametrize(
    ("resource", "stage"),
    [
        ({"resource_type": "model", "fqn": ["trackway", "marts", "people", "people"]}, "marts"),
        ({"resource_type": "model", "fqn": ["trackway", "published", "analytics_events"]}, "published"),
        ({"resource_type": "seed", "fqn": ["trackway", "event_types"]}, "seeds"),
    ],
)
def test_a_model_s_stage_is_its_first_folder(resource, stage):
    assert stage_of(resource) == stage


def test_the_fingerprint_changes_with_the_business_s_files_and_with_nothing_else(tmp_path):
    own = tmp_path / "own"
    shutil.copytree(BUSINESSES / "repair", own)
    first = Settings.model_validate({"home": tmp_path / "a", "business": str(own)})
    before = fingerprint(first)
    assert fingerprint(first.model_copy(update={"home": tmp_path / "b"})) == before
    (own / "notes.txt").write_text("not configuration")
    assert fingerprint(first) == before
    with (own / "page_groups.csv").open("a") as file:
        file.write("99,^/new$,new\n")
    assert fingerprint(first) != before


def test_without_a_manifest_the_error_says_which_command_makes_it(home):
    with pytest.raises(DbtError, match=r"manifest.json is missing: run `make setup`"):
        load_manifest(home())


def test_the_manifest_is_parsed_again_only_when_something_changed(built_copy, monkeypatch):
    def refuse(*_):
        pytest.fail("parsed again")

    manifest = built_copy.dbt_target / "manifest.json"
    before = json.loads(manifest.read_text())["metadata"]["generated_at"]
    with monkeypatch.context() as patch:
        patch.setattr(dbt, "run_dbt", refuse)
        dbt.prepare_manifest(built_copy)
    (built_copy.dbt_target / "manifest.fingerprint").write_text("of other code")
    dbt.prepare_manifest(built_copy)
    assert json.loads(manifest.read_text())["metadata"]["generated_at"] > before
