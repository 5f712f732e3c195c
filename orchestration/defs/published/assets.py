"""The published version as an asset: write, audit, point to it.

Add here: nothing that computes; a new published table is a model. Keep out: everything that could let a
version out before its audit passed.
"""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg
import duckdb

from orchestration.dbt import PUBLISHED_FRESHNESS, load_manifest
from orchestration.defs.published.audit import Finding, audit, monthly_relations, published_models
from orchestration.defs.published.versions import (
    Version,
    current_version,
    point_to,
    prune_versions,
    version_name,
)
from orchestration.defs.published.write import attached, copy_published, discard, finish
from orchestration.defs.transform.builds import Build, last_build
from orchestration.errors import ExpectedError
from orchestration.settings import Settings
from orchestration.warehouse import open_writer

logger = logging.getLogger(__name__)

VERSION_KEY = dg.AssetKey(["published", "version"])
AUDIT = "audit"


class NothingBuiltError(ExpectedError):
    """There is no build to publish."""


@dg.definitions
def published() -> dg.Definitions:
    """The version depends on every published model, so that one failed check keeps the old version."""
    return dg.Definitions(assets=[version_asset(Settings.from_environment())])


def version_asset(settings: Settings) -> dg.AssetsDefinition:
    """The asset over the published models of the manifest under the home."""
    models = sorted(published_models(load_manifest(settings)))

    @dg.multi_asset(
        name="published_version",
        specs=[
            dg.AssetSpec(
                VERSION_KEY,
                deps=[dg.AssetKey(["published", model]) for model in models],
                group_name="published",
                kinds={"duckdb"},
                owners=["team:data-engineering"],
                description="The file that readers open: schema `published`, copied and audited.",
                skippable=True,
                freshness_policy=PUBLISHED_FRESHNESS,
            )
        ],
        check_specs=[
            dg.AssetCheckSpec(AUDIT, asset=VERSION_KEY, description="The new file is what was built.")
        ],
        pool="warehouse",
    )
    def published_version(
        context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        version, findings = publish(context.run_id, settings)
        wrong = [finding for finding in findings if not finding.passed]
        yield dg.AssetCheckResult(
            check_name=AUDIT,
            asset_key=VERSION_KEY,
            passed=not wrong,
            metadata={"observed": f"{len(wrong)} wrong of {len(findings)}", "expected": "0 wrong"},
            description=_refusal(wrong) if wrong else None,
        )
        if wrong:
            raise dg.Failure(_refusal(wrong), allow_retries=False)
        if version is not None:
            yield dg.MaterializeResult(asset_key=VERSION_KEY, metadata=_metadata(version, settings))

    return published_version


def publish(run_id: str, settings: Settings) -> tuple[Version | None, list[Finding]]:
    """Publish the last build; no version when it is published already or a rollback holds it back.

    What readers see stays when the audit finds a difference; the findings say which.
    Raises NothingBuiltError before the first build.
    """
    # The claim is held to the end, so that pruning never meets another run's unfinished file.
    with open_writer(settings) as connection:
        build, current = last_build(connection), current_version(settings)
        if build is None:
            raise NothingBuiltError("nothing was built yet: run `trackway run` first")
        if current is not None and current.pinned:
            logger.info("held back by a rollback: `trackway publish --resume` publishes again")
            return None, []
        # A full refresh on request builds from the same inputs, and is published all the same.
        if current is not None and current.build == build and current.build.built_by == build.built_by:
            logger.info("the last build is published already")
            return None, []
        version, findings = _write(connection, settings, build, run_id)
        if not all(finding.passed for finding in findings):
            return None, findings
        pointed = point_to(settings, version)
        prune_versions(settings)
        return version if pointed else None, findings


def _write(
    connection: duckdb.DuckDBPyConnection, settings: Settings, build: Build, run_id: str
) -> tuple[Version, list[Finding]]:
    """A new file, under its final name only if the audit passed; readers do not know of it yet."""
    now = datetime.now(UTC)
    name = version_name(run_id, now)
    partial = settings.published / f"{name}.duckdb.tmp"
    with attached(connection, partial):
        manifest = load_manifest(settings)
        rows = copy_published(connection, monthly_relations(manifest))
        findings = audit(connection, rows, manifest)
    version = Version(
        version=name,
        published_at=now.isoformat(timespec="seconds"),
        run_id=run_id,
        business=settings.business,
        build=build,
        tables=rows,
    )
    if all(finding.passed for finding in findings):
        finish(partial, settings.published / version.file)
    else:
        discard(partial)
    return version, findings


def _metadata(version: Version, settings: Settings) -> dict[str, dg.MetadataValue | str | int]:
    return {
        "version": version.version,
        "as_of": version.build.as_of.isoformat(),
        "tables": len(version.tables),
        "rows": sum(version.tables.values()),
        "dashboard": dg.MetadataValue.url(f"http://127.0.0.1:{settings.dashboard_port}"),
    }


def _refusal(wrong: list[Finding]) -> str:
    texts = [f"{one.dataset}: {one.check}: {one.observed}, expected {one.expected}" for one in wrong[:5]]
    return f"not published, {len(wrong)} findings of the audit: {'; '.join(texts)}"
