"""Deletes what runs leave behind and nobody reads again.

Add here: a folder that grows with every run. Keep out: published versions and status files; their writers
keep the last few.
"""

import logging
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from orchestration.defs.raw.ledger import naive_now
from orchestration.defs.raw.vault import destroy_day_keys
from orchestration.settings import Settings
from orchestration.warehouse import WarehouseBusyError, claim_warehouse

logger = logging.getLogger(__name__)

DBT_RUNS_KEPT = 5
DAYS_KEPT = 30
RUN_DAYS_KEPT = 90
# Each deletion is several transactions, and somebody waits for the end of the run.
RUNS_AT_ONCE = 20


def keep_house(instance: dg.DagsterInstance, settings: Settings) -> None:
    """Prune dbt's targets, events and captured output of runs that ended long ago, and expired secrets."""
    targets = sorted(settings.dbt_target.glob("run-*"), key=lambda folder: folder.stat().st_mtime)
    for folder in targets[:-DBT_RUNS_KEPT]:
        shutil.rmtree(folder, ignore_errors=True)
    before = time.time() - DAYS_KEPT * 86_400
    # Dagster's own databases stand in the same folder; captured output is in one named by the run.
    for pattern in ("dagster/storage/*/compute_logs", "logs/run-*.log"):
        for entry in settings.home.glob(pattern):
            if entry.stat().st_mtime < before:
                _delete(entry)
    ended = dg.RunsFilter(created_before=datetime.now(UTC) - timedelta(days=RUN_DAYS_KEPT))
    for run in instance.get_runs(filters=ended, limit=RUNS_AT_ONCE):
        instance.delete_run(run.run_id)
    _expire_private(settings)


def _expire_private(settings: Settings) -> None:
    """Spilled rows and old day keys go; not waited for, because every load begins with the same."""
    if not settings.warehouse.exists():
        return
    try:
        # Claiming it empties the folder for spilling.
        with claim_warehouse(settings, wait_seconds=0):
            destroy_day_keys(settings, naive_now())
    except WarehouseBusyError as busy:
        logger.info("old day keys and spilled rows are left for the next run: %s", busy)


def _delete(entry: Path) -> None:
    if entry.is_dir():
        shutil.rmtree(entry, ignore_errors=True)
    else:
        entry.unlink(missing_ok=True)
