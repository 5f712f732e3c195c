"""dbt as one multi-asset: decides whether a build is needed, builds, records what it built from.

Add here: metadata that every model should carry. Keep out: SQL, and Python between two models.
"""

import logging
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslatorSettings, DbtCliInvocation, dbt_assets

from orchestration.dbt import (
    OfflineDbtCli,
    StageTranslator,
    build_arguments,
    dbt_environment_set,
    dbt_project,
    dbt_variables,
    load_manifest,
)
from orchestration.defs.operations.record import PEAK_MEMORY_TAG
from orchestration.defs.published.versions import current_version
from orchestration.defs.transform.builds import Build, current_inputs, last_build, record_build
from orchestration.settings import Settings
from orchestration.warehouse import claim_warehouse, connect_claimed, quote_identifier

logger = logging.getLogger(__name__)


class TransformConfig(dg.Config):
    """`full_refresh` builds every incremental model from the start, whatever was loaded."""

    full_refresh: bool = False


@dg.definitions
def transform() -> dg.Definitions:
    """The models of the manifest under the home. Raises DbtError where the manifest is missing."""
    return dg.Definitions(assets=[transform_assets(Settings.from_environment())])


def transform_assets(settings: Settings) -> dg.AssetsDefinition:
    """One asset per model and seed, one check per data test."""
    translator = StageTranslator(settings=DagsterDbtTranslatorSettings(enable_source_tests_as_checks=False))

    @dbt_assets(
        name="transform",
        manifest=load_manifest(settings),
        project=dbt_project(settings),
        dagster_dbt_translator=translator,
        pool="warehouse",
    )
    def transform(
        context: dg.AssetExecutionContext,
        config: TransformConfig,
        settings: dg.ResourceParam[Settings],
        dbt: dg.ResourceParam[OfflineDbtCli],
    ) -> Iterator[Any]:
        with claim_warehouse(settings):
            with connect_claimed(settings) as connection:
                inputs, before = current_inputs(connection, settings), last_build(connection)
            if before == inputs and is_published(settings, inputs) and not config.full_refresh:
                logger.info("nothing new since the last build: no table is rewritten")
                return
            full_refresh = config.full_refresh or before is None or before.fingerprint != inputs.fingerprint
            if full_refresh and before is not None:
                logger.info("full refresh: %s", refresh_reason(before, inputs))
            arguments = build_arguments(dbt_variables(settings), full_refresh)
            yield from _build(context, settings, dbt, arguments)
            if not context.is_subset:
                with connect_claimed(settings) as connection:
                    record_build(connection, inputs, context.run_id)

    return transform


def is_published(settings: Settings, inputs: Build) -> bool:
    """Whether readers have what these inputs give, or are held back from it by a rollback."""
    current = current_version(settings)
    if current is None:
        return False
    return current.pinned or current.build == inputs


def refresh_reason(before: Build, inputs: Build) -> str:
    """Why every model is built from the start, in a few words."""
    if before.fingerprint != inputs.fingerprint:
        return "model code or configuration changed since the last build"
    return "asked for"


def _build(
    context: dg.AssetExecutionContext, settings: Settings, dbt: OfflineDbtCli, arguments: list[str]
) -> Iterator[Any]:
    """Run dbt, then report models with their row counts: dbt has the file while it runs."""
    target = settings.dbt_target / f"run-{context.run_id}"
    with dbt_environment_set(settings):
        invocation = dbt.cli(arguments, context=context, target_path=target, raise_on_error=False)
        events = list(_reported(invocation.stream(), len(context.selected_output_names)))
    context.instance.add_run_tags(context.run_id, {PEAK_MEMORY_TAG: str(_peak_memory_mb())})
    rows = _row_counts(settings)
    for event in events:
        if isinstance(event, dg.Output):
            schema, table = context.asset_key_for_output(event.output_name).path
            if (schema, table) in rows:
                counted = {"dagster/row_count": rows[schema, table]}
                context.add_output_metadata(counted, output_name=event.output_name)
        yield event
    if not invocation.is_successful():
        raise dg.Failure(_failures(invocation, target), allow_retries=False)


def _peak_memory_mb() -> int:
    """The larger of this process's and its largest child's; Linux counts in KiB."""
    used = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return max(used) // 1024


def _reported(events: Iterator[Any], total: int) -> Iterator[Any]:
    done = 0
    for event in events:
        done += isinstance(event, dg.Output)
        if isinstance(event, dg.Output) and done % 10 == 0:
            logger.info("built %s of %s tables and views", done, total)
        yield event


def _row_counts(settings: Settings) -> dict[tuple[str, str], int]:
    """Rows by (schema, table); views are left out, because counting them means computing them."""
    with connect_claimed(settings) as connection:
        tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        return {
            (schema, table): connection.execute(
                f"select count(*) from {quote_identifier(schema)}.{quote_identifier(table)}"
            ).fetchall()[0][0]
            for schema, table in tables
        }


def _failures(invocation: DbtCliInvocation, target: Path) -> str:
    """Names what failed, and where its compiled SQL is."""
    try:
        results = invocation.get_artifact("run_results.json")["results"]
    except FileNotFoundError:
        return f"dbt stopped before it ran a model: see {target}/dbt.log"
    failed = [result for result in results if result["status"] in ("error", "fail", "runtime error")]
    lines = [f"{one['unique_id']}: {' '.join(str(one['message']).split())}" for one in failed[:5]]
    more = f" and {len(failed) - 5} more" if len(failed) > 5 else ""
    return f"dbt: {len(failed)} failed: {'; '.join(lines)}{more}. Compiled SQL: {target}/compiled"
