"""A run over a real access log killed anywhere, and run again without anything else being started between."""

import os
import signal

import dagster as dg
import pytest

from orchestration.warehouse import claim_warehouse
from tests.end_to_end.running import LEDGER, copy_vault, differences, drop, query

FILE = "access_log/access_log/apache_access_2015.log.gz"
# What the run says just before the work that is to be interrupted.
LOADING, BUILDING, PUBLISHING = "loading 1 files", "built 20 of", "published_version: started"
WHOLE_GROUP, PARENT_ONLY = os.killpg, os.kill


def kill_when_it_says(process, text, kill):
    """Kill -9 at the moment the run says `text`."""
    for line in process.stdout:
        if text in line:
            kill(process.pid, signal.SIGKILL)
            process.wait()
            return
    pytest.fail(f"the run ended without saying {text!r}: {process.stderr.read()}")


@pytest.mark.parametrize(
    ("said", "kill"),
    [
        pytest.param(LOADING, PARENT_ONLY, id="loading, the parent alone"),
        pytest.param(BUILDING, WHOLE_GROUP, id="dbt building, the whole group"),
        pytest.param(LOADING, WHOLE_GROUP, id="loading, the whole group", marks=pytest.mark.soak),
        pytest.param(BUILDING, PARENT_ONLY, id="dbt building, the parent alone", marks=pytest.mark.soak),
        pytest.param(PUBLISHING, WHOLE_GROUP, id="publishing, the whole group", marks=pytest.mark.soak),
    ],
)
def test_a_killed_run_leaves_nothing_that_the_next_one_needs_help_with(
    weblogs, home, start_trackway, run_trackway, said, kill
):
    settings = home()
    copy_vault(weblogs, settings)
    drop(settings, FILE, (weblogs.landing / FILE).read_bytes())
    kill_when_it_says(start_trackway(settings, "run"), said, kill)
    assert not (settings.published / "current.json").exists()

    result = run_trackway(settings, "run")
    assert result.returncode == 0, result.stderr
    assert set(differences(settings, weblogs).values()) == {0}
    assert query(settings, LEDGER, "status") == query(weblogs, LEDGER, "status")
    assert_nobody_holds_anything(settings)


def assert_nobody_holds_anything(settings):
    """No run under way, no slot of the pool taken, and the warehouse can be claimed at once."""
    with dg.DagsterInstance.from_config(str(settings.dagster)) as instance:
        statuses = [run.status for run in instance.get_runs()]
        assert statuses == [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]
        slots = instance.event_log_storage.get_concurrency_info("warehouse")
        assert (slots.active_slot_count, slots.claimed_slots, slots.pending_steps) == (0, [], [])
    with claim_warehouse(settings, wait_seconds=0.0):
        pass
