"""Runs a job of the definitions from the command line, in the same Dagster instance that the UI shows.

Add here: what must happen before or after every such run. Keep out: what a job does.
"""

import contextlib
import logging
import os
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import dagster as dg

from orchestration.dbt import prepare_manifest
from orchestration.defs.operations.housekeeping import keep_house
from orchestration.defs.operations.reaper import reap_orphans
from orchestration.defs.operations.record import read_run
from orchestration.defs.operations.status import write_status
from orchestration.home import prepare_home
from orchestration.settings import Settings

Say = Callable[[str], None]

REAP_SECONDS = 15.0


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended; `message` is one line for people where it failed."""

    run_id: str
    passed: bool
    message: str | None


def prepare(settings: Settings) -> None:
    """Everything that Dagster needs before it loads the definitions: the home and dbt's manifest."""
    prepare_home(settings)
    prepare_manifest(settings)
    os.environ["DAGSTER_HOME"] = str(settings.dagster)
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"


def execute(
    settings: Settings, job: str, say: Say, run_config: Mapping[str, Any] | None = None
) -> RunOutcome:
    """Run `job` in this process and write its status. `say` gets the progress, line by line.

    Waits for other runs. What libraries print goes to `run_log`.
    """
    prepare(settings)
    run_id = str(uuid.uuid4())
    with dg.DagsterInstance.from_config(str(settings.dagster)) as instance:
        with _quiet(settings, run_id), _progress(instance, run_id, say):
            for reaped in reap_orphans(instance, settings):
                say(f"run {reaped[:8]} was interrupted; its work is taken up again")
            with _reaping(instance, settings):
                _execute_job(instance, job, run_id, run_config)
            write_status(instance, settings, run_id)
        run = read_run(instance, run_id)
        keep_house(instance, settings)
    return RunOutcome(run_id, run.passed, run.message)


def _execute_job(
    instance: dg.DagsterInstance, job: str, run_id: str, run_config: Mapping[str, Any] | None
) -> None:
    # Loaded only now, because the definitions read the manifest.
    from orchestration.definitions import defs

    definition = defs().resolve_job_def(job)
    definition.execute_in_process(
        instance=instance, run_id=run_id, run_config=dict(run_config or {}), raise_on_error=False
    )


@contextlib.contextmanager
def _reaping(instance: dg.DagsterInstance, settings: Settings) -> Iterator[None]:
    """A run that dies while this one waits for its pool slot would hold it for ever without a daemon."""
    ended = threading.Event()

    def reap() -> None:
        while not ended.wait(REAP_SECONDS):
            reap_orphans(instance, settings)

    thread = threading.Thread(target=reap, name="reaper", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextlib.contextmanager
def _quiet(settings: Settings, run_id: str) -> Iterator[None]:
    """Send both output streams, those of child processes too, to the run's log file."""
    with run_log(settings, run_id).open("w", encoding="utf-8") as log:
        kept = [os.dup(number) for number in (1, 2)]
        for number in (1, 2):
            os.dup2(log.fileno(), number)
        try:
            yield
        finally:
            for number, copy in zip((1, 2), kept, strict=True):
                os.dup2(copy, number)
                os.close(copy)


@contextlib.contextmanager
def _progress(instance: dg.DagsterInstance, run_id: str, say: Say) -> Iterator[None]:
    """Steps, and what our own packages log."""
    handler = _SayHandler(say)
    own = logging.getLogger("orchestration")
    level = own.level
    own.addHandler(handler)
    own.setLevel(logging.INFO)
    instance.add_event_listener(run_id, lambda entry: _say_step(entry, say))
    try:
        yield
    finally:
        own.removeHandler(handler)
        own.setLevel(level)


class _SayHandler(logging.Handler):
    def __init__(self, say: Say) -> None:
        super().__init__()
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        self._say("  " + record.getMessage())


def _say_step(entry: dg.EventLogEntry, say: Say) -> None:
    event = entry.dagster_event
    if event is None:
        return
    if event.event_type is dg.DagsterEventType.STEP_START:
        say(f"{event.step_key}: started")
    elif event.event_type is dg.DagsterEventType.STEP_SUCCESS:
        say(f"{event.step_key}: done in {event.step_success_data.duration_ms / 1000:.1f} s")
    elif event.event_type is dg.DagsterEventType.STEP_FAILURE:
        say(f"{event.step_key}: failed")


def terminal() -> TextIO:
    """The stream that people read, whatever happens to standard output meanwhile."""
    return os.fdopen(os.dup(1), "w", buffering=1)


def run_log(settings: Settings, run_id: str) -> Path:
    """Where everything that the run's libraries printed stands."""
    return settings.logs / f"run-{run_id}.log"
