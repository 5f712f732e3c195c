"""What each word of the command line does: call, then print.

Add here: one function per verb. Keep out: work that something else could call too. Imports stand inside the
functions, because Dagster takes seconds to load and most verbs do without it.
"""

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from orchestration.errors import ExpectedError
from orchestration.settings import CHECKOUT, Settings


class VerbError(ExpectedError):
    """A verb could not do its work."""


def setup(settings: Settings, chosen: argparse.Namespace) -> None:
    """Make the home and dbt's manifest."""
    from orchestration.runs import prepare

    prepare(settings)


def docs(settings: Settings, chosen: argparse.Namespace) -> None:
    """Write the generated documents and print their names."""
    from orchestration.documentation import write_documents
    from orchestration.runs import prepare

    prepare(settings)
    for path in write_documents(settings, CHECKOUT / "docs"):
        print(f"wrote {path.relative_to(CHECKOUT)}")


def sample(settings: Settings, chosen: argparse.Namespace) -> None:
    """Write a sample; refuses a business of one's own, which has none."""
    from orchestration.home import prepare_home
    from sample_data.generate import generate_sample
    from sample_data.parameters import SampleParameters

    business = chosen.business or settings.business
    try:
        parameters = SampleParameters(business, chosen.people, chosen.days, chosen.seed)
    except ValueError as error:
        raise VerbError(str(error)) from None
    prepare_home(settings)
    root = Path(chosen.to).resolve() if chosen.to else settings.home
    summary = generate_sample(parameters, root / "landing", root / "truth")
    counts = ", ".join(f"{value:,} {name.replace('_', ' ')}" for name, value in asdict(summary).items())
    print(f"sample of {business} in {root / 'landing'}: {counts}")


def run(settings: Settings, chosen: argparse.Namespace) -> None:
    """Run the daily job and print what was built."""
    from orchestration.defs.schedules import DAILY

    _execute(settings, DAILY, {"ops": {"transform": {"config": {"full_refresh": chosen.full_refresh}}}})


def publish(settings: Settings, chosen: argparse.Namespace) -> None:
    """Publish the last build, after ending a rollback where asked to."""
    from orchestration.defs.published.versions import resume
    from orchestration.defs.schedules import PUBLISH

    if chosen.resume:
        resume(settings)
    _execute(settings, PUBLISH, None)


def _execute(settings: Settings, job: str, config: Mapping[str, Any] | None) -> None:
    from orchestration.runs import execute, run_log, terminal
    from orchestration.summary import published_summary

    with terminal() as screen:
        outcome = execute(settings, job, lambda line: print(line, file=screen), config)
    if not outcome.passed:
        log = run_log(settings, outcome.run_id)
        raise VerbError(f"run {outcome.run_id[:8]} failed: {outcome.message} (log: {log})")
    print("\n".join(published_summary(settings)))
    print(f"  dashboard  `make serve`, then http://127.0.0.1:{settings.dashboard_port}")


def status(settings: Settings, chosen: argparse.Namespace) -> None:
    """Print the last runs and the published version; an error where that is stale."""
    from orchestration.defs.operations.status import read_pointer
    from orchestration.summary import published_summary, run_lines

    pointer = read_pointer(settings)
    print("\n".join([*run_lines(settings, pointer), *published_summary(settings)]))
    if pointer.get("stale_since"):
        raise VerbError(f"what readers see is stale since {pointer['stale_since']}: {pointer['reason']}")


def published(settings: Settings, chosen: argparse.Namespace) -> None:
    """Print the path of the published file, for use in other commands."""
    from orchestration.defs.published.versions import current_version

    version = current_version(settings)
    if version is None:
        raise VerbError(f"nothing is published in {settings.published}: run `trackway run` first")
    print(settings.published / version.file)


def rollback(settings: Settings, chosen: argparse.Namespace) -> None:
    """Show an older version and hold later ones back."""
    from orchestration.defs.published.versions import roll_back

    version = roll_back(settings, chosen.version)
    print(f"readers see {version.version} now; runs publish again after `trackway publish --resume`")


def serve(settings: Settings, chosen: argparse.Namespace) -> None:
    """Start the servers and stay until they are stopped."""
    from orchestration.serve import serve as serve_all

    serve_all(settings, lambda line: print(line, flush=True))


def dev(settings: Settings, chosen: argparse.Namespace) -> None:
    """Copy the warehouse for building models, or show how the copy's marts differ from it."""
    from orchestration.development import compare_with_warehouse, copy_warehouse

    if chosen.action == "copy":
        environment = copy_warehouse(settings, chosen.name)
        print(f"copied. Build in it:  source {environment}")
        print(f'  {CHECKOUT}/.venv/bin/dbt build --vars "$DBT_VARS" --select <model>+')
        print(f"what that changed:    trackway dev diff --name {chosen.name}")
        return
    for change in compare_with_warehouse(settings, chosen.name):
        columns = f"  columns {' '.join(change.columns)}" if change.columns else ""
        print(
            f"{change.table:<28} {change.warehouse_rows:>12,} -> {change.copy_rows:>12,} rows"
            f"  -{change.removed:,} +{change.added:,}{columns}"
        )
