"""Runs whose process died: ended, their slot free, their status written."""

import json
import os
import subprocess
import sys
import textwrap

import dagster as dg
import duckdb
import psutil
import pytest

from orchestration.defs.operations.reaper import is_alive, reap_orphans
from orchestration.settings import CHECKOUT

HELD = textwrap.dedent(
    """
    import sys, time
    import dagster as dg

    @dg.op(pool="warehouse")
    def hold():
        print("holding", flush=True)
        time.sleep(600)

    @dg.job
    def endless():
        hold()

    with dg.DagsterInstance.from_config(sys.argv[1]) as instance:
        endless.execute_in_process(instance=instance)
    """
)


@pytest.fixture
def running(home):
    """A home with a run that holds the pool in a process of its own."""
    settings = home()
    process = subprocess.Popen(
        [sys.executable, "-c", HELD, str(settings.dagster)], cwd=CHECKOUT, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "holding\n"
    yield settings, process
    process.kill()
    process.wait()


def slots(instance):
    return instance.event_log_storage.get_concurrency_info("warehouse").active_slot_count


def test_a_killed_run_is_failed_frees_its_slot_and_says_so_in_the_status_file(running):
    settings, process = running
    with dg.DagsterInstance.from_config(str(settings.dagster)) as instance:
        assert reap_orphans(instance, settings) == []
        assert slots(instance) == 1
        process.kill()
        process.wait()
        [run] = instance.get_runs()
        assert reap_orphans(instance, settings) == [run.run_id]
        assert slots(instance) == 0
        assert instance.get_run_by_id(run.run_id).status is dg.DagsterRunStatus.FAILURE
        assert reap_orphans(instance, settings) == []
    pointer = json.loads((settings.status / "current.json").read_text())
    assert pointer["reason"] == f"process {process.pid} of this run is gone: run it again"
    assert pointer["stale_since"] is not None
    with duckdb.connect(str(settings.status / pointer["file"]), read_only=True) as connection:
        assert connection.execute("select run_id, status from runs").fetchall() == [(run.run_id, "failure")]


def test_a_number_that_now_belongs_to_a_later_process_is_not_the_run():
    born = psutil.Process().create_time()
    assert is_alive(os.getpid(), born + 60)
    assert not is_alive(os.getpid(), born - 60)
    assert not is_alive(2**22 + 1, born)
