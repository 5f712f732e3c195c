"""Deletes what runs leave behind and nobody reads again.

Add here: a folder that grows with every run. Keep out: published versions and status files; their writers
keep the last few.
"""

import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from orchestration.settings import Settings

DBT_RUNS_KEPT = 5
DAYS_KEPT = 30
RUN_DAYS_KEPT = 90
# Each deletion is several transactions, and somebody waits for the end of the run.
RUNS_AT_ONCE = 20


def keep_house(instance: dg.DagsterInstance, settings: Settings) -> None:
    """Prune dbt's targets, and the events, captured output and spill files of runs that ended long ago."""
    targets = sorted(settings.dbt_target.glob("run-*"), key=lambda folder: folder.stat().st_mtime)
    for folder in targets[:-DBT_RUNS_KEPT]:
        shutil.rmtree(folder, ignore_errors=True)
    before = time.time() - DAYS_KEPT * 86_400
    # Dagster's own databases stand in the same folder; captured output is in one named by the run.
    for pattern in ("dagster/storage/*/compute_logs", "logs/run-*.log", "tmp/*"):
        for entry in settings.home.glob(pattern):
            if entry.stat().st_mtime < before:
                _delete(entry)
    ended = dg.RunsFilter(created_before=datetime.now(UTC) - timedelta(days=RUN_DAYS_KEPT))
    for run in instance.get_runs(filters=ended, limit=RUNS_AT_ONCE):
        instance.delete_run(run.run_id)


def _delete(entry: Path) -> None:
    if entry.is_dir():
        shutil.rmtree(entry, ignore_errors=True)
    else:
        entry.unlink(missing_ok=True)
