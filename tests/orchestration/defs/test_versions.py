"""Published versions: pointing, rolling back, pruning."""

import json
from datetime import UTC, datetime

import pytest

from orchestration.defs.published.versions import (
    Version,
    VersionError,
    current_version,
    kept_versions,
    point_to,
    prune_versions,
    resume,
    roll_back,
    version_name,
)
from orchestration.defs.transform.builds import Build


def publish(settings, name, load_id=1):
    """A version that readers may see: its file and its pointer."""
    version = Version(
        version=name,
        published_at="2026-11-15T02:15:00+00:00",
        run_id="run",
        business="repair",
        build=Build(load_id, datetime(2026, 11, 15), "code"),
        tables={"analytics_sessions": 3},
    )
    (settings.published / version.file).write_bytes(b"")
    return version if point_to(settings, version) else None


def test_versions_sort_by_time():
    early = version_name("ffffffff-1", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    late = version_name("00000000-2", datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC))
    assert early == "20260102T030405Z-ffffffff"
    assert early < late


def test_readers_see_the_last_version_with_everything_they_need_to_know(home):
    settings = home()
    assert current_version(settings) is None
    publish(settings, "v1", load_id=7)
    assert current_version(settings).build == Build(7, datetime(2026, 11, 15), "code")
    pointer = json.loads((settings.published / "current.json").read_text())
    assert pointer == {
        "version": "v1",
        "file": "v1.duckdb",
        "published_at": "2026-11-15T02:15:00+00:00",
        "as_of": "2026-11-15T00:00:00",
        "load_id": 7,
        "fingerprint": "code",
        "built_by": "",
        "run_id": "run",
        "business": "repair",
        "tables": {"analytics_sessions": 3},
        "pinned": False,
    }


def test_a_rollback_shows_the_version_before_and_holds_later_ones_back_until_resumed(home):
    settings = home()
    for name in ("v1", "v2", "v3"):
        publish(settings, name)
    assert roll_back(settings, None).version == "v2"
    assert publish(settings, "v4") is None
    assert (current_version(settings).version, current_version(settings).pinned) == ("v2", True)
    resume(settings)
    publish(settings, "v5")
    assert (current_version(settings).version, current_version(settings).pinned) == ("v5", False)


def test_a_rollback_can_go_to_any_kept_version_and_twice(home):
    settings = home()
    for name in ("v1", "v2", "v3"):
        publish(settings, name)
    roll_back(settings, "v2")
    assert roll_back(settings, None).version == "v1"
    assert roll_back(settings, "v3").version == "v3"


@pytest.mark.parametrize("name", ["v9", "../v1", None])
def test_a_rollback_to_what_is_not_there_names_what_is(home, name):
    settings = home()
    publish(settings, "v1")
    with pytest.raises(VersionError, match=r"choose one of v1"):
        roll_back(settings, name)
    assert not current_version(settings).pinned


def test_only_the_newest_versions_and_the_current_stay(home):
    settings = home(published_versions_kept=2)
    for name in ("v1", "v2", "v3", "v4"):
        publish(settings, name)
    roll_back(settings, "v1")
    # What a killed run leaves: a file that no pointer names, and one not finished.
    (settings.published / "v5.duckdb").write_bytes(b"")
    (settings.published / "v6.duckdb.tmp").write_bytes(b"")
    assert prune_versions(settings) == ["v2.duckdb", "v5.duckdb", "v6.duckdb.tmp"]
    assert kept_versions(settings) == ["v1", "v3", "v4"]
    assert sorted(file.name for file in settings.published.glob("v*.json")) == [
        "v1.json",
        "v3.json",
        "v4.json",
    ]


def test_resuming_before_anything_was_published_says_what_to_do(home):
    with pytest.raises(VersionError, match="run `trackway run` first"):
        resume(home())
