"""The command line: every failure is one line that says what, where and what to do."""

import argparse
import json
import sqlite3

import pytest

from orchestration import cli, verbs


@pytest.fixture
def run_verb(home, monkeypatch, capsys):
    """Runs a verb in this process on an empty home; returns its code and the two streams."""

    def run(*arguments, settings=None, **environment):
        settings = settings or home()
        for name, value in {**settings.environment(), **environment}.items():
            monkeypatch.setenv(name, value)
        code = cli.main(arguments)
        return code, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["published"],
            "trackway published: nothing is published in {home}/published: run `trackway run` first",
        ),
        (["rollback"], "trackway rollback: no older version in {home}/published: choose one of none"),
        (["publish", "--resume"], "trackway publish: nothing is published in {home}/published"),
        (
            ["sample", "--business", "zoo"],
            "trackway sample: business 'zoo' has no sample: choose one of repair",
        ),
        (["sample", "--people", "0"], "trackway sample: people is 0: give at least 1"),
        (["dev"], "trackway dev: nothing was built in {home}/warehouse.duckdb: run `trackway run` first"),
        (["dev", "--name", "../up"], "trackway dev: '../up' is no name for a copy"),
        (
            ["dev", "diff"],
            "trackway dev: {home}/dev/copy.duckdb is missing: run `trackway dev --name copy` first",
        ),
    ],
)
def test_a_verb_that_cannot_do_its_work_says_so_in_one_line(run_verb, home, arguments, said):
    settings = home("one")
    code, out, error = run_verb(*arguments, settings=settings)
    assert code == 1
    assert out == ""
    assert error.count("\n") == 1
    assert error.startswith(said.format(home=settings.home))


def test_a_wrong_setting_is_one_line_and_makes_nothing(run_verb, home):
    code, _, error = run_verb("run", TRACKWAY_THREADS="many")
    assert code == 1
    assert (
        error
        == "trackway run: TRACKWAY_THREADS='many' is not allowed: set it to a whole number from 1 to 1024\n"
    )


def test_a_home_of_newer_code_is_refused_in_one_line(run_verb, home):
    settings = home("newer")
    with sqlite3.connect(settings.state) as connection:
        connection.execute("pragma user_version = 99")
    code, _, error = run_verb("run", settings=settings)
    assert code == 1
    assert error.count("\n") == 1
    assert "schema version 99" in error


def test_an_unexpected_error_is_one_line_with_the_details_in_a_file(run_verb, home, monkeypatch):
    def broken(settings: object, chosen: argparse.Namespace) -> None:
        raise KeyError("surprise")

    settings = home("broken")
    monkeypatch.setattr(verbs, "status", broken)
    code, _, error = run_verb("status", settings=settings)
    assert code == 1
    assert error.count("\n") == 1
    assert "unexpected KeyError" in error
    assert "Traceback" in (settings.home / "error.log").read_text()


def test_status_of_an_empty_home_says_that_nothing_has_run(run_verb, home):
    settings = home("empty")
    code, out, _ = run_verb("status", settings=settings)
    assert code == 0
    assert out.splitlines() == [
        f"no run has ended in {settings.home} yet",
        f"nothing is published in {settings.published} yet",
    ]


def test_a_sample_lands_where_it_is_told_with_its_truth_beside(run_verb, tmp_path):
    code, out, _ = run_verb("sample", "--people", "20", "--days", "3", "--to", str(tmp_path / "there"))
    assert code == 0
    days = [file.name[:10] for file in (tmp_path / "there/landing/trackway/events").iterdir()]
    assert {"2026-11-13", "2026-11-14", "2026-11-15"} <= set(days)
    assert (tmp_path / "there" / "truth").is_dir()
    assert out.startswith("sample of repair in ")


def test_the_run_before_is_what_status_shows(run_verb, built):
    code, out, _ = run_verb("status", settings=built)
    pointer = json.loads((built.status / "current.json").read_text())
    assert code == 0
    assert out.startswith(f"run {pointer['run_id'][:8]} daily    success")
