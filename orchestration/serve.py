"""`make serve`: Dagster, the dashboard and MLflow on loopback, started and stopped together.

Add here: another server, as one Service. Keep out: what the servers show.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg

from orchestration.defs.operations.reaper import reap_orphans
from orchestration.errors import ExpectedError
from orchestration.runs import prepare
from orchestration.settings import CHECKOUT, Settings

HOST = "127.0.0.1"
START_SECONDS = 120.0
STOP_SECONDS = 20.0
_POLL_SECONDS = 0.5


class ServeError(ExpectedError):
    """A server cannot start or has died."""


@dataclass(frozen=True)
class Service:
    """One server. `setting` names the variable of its port; without a port there is nothing to ask."""

    name: str
    command: Sequence[str]
    port: int | None = None
    health: str = ""
    setting: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where people find it."""
        return f"http://{HOST}:{self.port}"


def services(settings: Settings) -> list[Service]:
    """The servers with their commands, in the order of their addresses on the screen."""
    return [
        Service(
            "dashboard",
            _python(
                *("streamlit", "run", str(CHECKOUT / "dashboards" / "app.py")),
                *("--server.address", HOST, "--server.port", str(settings.dashboard_port)),
                *("--server.headless", "true", "--browser.gatherUsageStats", "false"),
            ),
            settings.dashboard_port,
            "/_stcore/health",
            "TRACKWAY_DASHBOARD_PORT",
        ),
        Service(
            "dagster",
            _python("dagster_webserver", *_WORKSPACE, "-h", HOST, "-p", str(settings.dagster_port)),
            settings.dagster_port,
            "/server_info",
            "TRACKWAY_DAGSTER_PORT",
        ),
        Service("dagster-daemon", _python("dagster._daemon", "run", *_WORKSPACE)),
        Service(
            "mlflow",
            _python(
                *("mlflow", "server", "--host", HOST, "--port", str(settings.mlflow_port), "--workers", "1"),
                *("--backend-store-uri", f"sqlite:///{settings.mlflow_db}"),
                *("--artifacts-destination", str(settings.mlartifacts)),
            ),
            settings.mlflow_port,
            "/health",
            "TRACKWAY_MLFLOW_PORT",
            {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        ),
    ]


_WORKSPACE = ("-w", str(CHECKOUT / "workspace.yaml"))
_NO_TELEMETRY = {"DO_NOT_TRACK": "true", "MLFLOW_DISABLE_TELEMETRY": "true", "DAGSTER_DISABLE_TELEMETRY": "1"}


def serve(settings: Settings, say: Callable[[str], None]) -> None:
    """Start everything, print the addresses, and stay until Ctrl-C or SIGTERM stops all of it.

    Raises ServeError where a port is taken, or when one server dies: then the others are stopped.
    """
    wanted = services(settings)
    for service in wanted:
        _check_port(service)
    prepare(settings)
    with dg.DagsterInstance.from_config(str(settings.dagster)) as instance:
        reap_orphans(instance, settings)
    with _stop_signal() as stopped, contextlib.ExitStack() as running:
        processes = {service.name: running.enter_context(_running(service, settings)) for service in wanted}
        _wait_until_healthy(wanted, processes, settings, stopped)
        for service in wanted:
            if service.port and not stopped.is_set():
                say(f"{service.name:<10} {service.address}")
        while not stopped.wait(_POLL_SECONDS):
            _check_alive(processes, settings)
        say("stopping")


def log_file(settings: Settings, name: str) -> Path:
    """What a server printed."""
    return settings.logs / f"serve-{name}.log"


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _check_port(service: Service) -> None:
    if service.port is None:
        return
    with socket.socket() as probe:
        # A port that was closed a moment ago is free; one that somebody listens on is not.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, service.port))
        except OSError:
            raise ServeError(
                f"port {service.port} for {service.name} is in use: stop what listens there,"
                f" or set {service.setting} to another port"
            ) from None


@contextlib.contextmanager
def _stop_signal() -> Iterator[threading.Event]:
    stopped = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stopped.set()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _running(service: Service, settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """The server in a process group of its own, so that it goes with all its children."""
    with log_file(settings, service.name).open("wb") as log:
        process = subprocess.Popen(
            service.command,
            cwd=CHECKOUT,
            env={**os.environ, **settings.environment(), **_NO_TELEMETRY, **service.environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    _wait_for_group(process.pid)


def _wait_for_group(group: int) -> None:
    """Children may outlive their parent by a moment, and hold its port."""
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)


def _wait_until_healthy(
    wanted: Sequence[Service],
    processes: dict[str, subprocess.Popen[bytes]],
    settings: Settings,
    stopped: threading.Event,
) -> None:
    waiting = [service for service in wanted if service.port]
    deadline = time.monotonic() + START_SECONDS
    while waiting and not stopped.wait(_POLL_SECONDS):
        _check_alive(processes, settings)
        waiting = [service for service in waiting if not _healthy(service)]
        if waiting and time.monotonic() > deadline:
            name = waiting[0].name
            raise ServeError(
                f"{name} did not answer in {START_SECONDS:.0f} s: see {log_file(settings, name)}"
            )


def _healthy(service: Service) -> bool:
    try:
        with urllib.request.urlopen(service.address + service.health, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _check_alive(processes: dict[str, subprocess.Popen[bytes]], settings: Settings) -> None:
    for name, process in processes.items():
        if process.poll() is not None:
            raise ServeError(
                f"{name} ended with code {process.returncode}; the others are stopped:"
                f" see {log_file(settings, name)}"
            )
