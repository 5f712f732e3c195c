"""Opening the warehouse: one writer at a time, readers without rights."""

import logging
import os
import subprocess
import sys
import textwrap
import threading

import duckdb
import pytest

from orchestration.settings import CHECKOUT
from orchestration.warehouse import (
    WarehouseBusyError,
    claim_warehouse,
    open_reader,
    open_writer,
    quote_identifier,
)


def holder(settings, code):
    """A process that opens the warehouse by `code`, says so, and waits for its input to close."""
    program = textwrap.dedent(code) + "\nprint('open', flush=True)\nimport sys; sys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable, "-c", program], env={**os.environ, **settings.environment()}, cwd=CHECKOUT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "open\n"
    return process


CLAIM = """
from orchestration.settings import Settings
from orchestration.warehouse import open_writer
held = open_writer(Settings.from_environment())
held.__enter__()
"""
BARE = """
import duckdb
from orchestration.settings import Settings
connection = duckdb.connect(str(Settings.from_environment().warehouse))
"""


@pytest.mark.parametrize(
    "code", [CLAIM, BARE], ids=["another run", "an orphaned child that only has the file"]
)
def test_a_writer_that_gives_up_says_who_has_the_warehouse(home, code):
    settings = home()
    process = holder(settings, code)
    try:
        with pytest.raises(WarehouseBusyError, match=f"process {process.pid}"), open_writer(settings, 1):
            pytest.fail("two writers at once")
    finally:
        process.communicate("")


@pytest.mark.parametrize(
    "code", [CLAIM, BARE], ids=["another run", "an orphaned child that only has the file"]
)
def test_a_writer_waits_for_the_other_and_says_whom_it_waits_for(home, code, caplog):
    settings = home()
    process = holder(settings, code)
    release = threading.Timer(1.5, process.stdin.close)
    release.start()
    with caplog.at_level(logging.WARNING), open_writer(settings, 30) as connection:
        connection.execute("create table after (a integer)")
    process.wait()
    said = [record.getMessage() for record in caplog.records]
    # At most once for the claim and once for the file, which a dying process may keep a moment longer.
    assert len(said) in (1, 2)
    assert all(text.startswith("waiting for the warehouse") and str(process.pid) in text for text in said)


def test_the_claim_ends_with_an_error_inside_it(home):
    settings = home()
    with pytest.raises(ZeroDivisionError), claim_warehouse(settings):
        raise ZeroDivisionError
    with open_writer(settings, 1) as connection:
        assert connection.execute("select 1").fetchall() == [(1,)]


@pytest.mark.parametrize(
    "statement",
    [
        "insert into t values (2)",
        "copy t to '{folder}/leak.csv'",
        "select * from read_csv('/etc/passwd')",
        "attach '{folder}/other.duckdb'",
        "set threads = 1",
        "set enable_external_access = true",
    ],
)
def test_a_reader_can_do_nothing_but_read(home, tmp_path, statement):
    settings = home()
    with open_writer(settings) as connection:
        connection.execute("create table t as select 1 as a")
    with open_reader(settings.warehouse) as connection:
        assert connection.execute("from t").fetchall() == [(1,)]
        with pytest.raises(duckdb.Error):
            connection.execute(statement.format(folder=tmp_path))


def test_a_hostile_identifier_is_only_a_name(home):
    name = 'a"; drop table t; --'
    with open_writer(home()) as connection:
        connection.execute("create table t (a integer)")
        connection.execute(f"create table {quote_identifier(name)} (b integer)")
        tables = connection.execute("select table_name from duckdb_tables() order by 1").fetchall()
    assert tables == [(name,), ("t",)]
