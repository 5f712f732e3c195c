"""What starts a run, or happens after one, by itself.

Add here: another thing to watch. Keep out: the work; a sensor decides and asks for a run.
"""

import hashlib
import time
from collections.abc import Iterator

import dagster as dg

from orchestration.defs.operations.housekeeping import keep_house
from orchestration.defs.operations.reaper import reap_orphans
from orchestration.defs.operations.status import write_status
from orchestration.defs.schedules import DAILY
from orchestration.settings import Settings

SETTLED_SECONDS = 30.0


@dg.sensor(job_name=DAILY, minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def new_landing_files(
    context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings]
) -> dg.SensorResult | dg.SkipReason:
    """Ask for one run per state of landing/. Files still being written wait for the next tick."""
    state = landing_state(settings, time.time())
    if state is None:
        return dg.SkipReason(f"no settled file in {settings.landing}")
    if state == context.cursor:
        return dg.SkipReason("no new file")
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=state)], cursor=state)


def landing_state(settings: Settings, now: float) -> str | None:
    """Hash of path, size and time of change of every file untouched for SETTLED_SECONDS; None without one."""
    digest, found = hashlib.sha256(), False
    for name, size, changed in _files(settings):
        if now - changed / 1e9 >= SETTLED_SECONDS:
            digest.update(f"{name}\0{size}\0{changed}\n".encode())
            found = True
    return digest.hexdigest() if found else None


def _files(settings: Settings) -> Iterator[tuple[str, int, int]]:
    for file in sorted(settings.landing.rglob("*")):
        if file.is_file():
            facts = file.stat()
            yield str(file.relative_to(settings.landing)), facts.st_size, facts.st_mtime_ns


def _status_sensor(status: dg.DagsterRunStatus) -> dg.SensorDefinition:
    @dg.run_status_sensor(
        name=f"status_after_{status.value.lower()}",
        run_status=status,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="After runs started in the UI, by a schedule or a sensor: status file and housekeeping.",
    )
    def write(context: dg.RunStatusSensorContext, settings: dg.ResourceParam[Settings]) -> None:
        write_status(context.instance, settings, context.dagster_run.run_id, wait_seconds=20.0)
        keep_house(context.instance, settings)

    return write


status_after_success = _status_sensor(dg.DagsterRunStatus.SUCCESS)
status_after_failure = _status_sensor(dg.DagsterRunStatus.FAILURE)
status_after_canceled = _status_sensor(dg.DagsterRunStatus.CANCELED)


@dg.sensor(minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def orphaned_runs(context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings]) -> dg.SkipReason:
    """End runs whose process is gone, so that their pool slot is free. Starts nothing."""
    reaped = reap_orphans(context.instance, settings)
    return dg.SkipReason(f"ended {', '.join(reaped)}" if reaped else "every run under way has its process")
