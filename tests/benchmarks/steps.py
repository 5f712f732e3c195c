"""What is measured, each as one call that a process of its own makes.

Add here: another step of the pipeline, or a bare DuckDB statement that is its limit. Keep out: timing.
"""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.dbt import build_arguments, dbt_variables, load_manifest, run_dbt
from orchestration.defs.published.audit import monthly_relations
from orchestration.defs.published.write import attached, copy_published, discard
from orchestration.defs.raw.load import load_landing
from orchestration.settings import CHECKOUT, Settings
from orchestration.warehouse import open_writer
from tests.benchmarks.deliveries import event_columns

HOST = "127.0.0.1"
START_SECONDS = 180.0
_CONNECTION = re.compile(r'Using duckdb connection "(\w+)')
_STATUS = re.compile(r"SQL status: .* in ([\d.]+) seconds")
_LOADED = "{workspaceOrError{...on Workspace{locationEntries{locationOrLoadError{__typename}}}}}"


@dataclass(frozen=True)
class BuildTimes:
    """Seconds of one `dbt build`: of each model and seed, of all tests, and of the whole command.

    `statements` is the part of the models' and seeds' time in which DuckDB worked; the rest is dbt's own.
    """

    models: dict[str, float]
    statements: float
    tests: float
    wall: float

    @property
    def sql(self) -> float:
        """All models and seeds."""
        return sum(self.models.values())

    @property
    def start_up(self) -> float:
        """What dbt needs beside SQL: starting, parsing, writing its results."""
        return self.wall - self.sql - self.tests


def load(settings: Settings) -> int:
    """Load what is in landing; returns the loaded events."""
    return load_landing(settings).datasets["events"].loaded


def read_json_lines(files: Sequence[Path], database: Path, settings: Settings) -> int:
    """The limit of loading JSON Lines: the contract's columns into a table, nothing checked."""
    names = [str(file) for file in files]
    source = (
        f"read_json({names}, format = 'newline_delimited', ignore_errors = true, columns = {event_columns()})"
    )
    return _create(source, database, settings)


def read_parquet(files: Sequence[Path], database: Path, settings: Settings) -> int:
    """The limit of loading Parquet."""
    return _create(f"read_parquet({[str(file) for file in files]})", database, settings)


def build(settings: Settings, full_refresh: bool) -> BuildTimes:
    """One `dbt build` of the project as a run does it."""
    log = settings.dbt_logs / "dbt.log"
    log.unlink(missing_ok=True)
    started = time.perf_counter()
    run_dbt(settings, build_arguments(dbt_variables(settings), full_refresh))
    wall = time.perf_counter() - started
    results = json.loads((settings.dbt_target / "run_results.json").read_text(encoding="utf-8"))["results"]
    taken: dict[str, dict[str, float]] = defaultdict(dict)
    for result in results:
        kind, _, name = result["unique_id"].split(".", 2)
        taken[kind][name] = result["execution_time"]
    models = {**taken["model"], **taken["seed"]}
    return BuildTimes(models, _statement_seconds(log), sum(taken["test"].values()), wall)


def _statement_seconds(log: Path) -> float:
    """The time of every statement of a model or seed, out of dbt's log of its one connection."""
    total, kind = 0.0, ""
    for line in log.read_text(encoding="utf-8").splitlines():
        if found := _CONNECTION.search(line):
            kind = found[1]
        elif (found := _STATUS.search(line)) and kind in ("model", "seed"):
            total += float(found[1])
    return total


def copy_for_readers(settings: Settings) -> None:
    """The copy that publishing makes, thrown away."""
    partial = settings.published / "benchmark.duckdb.tmp"
    with open_writer(settings) as connection, attached(connection, partial):
        copy_published(connection, monthly_relations(load_manifest(settings)))
    discard(partial)


def run_daily(settings: Settings) -> None:
    """`trackway run` as people start it. Raises RuntimeError with its output where it fails."""
    _python(settings, "-m", "orchestration.cli", "run")


def load_definitions(settings: Settings) -> None:
    """A fresh interpreter that loads the code location, as each Dagster process does first."""
    _python(settings, "-c", "from orchestration.definitions import defs; defs()")


def start_dagster_dev(settings: Settings) -> float:
    """Seconds until `dagster dev` has loaded the code location; it is stopped then."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    command = ["-m", "dagster", "dev", "-w", str(CHECKOUT / "workspace.yaml"), "-h", HOST, "-p", str(port)]
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *command], env=_environment(settings), cwd=CHECKOUT, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while not _location_is_loaded(port):
            if process.poll() is not None or time.perf_counter() - started > START_SECONDS:
                raise RuntimeError(
                    f"dagster dev did not load the code location, its code is {process.poll()}"
                )
            time.sleep(0.1)
        return time.perf_counter() - started
    finally:
        _stop_group(process)


def _location_is_loaded(port: int) -> bool:
    request = urllib.request.Request(
        f"http://{HOST}:{port}/graphql",
        data=json.dumps({"query": _LOADED}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=10) as answer:
        entries = json.load(answer)["data"]["workspaceOrError"]["locationEntries"]
        found = [(one["locationOrLoadError"] or {}).get("__typename") for one in entries]
        if "PythonError" in found:
            raise RuntimeError("the code location does not load")
        return found == ["RepositoryLocation"]
    return False


def _stop_group(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGINT, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)


def _python(settings: Settings, *arguments: str) -> None:
    result = subprocess.run(
        [sys.executable, *arguments], env=_environment(settings), cwd=CHECKOUT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments)} failed: {(result.stdout + result.stderr)[-1000:]}")


def _environment(settings: Settings) -> dict[str, str]:
    dagster = {"DAGSTER_HOME": str(settings.dagster), "DAGSTER_DISABLE_TELEMETRY": "1"}
    return {**os.environ, **settings.environment(), **dagster}


def _create(source: str, database: Path, settings: Settings) -> int:
    limits = {"memory_limit": settings.memory_limit, "threads": settings.threads}
    with duckdb.connect(str(database), config=limits) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"create table events as select * from {source}")
        return int(connection.execute("select count(*) from events").fetchall()[0][0])
