"""Serving: everything starts, answers on loopback alone, and goes together."""

import contextlib
import signal
import socket
import urllib.request

import psutil
import pytest

from orchestration.serve import ServeError, serve


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def with_free_ports(settings):
    names = ("dagster_port", "dashboard_port", "mlflow_port")
    return settings.model_copy(update=dict(zip(names, free_ports(3), strict=True)))


def ports(settings):
    return [settings.dashboard_port, settings.dagster_port, settings.mlflow_port]


@pytest.fixture
def served(built_copy, start_trackway):
    """The servers over a built home, started as people do; the addresses that they print."""
    settings = with_free_ports(built_copy)
    process = start_trackway(settings, "serve")
    addresses = dict(process.stdout.readline().split() for _ in range(3))
    yield settings, process, addresses
    if process.poll() is None:
        process.terminate()
        process.wait(60)


def children(process):
    return psutil.Process(process.pid).children(recursive=True)


def assert_all_gone(settings, processes):
    _, alive = psutil.wait_procs(processes, timeout=10)
    assert [one.cmdline() for one in alive] == []
    for port in ports(settings):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))


def test_the_servers_answer_on_loopback_alone_and_stop_together(served):
    settings, process, addresses = served
    assert addresses == {
        "dashboard": f"http://127.0.0.1:{settings.dashboard_port}",
        "dagster": f"http://127.0.0.1:{settings.dagster_port}",
        "mlflow": f"http://127.0.0.1:{settings.mlflow_port}",
    }
    for address in addresses.values():
        with urllib.request.urlopen(address, timeout=30) as answer:
            assert answer.status == 200
    everything = children(process)
    listening = {
        connection.laddr
        for one in everything
        for connection in one.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert {address.port for address in listening} >= set(ports(settings))
    assert {address.ip for address in listening} == {"127.0.0.1"}
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    assert_all_gone(settings, everything)


def test_when_one_server_dies_the_others_stop_with_its_name(served):
    settings, process, _ = served
    everything = children(process)
    [mlflow] = [one for one in psutil.Process(process.pid).children() if "mlflow" in one.cmdline()]
    mlflow.kill()
    assert process.wait(60) == 1
    error = process.stderr.read()
    assert error.count("\n") == 1
    assert "trackway serve: mlflow ended with code -9; the others are stopped: see" in error
    assert_all_gone(settings, everything)


def test_a_taken_port_is_named_with_the_setting_that_moves_it(home):
    settings = with_free_ports(home())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", settings.mlflow_port))
        taken.listen()
        with pytest.raises(
            ServeError, match=rf"port {settings.mlflow_port} for mlflow is in use.*TRACKWAY_MLFLOW_PORT"
        ):
            serve(settings, print)
