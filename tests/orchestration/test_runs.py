"""Whole runs, started as people start them: what is built, what is kept, and what an interruption changes."""

import gzip
import hashlib
import json
import os
import random
import shutil
import signal
import time

import duckdb
import pytest

from orchestration.warehouse import open_reader, open_writer
from sample_data.generate import generate_sample
from sample_data.parameters import SampleParameters

LEDGER = "select file, content_hash, lines, loaded, duplicate, quarantined, blank from loads order by file"
# When something was loaded or built; everything else has to be equal.
VOLATILE = "['processed_at', 'last_updated']"


def pointer(settings, folder="published"):
    return json.loads((settings.home / folder / "current.json").read_text())


def query(settings, statement, folder="published"):
    with open_reader(settings.home / folder / pointer(settings, folder)["file"]) as connection:
        return connection.execute(statement).fetchall()


def land_more(settings):
    """Another, smaller population; its files stand beside those that were loaded."""
    parameters = SampleParameters("repair", people=60, days=5, seed=8)
    generate_sample(parameters, settings.landing, settings.home / "truth-of-more")


def wait_for(process, text, seconds=120):
    """Read the process's lines until one has `text`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        line = process.stdout.readline()
        if text in line:
            return
        assert line or process.poll() is None, process.stderr.read()
    pytest.fail(f"{text!r} was not said in {seconds} s")


def test_a_run_publishes_every_model_with_the_rows_of_the_warehouse(built):
    published = pointer(built)
    models = {file.stem for file in (built.business_folder.parents[1] / "models" / "published").glob("*.sql")}
    assert set(published["tables"]) == models
    for table in ("analytics_events", "analytics_sessions", "user_behavior_profiles", "funnel_summary"):
        assert query(built, f"select count(*) from {table}") == [(published["tables"][table],)]
        assert published["tables"][table] > 0


def test_every_json_line_of_landing_is_in_the_ledger_of_the_status_file(built):
    lines = sum(len(file.read_bytes().splitlines()) for file in built.landing.rglob("*.jsonl"))
    lines += sum(
        len(gzip.decompress(file.read_bytes()).splitlines()) for file in built.landing.rglob("*.jsonl.gz")
    )
    [(in_, out)] = query(
        built,
        """
        select sum(lines), sum(loaded + duplicate + quarantined + suppressed + erased + blank) from loads
        where file like '%.jsonl' or file like '%.jsonl.gz'
        """,
        folder="status",
    )
    assert in_ == out == lines


def test_the_status_file_tells_how_the_run_went(built):
    run_id = pointer(built)["run_id"]
    runs = query(built, "select run_id, status, message, published_version from runs", folder="status")
    assert runs == [(run_id, "success", None, pointer(built)["version"])]
    assert query(built, "select count(*) from data_quality where status != 'passed'", folder="status") == [
        (0,)
    ]
    [(checks,)] = query(built, "select count(*) from data_quality", folder="status")
    assert checks > 10
    steps = "select count(distinct tags) from performance_metrics where metric_name = 'step_seconds'"
    assert query(built, steps, folder="status")[0][0] >= 3


def test_comments_of_the_models_reach_the_published_file(built):
    [(without,)] = query(built, "select count(*) from duckdb_tables() where comment is null")
    assert without == 0


def test_a_run_with_nothing_new_rewrites_and_publishes_nothing(built_copy, run_trackway):
    before = pointer(built_copy)
    warehouse = hashlib.sha256(built_copy.warehouse.read_bytes()).hexdigest()
    result = run_trackway(built_copy, "run")
    assert result.returncode == 0, result.stderr
    assert "nothing new since the last build" in result.stdout
    assert pointer(built_copy) == before
    assert hashlib.sha256(built_copy.warehouse.read_bytes()).hexdigest() == warehouse
    assert pointer(built_copy, "status")["run_id"] != before["run_id"]


def test_a_failed_test_of_a_model_keeps_the_old_version_and_says_since_when(built_copy, run_trackway):
    before = pointer(built_copy)
    with open_writer(built_copy) as connection:
        connection.execute("insert into raw.user_agents from raw.user_agents limit 1")
    later = {"TRACKWAY_AS_OF": "2026-12-01T00:00:00"}
    result = run_trackway(built_copy, "run", **later)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "unique_raw_user_agents_user_agent_key" in result.stderr
    assert pointer(built_copy) == before
    status = pointer(built_copy, "status")
    assert status["stale_since"] is not None
    assert "unique_raw_user_agents_user_agent_key" in status["reason"]
    shown = run_trackway(built_copy, "status")
    assert shown.returncode == 1
    assert f"stale since {status['stale_since']}" in shown.stderr


def forget_publication(settings):
    """As if the last build had not been published yet, so that `publish` has something to do."""
    file = settings.published / "current.json"
    file.write_text(json.dumps({**pointer(settings), "load_id": 0}))


def test_a_failed_audit_keeps_the_old_version_and_the_next_run_publishes(built_copy, run_trackway):
    forget_publication(built_copy)
    before = pointer(built_copy)
    with open_writer(built_copy) as connection:
        connection.execute("update raw.loads set lines = lines + 1 where file_id = 1")
    result = run_trackway(built_copy, "publish")
    assert result.returncode == 1
    assert "not published, 1 findings of the audit: loads: files whose lines are not" in result.stderr
    assert pointer(built_copy) == before
    assert list(built_copy.published.glob("*.tmp*")) == []
    assert pointer(built_copy, "status")["stale_since"] is not None
    with open_writer(built_copy) as connection:
        connection.execute("update raw.loads set lines = lines - 1 where file_id = 1")
    result = run_trackway(built_copy, "publish")
    assert result.returncode == 0, result.stderr
    assert pointer(built_copy)["version"] > before["version"]
    assert pointer(built_copy, "status")["stale_since"] is None


@pytest.fixture(scope="module")
def undisturbed(built, tmp_path_factory, run_trackway):
    """The built home after more landed and one peaceful run; what interrupted runs are compared with."""
    settings = copy_of(built, tmp_path_factory.mktemp("undisturbed") / "home")
    land_more(settings)
    result = run_trackway(settings, "run")
    assert result.returncode == 0, result.stderr
    return settings


def copy_of(settings, folder):
    shutil.copytree(settings.home, folder)
    return settings.model_copy(update={"home": folder})


def differences(one, other):
    """Rows that only one of two published files has, by table; columns marked volatile are left out."""
    with duckdb.connect() as connection:
        for name, settings in (("one", one), ("other", other)):
            file = settings.published / pointer(settings)["file"]
            connection.execute(f"attach '{file}' as {name} (read_only)")
        found = {}
        for table in pointer(one)["tables"]:
            columns = f"select columns(lambda c: c not in {VOLATILE}) from"
            sides = (f"{columns} one.{table}", f"{columns} other.{table}")
            for left, right in (sides, sides[::-1]):
                rows = connection.execute(f"select count(*) from ({left} except all {right})").fetchone()[0]
                found[table] = found.get(table, 0) + rows
        return found


@pytest.mark.parametrize(
    ("step", "whole_group"),
    [pytest.param("raw", True, marks=pytest.mark.soak), ("transform", False)],
    ids=["while loading", "while dbt builds, which goes on as an orphan"],
)
def test_a_killed_run_that_is_run_again_equals_an_undisturbed_one(
    built_copy, undisturbed, start_trackway, run_trackway, step, whole_group
):
    before = pointer(built_copy)
    land_more(built_copy)
    process = start_trackway(built_copy, "run")
    wait_for(process, f"{step}: started")
    # Somewhere in the middle: loading this little takes about a second, dbt several.
    time.sleep(0.4 if step == "raw" else 4)
    (os.killpg if whole_group else os.kill)(process.pid, signal.SIGKILL)
    process.wait()
    assert pointer(built_copy) == before
    result = run_trackway(built_copy, "run")
    assert result.returncode == 0, result.stderr
    assert "was interrupted; its work is taken up again" in result.stdout
    assert set(differences(built_copy, undisturbed).values()) == {0}
    assert query(built_copy, LEDGER, "status") == query(undisturbed, LEDGER, "status")


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(50))
def test_a_run_killed_at_any_moment_and_run_again_equals_an_undisturbed_one(
    built_copy, undisturbed, start_trackway, run_trackway, seed
):
    land_more(built_copy)
    process = start_trackway(built_copy, "run")
    draw = random.Random(seed)
    # An undisturbed run of this size takes about 20 seconds on two cores.
    time.sleep(draw.uniform(0, 20))
    (os.killpg if draw.random() < 0.5 else os.kill)(process.pid, signal.SIGKILL)
    process.wait()
    result = run_trackway(built_copy, "run")
    assert result.returncode == 0, result.stderr
    assert set(differences(built_copy, undisturbed).values()) == {0}
    assert query(built_copy, LEDGER, "status") == query(undisturbed, LEDGER, "status")


@pytest.mark.soak
def test_two_runs_started_together_both_pass_and_publish_once(built_copy, undisturbed, start_trackway):
    before = set(built_copy.published.glob("*.duckdb"))
    land_more(built_copy)
    both = [start_trackway(built_copy, "run") for _ in range(2)]
    outcomes = [(*process.communicate(timeout=240), process.returncode) for process in both]
    assert [code for _, _, code in outcomes] == [0, 0], outcomes
    assert len(set(built_copy.published.glob("*.duckdb")) - before) == 1
    assert set(differences(built_copy, undisturbed).values()) == {0}


def test_changed_configuration_builds_everything_again_and_says_so(built_copy, run_trackway, tmp_path):
    own = tmp_path / "own"
    shutil.copytree(built_copy.business_folder, own)
    with (own / "page_groups.csv").open("a") as file:
        file.write("999,^/never$,/never\n")
    result = run_trackway(built_copy.model_copy(update={"business": str(own)}), "run")
    assert result.returncode == 0, result.stderr
    assert "full refresh: model code or configuration changed since the last build" in result.stdout


def test_a_rollback_holds_runs_back_until_publishing_is_resumed(built_copy, run_trackway):
    first = pointer(built_copy)
    forget_publication(built_copy)
    assert run_trackway(built_copy, "publish").returncode == 0
    assert pointer(built_copy)["version"] > first["version"]
    assert run_trackway(built_copy, "rollback", first["version"]).returncode == 0
    assert pointer(built_copy) == {**first, "pinned": True}
    # 'Now' is later, so that this run has something to build; readers keep the rolled-back version.
    result = run_trackway(built_copy, "run", TRACKWAY_AS_OF="2026-12-02T00:00:00")
    assert result.returncode == 0, result.stderr
    assert "held back by a rollback" in result.stdout
    assert pointer(built_copy) == {**first, "pinned": True}
    assert run_trackway(built_copy, "publish", "--resume").returncode == 0
    assert pointer(built_copy)["as_of"] == "2026-12-02T00:00:00"
    assert not pointer(built_copy)["pinned"]
