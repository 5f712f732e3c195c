"""state.db: migrated forwards after a backup, never backwards."""

import sqlite3

import pytest

from orchestration import state
from orchestration.home import prepare_home
from orchestration.state import StateError, open_state


def version(path):
    with sqlite3.connect(path) as connection:
        return connection.execute("pragma user_version").fetchone()[0]


def test_newer_code_migrates_after_a_backup_that_still_has_the_old_version(home, monkeypatch):
    settings = home()
    before = version(settings.state)
    monkeypatch.setattr(state, "MIGRATIONS", (*state.MIGRATIONS, "create table added (a integer);"))
    prepare_home(settings)
    assert version(settings.state) == before + 1
    backup = settings.home / f"state.v{before}.backup.db"
    assert version(backup) == before
    with sqlite3.connect(backup) as connection:
        assert not connection.execute("select 1 from sqlite_master where name = 'added'").fetchall()


def test_older_code_refuses_a_newer_home_and_changes_nothing(home):
    settings = home()
    with sqlite3.connect(settings.state) as connection:
        connection.execute("pragma user_version = 99")
    before = settings.state.read_bytes()
    with pytest.raises(StateError, match="has schema version 99, this code knows"):
        prepare_home(settings)
    assert settings.state.read_bytes() == before


def test_a_failed_migration_leaves_the_version_before_it(home, monkeypatch):
    settings = home()
    before = version(settings.state)
    broken = "create table half (a integer); create table half (a integer);"
    monkeypatch.setattr(state, "MIGRATIONS", (*state.MIGRATIONS, broken))
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        prepare_home(settings)
    assert version(settings.state) == before
    with sqlite3.connect(settings.state) as connection:
        assert not connection.execute("select 1 from sqlite_master where name = 'half'").fetchall()


def test_an_error_while_writing_state_rolls_all_of_it_back(home):
    settings = home()
    with pytest.raises(ZeroDivisionError), open_state(settings) as connection:
        connection.execute("insert into first_loads values ('events', 'abc', '2026-01-01')")
        raise ZeroDivisionError
    with open_state(settings) as connection:
        assert connection.execute("select count(*) from first_loads").fetchone() == (0,)
