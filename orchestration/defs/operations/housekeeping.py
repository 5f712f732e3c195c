"""Deletes what runs leave behind and nobody reads again.

Add here: a folder that grows with every run. Keep out: published versions and status files; their writers
keep the last few.
"""

import shutil
import time
from pathlib import Path

from orchestration.settings import Settings

DBT_RUNS_KEPT = 5
DAYS_KEPT = 30


def keep_house(settings: Settings) -> None:
    """Prune dbt's targets, captured output of steps and runs, and spill files of runs that ended long ago."""
    targets = sorted(settings.dbt_target.glob("run-*"), key=lambda folder: folder.stat().st_mtime)
    for folder in targets[:-DBT_RUNS_KEPT]:
        shutil.rmtree(folder, ignore_errors=True)
    before = time.time() - DAYS_KEPT * 86_400
    # Dagster's own databases stand in the same folder; captured output is in one named by the run.
    for pattern in ("dagster/storage/*/compute_logs", "logs/run-*.log", "tmp/*"):
        for entry in settings.home.glob(pattern):
            if entry.stat().st_mtime < before:
                _delete(entry)


def _delete(entry: Path) -> None:
    if entry.is_dir():
        shutil.rmtree(entry, ignore_errors=True)
    else:
        entry.unlink(missing_ok=True)
