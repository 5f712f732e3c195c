"""Ends runs whose process is gone.

Dagster leaves a run STARTED for ever when the whole machine, or a run without a daemon, dies; its pool slot
then blocks every later run. Add here: another sign of death. Keep out: starting runs again.
"""

import time

import dagster as dg
import psutil

from orchestration.defs.operations.status import write_status
from orchestration.settings import Settings

GRACE_SECONDS = 600.0
_CLOCK_TOLERANCE_SECONDS = 5.0
_UNDER_WAY = [
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def reap_orphans(instance: dg.DagsterInstance, settings: Settings) -> list[str]:
    """Report every run under way whose process is gone as failed, free its pool slots, write its status.

    Returns the run ids.
    """
    reaped = []
    for run in instance.get_runs(filters=dg.RunsFilter(statuses=_UNDER_WAY)):
        reason = cause_of_death(instance, run.run_id)
        if reason is not None:
            instance.report_run_failed(run, message=reason)
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
            write_status(instance, settings, run.run_id, wait_seconds=0.0)
            reaped.append(run.run_id)
    return reaped


def cause_of_death(instance: dg.DagsterInstance, run_id: str) -> str | None:
    """Why `run_id` cannot be running any more; None while it may be.

    The executor's first event names its process. A process of that number which was created after the event
    is another one: the number was given again, or the machine was started again.
    """
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ENGINE_EVENT):
        named = entry.get_dagster_event().engine_event_data.metadata.get("pid")
        if named is not None:
            pid = int(str(named.value))
            return (
                None if is_alive(pid, entry.timestamp) else f"process {pid} of this run is gone: run it again"
            )
    record = instance.get_run_record_by_id(run_id)
    if record is None or time.time() - record.create_timestamp.timestamp() < GRACE_SECONDS:
        return None
    return f"no process took this run up within {GRACE_SECONDS:.0f} seconds: run it again"


def is_alive(pid: int, at: float) -> bool:
    """Whether the process that had number `pid` at `at` (seconds since 1970) still runs."""
    try:
        process = psutil.Process(pid)
        return (
            process.status() != psutil.STATUS_ZOMBIE
            and process.create_time() <= at + _CLOCK_TOLERANCE_SECONDS
        )
    except psutil.NoSuchProcess:
        return False
