"""Loading: quick, and without touching anything."""

import os
import subprocess
import sys
import textwrap

import dagster as dg
import pytest

from orchestration.definitions import defs
from orchestration.settings import CHECKOUT

WATCHED = textwrap.dedent(
    """
    import importlib, pathlib, sys

    opened = []

    def watch(event, arguments):
        if event in ("socket.connect", "socket.bind", "subprocess.Popen", "sqlite3.connect"):
            opened.append(f"{event} {arguments}")
        elif event == "open" and isinstance(arguments[0], str):
            name, mode = arguments[0], arguments[1] or "r"
            ours = name.startswith(sys.argv[1]) or name.startswith(sys.argv[2])
            if ours and not name.endswith((".py", ".pyc")) and "__pycache__" not in name:
                opened.append(f"{event} {name} {mode}")

    # What libraries do at their own import is theirs; so they are imported first.
    import crawleruseragents, dagster, dagster_dbt, duckdb, filelock, polars, pydantic, pyarrow, yaml
    sys.addaudithook(watch)
    root = pathlib.Path(sys.argv[1])
    for package in ("orchestration", "data_contracts", "sample_data"):
        for file in sorted((root / package).rglob("*.py")):
            importlib.import_module(".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__"))
    print("\\n".join(opened))
    """
)


def test_importing_any_module_opens_no_file_connection_process_or_database(tmp_path):
    environment = {**os.environ, "TRACKWAY_HOME": str(tmp_path), "HOME": str(tmp_path)}
    result = subprocess.run(
        [sys.executable, "-c", WATCHED, str(CHECKOUT), str(tmp_path)], env=environment, cwd=CHECKOUT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == ""
    assert list(tmp_path.iterdir()) == []


def test_the_definitions_hold_every_stage_with_its_group_and_the_pool_of_the_warehouse(built, monkeypatch):
    for name, value in built.environment().items():
        monkeypatch.setenv(name, value)
    definitions = defs()
    graph = definitions.resolve_asset_graph()
    stages = {key.path[0] for key in graph.materializable_asset_keys}
    assert stages >= {"raw", "staging", "intermediate", "marts", "published", "seeds"}
    for key in graph.materializable_asset_keys:
        assert graph.get(key).group_name == key.path[0], key
        assert graph.get(key).pools == {"warehouse"}, key
    daily = definitions.resolve_job_def("daily")
    assert daily.asset_layer.executable_asset_keys == graph.materializable_asset_keys
    [schedule] = definitions.get_repository_def().schedule_defs
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 2 * * *", "Europe/Berlin")


def test_what_readers_see_has_to_be_fresh_and_failed_checks_stop_it(built, monkeypatch):
    for name, value in built.environment().items():
        monkeypatch.setenv(name, value)
    graph = defs().resolve_asset_graph()
    sessions = graph.get(dg.AssetKey(["published", "analytics_sessions"]))
    assert sessions.freshness_policy is not None
    assert dg.AssetKey(["published", "version"]) in sessions.child_keys
    blocking = [
        graph.get(check).blocking for check in graph.asset_check_keys if check.asset_key.path[0] == "marts"
    ]
    assert blocking
    assert all(blocking)


def test_without_a_manifest_the_definitions_say_how_to_make_it(home, monkeypatch):
    for name, value in home().environment().items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Exception, match="run `make setup`"):
        defs()
