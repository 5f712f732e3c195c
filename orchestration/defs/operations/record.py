"""What Dagster knows about one run, as rows for the status file.

Add here: another fact of a run. Keep out: opening DuckDB files.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import dagster as dg

MESSAGE_LENGTH = 1000

Row = tuple[Any, ...]

_EVENTS = {
    dg.DagsterEventType.STEP_START,
    dg.DagsterEventType.STEP_SUCCESS,
    dg.DagsterEventType.STEP_FAILURE,
    dg.DagsterEventType.ASSET_CHECK_EVALUATION,
    dg.DagsterEventType.ASSET_MATERIALIZATION,
    dg.DagsterEventType.RUN_FAILURE,
}


@dataclass(frozen=True)
class RunRecord:
    """One run: its row, the results of its checks and its measurements."""

    run_id: str
    job: str
    status: str
    started_at: datetime | None
    ended_at: datetime | None
    message: str | None
    checks: list[Row]
    measurements: list[Row]

    @property
    def passed(self) -> bool:
        """Whether the run ended well."""
        return self.status == "success"


def read_run(instance: dg.DagsterInstance, run_id: str) -> RunRecord:
    """Everything about `run_id`; times are naive UTC. Raises LookupError for an unknown run."""
    record = instance.get_run_record_by_id(run_id)
    if record is None:
        raise LookupError(f"Dagster knows no run {run_id}")
    entries = [entry for entry in instance.all_logs(run_id, of_type=_EVENTS) if entry.dagster_event]
    status = record.dagster_run.status.value.lower()
    return RunRecord(
        run_id=run_id,
        job=record.dagster_run.job_name,
        status=status,
        started_at=_moment(record.start_time),
        ended_at=_moment(record.end_time),
        message=None if status == "success" else _message(entries),
        checks=list(_checks(entries)),
        measurements=[*_step_seconds(entries), *_assets(entries), *_memory(record.dagster_run)],
    )


def _moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None) if seconds else None


def _message(entries: list[dg.EventLogEntry]) -> str | None:
    """The first failed step's own words; without one, why Dagster ended the run."""
    for entry in entries:
        event = entry.get_dagster_event()
        if event.event_type is dg.DagsterEventType.STEP_FAILURE:
            failure = event.step_failure_data
            if failure.user_failure_data and failure.user_failure_data.description:
                return _one_line(f"{event.step_key}: {failure.user_failure_data.description}")
            error = failure.error_display_string if failure.error is None else _innermost(failure.error)
            return _one_line(f"{event.step_key}: {error}")
    ends = [entry.get_dagster_event() for entry in entries]
    reasons = [event.message for event in ends if event.event_type is dg.DagsterEventType.RUN_FAILURE]
    return _one_line(reasons[-1] or "the run failed before its first step") if reasons else None


def _innermost(error: Any) -> str:
    while error.cause is not None:
        error = error.cause
    return str(error.message)


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MESSAGE_LENGTH else line[: MESSAGE_LENGTH - 1] + "…"


def _checks(entries: list[dg.EventLogEntry]) -> Iterator[Row]:
    """dataset, check, status, severity, observed, expected, run_at."""
    for entry in entries:
        event = entry.get_dagster_event()
        if event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            result = event.asset_check_evaluation_data
            status = "passed" if result.passed else "failed"
            severity = result.severity.value.lower()
            dataset = "/".join(result.asset_key.path)
            observed, expected = _figures(result.metadata)
            yield (dataset, result.check_name, status, severity, observed, expected, _moment(entry.timestamp))


def _figures(metadata: Mapping[str, dg.MetadataValue]) -> tuple[str | None, str | None]:
    """What a check found and what it had to find. A dbt test counts the rows that break its rule."""
    figures = {name: str(value.value) for name, value in metadata.items()}
    if "dagster_dbt/failed_row_count" in figures:
        return f"{figures['dagster_dbt/failed_row_count']} failing rows", "0 failing rows"
    return figures.get("observed"), figures.get("expected")


def _step_seconds(entries: list[dg.EventLogEntry]) -> Iterator[Row]:
    """metric_name, metric_value, metric_unit, tags, recorded_at."""
    starts: dict[str, float] = {}
    for entry in entries:
        event = entry.get_dagster_event()
        if event.event_type is dg.DagsterEventType.STEP_START:
            starts[str(event.step_key)] = entry.timestamp
        elif event.event_type in (dg.DagsterEventType.STEP_SUCCESS, dg.DagsterEventType.STEP_FAILURE):
            seconds = entry.timestamp - starts[str(event.step_key)]
            yield ("step_seconds", seconds, "seconds", {"step": event.step_key}, _moment(entry.timestamp))


def _assets(entries: list[dg.EventLogEntry]) -> Iterator[Row]:
    kinds = {"Execution Duration": ("model_seconds", "seconds"), "dagster/row_count": ("rows", "rows")}
    for entry in entries:
        event = entry.get_dagster_event()
        if event.event_type is dg.DagsterEventType.ASSET_MATERIALIZATION:
            materialization = event.step_materialization_data.materialization
            asset = "/".join(materialization.asset_key.path)
            for name, (metric, unit) in kinds.items():
                if name in materialization.metadata:
                    value = float(str(materialization.metadata[name].value))
                    yield (metric, value, unit, {"asset": asset}, _moment(entry.timestamp))


PEAK_MEMORY_TAG = "trackway/peak_memory_mb"


def _memory(run: dg.DagsterRun) -> Iterator[Row]:
    if PEAK_MEMORY_TAG in run.tags:
        yield ("peak_memory", float(run.tags[PEAK_MEMORY_TAG]), "MB", {}, None)
