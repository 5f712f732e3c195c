"""How dbt is called and how its models look in Dagster.

Add here: an environment variable, argument or asset attribute that every dbt call or model needs. Keep out:
SQL and anything about one model; those stand in dbt_project/.
"""

import contextlib
import hashlib
import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import yaml
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject
from filelock import FileLock
from packaging.version import Version

from orchestration.errors import ExpectedError
from orchestration.settings import DBT_PROJECT, Settings

_CODE = (".sql", ".yml", ".yaml", ".csv", ".py")
# A daily run that is more than half an interval late is worth a red mark.
PUBLISHED_FRESHNESS = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(hours=36), warn_window=timedelta(hours=25)
)


class DbtError(ExpectedError):
    """dbt refused the project, or its manifest is missing."""


class OfflineDbtCli(DbtCliResource):
    """DbtCliResource that reads dbt's version from the installed package.

    The original runs `dbt --version`, which asks the package index for newer releases.
    """

    @property
    def _cli_version(self) -> Version:
        return Version(importlib.metadata.version("dbt-core"))


class StageTranslator(DagsterDbtTranslator):
    """A model's stage (first folder under models/) is its group and the prefix of its key."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Keys such as marts/sessions; sources keep source/table."""
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey([dbt_resource_props["source_name"], dbt_resource_props["name"]])
        return dg.AssetKey([stage_of(dbt_resource_props), dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The stage."""
        return stage_of(dbt_resource_props)

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """The default spec, with a freshness policy on what readers see."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        if spec.group_name != "published":
            return spec
        return dg.apply_freshness_policy(spec, PUBLISHED_FRESHNESS)


def stage_of(resource: Mapping[str, Any]) -> str:
    """First folder under models/; seeds and snapshots are stages by themselves."""
    if resource["resource_type"] in ("seed", "snapshot"):
        return str(resource["resource_type"]) + "s"
    return str(resource["fqn"][1])


def dbt_environment(settings: Settings) -> dict[str, str]:
    """What profiles.yml, dbt_project.yml and dbt itself read from the environment."""
    return {
        "DBT_WAREHOUSE_PATH": str(settings.warehouse),
        "DBT_MEMORY_LIMIT": settings.memory_limit,
        "DBT_THREADS": str(settings.threads),
        "DBT_TEMP_DIRECTORY": str(settings.temporary),
        "DBT_BUSINESS_SEEDS": os.path.relpath(settings.business_folder, DBT_PROJECT),
        "DBT_TARGET_PATH": str(settings.dbt_target),
        "DBT_LOG_PATH": str(settings.dbt_logs),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


@contextlib.contextmanager
def dbt_environment_set(settings: Settings) -> Iterator[None]:
    """DbtCliResource passes on this process's environment and takes no other."""
    before = dict(os.environ)
    os.environ.update(dbt_environment(settings))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def dbt_variables(settings: Settings) -> dict[str, Any]:
    """The business's own settings (business.yml), and `as_of` where it is set, as dbt variables.

    A variable that changes with every run would make dbt parse the whole project each time; so 'now', where
    nobody sets it, is what the models find in the events.
    """
    business = yaml.safe_load((settings.business_folder / "business.yml").read_text(encoding="utf-8"))
    if settings.as_of:
        business["as_of"] = settings.as_of.strftime("%Y-%m-%d %H:%M:%S.%f")
    return business


def build_arguments(variables: Mapping[str, Any], full_refresh: bool) -> list[str]:
    """Arguments of the one `dbt build` of a run. Unit tests check code, not data: `make test` runs them."""
    arguments = ["build", "--exclude-resource-type", "unit_test", "--vars", json.dumps(variables)]
    return [*arguments, "--full-refresh"] if full_refresh else arguments


def fingerprint(settings: Settings) -> str:
    """Hash of everything that decides what dbt builds: project, the business's folder, dbt and DuckDB."""
    digest = hashlib.sha256()
    for package in ("dbt-core", "dbt-duckdb", "duckdb"):
        digest.update(importlib.metadata.version(package).encode() + b"\0")
    for root in (DBT_PROJECT, settings.business_folder):
        for file in _code_files(root):
            digest.update(str(file.relative_to(root)).encode() + b"\0")
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _code_files(root: Path) -> Sequence[Path]:
    # Of the businesses only the chosen one counts, and what dbt writes never does.
    outside = {"businesses", "target", "logs", "tests"} if root == DBT_PROJECT else set()
    return sorted(
        file
        for file in root.rglob("*")
        if file.suffix in _CODE and file.relative_to(root).parts[0] not in outside
    )


def dbt_executable() -> str:
    """The dbt of this interpreter's environment, whether or not that is activated."""
    return str(Path(sys.executable).parent / "dbt")


def dbt_project(settings: Settings) -> DbtProject:
    """The project as dagster-dbt sees it. Its manifest is under the home, made by `prepare_manifest`."""
    return DbtProject(project_dir=DBT_PROJECT, profiles_dir=DBT_PROJECT, target_path=settings.dbt_target)


def find_manifest(settings: Settings) -> Path:
    """The manifest that `prepare_manifest` made. Raises DbtError where it is missing."""
    file = settings.dbt_target / "manifest.json"
    if not file.is_file():
        raise DbtError(f"{file} is missing: run `make setup` (with the same TRACKWAY_HOME) first")
    return file


def load_manifest(settings: Settings) -> dict[str, Any]:
    """What stands in the manifest. Raises DbtError where it is missing."""
    manifest: dict[str, Any] = json.loads(find_manifest(settings).read_text(encoding="utf-8"))
    return manifest


def prepare_manifest(settings: Settings) -> None:
    """Write the manifest that the definitions load, when the project or the business changed since.

    Raises DbtError with dbt's own message when the project does not parse.
    """
    settings.dbt_target.mkdir(parents=True, exist_ok=True)
    stamp = settings.dbt_target / "manifest.fingerprint"
    manifest = settings.dbt_target / "manifest.json"
    with FileLock(settings.dbt_target / "manifest.lock"):
        wanted = f"{fingerprint(settings)} {settings.business_folder}"
        if manifest.exists() and stamp.exists() and stamp.read_text() == wanted:
            return
        arguments = ["parse", "--no-partial-parse", "--vars", json.dumps(dbt_variables(settings))]
        run_dbt(settings, arguments)
        stamp.write_text(wanted)


def run_dbt(settings: Settings, arguments: Sequence[str]) -> str:
    """Run dbt in a process of its own; returns what it printed. Raises DbtError with its last lines."""
    command = [dbt_executable(), "--no-use-colors", *arguments]
    result = subprocess.run(
        [*command, "--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)],
        env={**os.environ, **dbt_environment(settings)},
        cwd=DBT_PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        said = " ".join((result.stdout + result.stderr).split())[-600:]
        raise DbtError(f"dbt {arguments[0]} failed in {DBT_PROJECT}: {said}")
    return result.stdout
