"""Settings: what is refused, and in which words."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestration.settings import Settings, SettingsError


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"TRACKWAY_HOM": "/x"}, "unknown setting TRACKWAY_HOM: did you mean TRACKWAY_HOME?"),
        ({"TRACKWAY_COLOUR": "red"}, "Known: TRACKWAY_HOME, TRACKWAY_BUSINESS"),
        ({"TRACKWAY_home": "/x"}, "did you mean TRACKWAY_HOME?"),
        (
            {"TRACKWAY_DAGSTER_PORT": "http"},
            "TRACKWAY_DAGSTER_PORT='http' is not allowed: set it to a port number",
        ),
        ({"TRACKWAY_DAGSTER_PORT": "70000"}, "a port number from 1 to 65535"),
        ({"TRACKWAY_MLFLOW_PORT": "3000"}, "must be three different ports"),
        ({"TRACKWAY_BUSINESS": "shoe"}, "repair, travel, shop or a folder that holds a business.yml"),
        ({"TRACKWAY_BUSINESS": "../businesses/repair/.."}, "repair, travel, shop or a folder"),
        ({"TRACKWAY_AS_OF": "yesterday"}, "a UTC timestamp such as 2026-11-15T00:00:00"),
        ({"TRACKWAY_MEMORY_LIMIT": "80%"}, "a size such as 4GiB"),
        ({"TRACKWAY_THREADS": "0"}, "a whole number from 1 to 1024"),
        ({"TRACKWAY_PERSON_PAGES": "maybe"}, "0 or 1"),
        ({"TRACKWAY_PUBLISHED_VERSIONS_KEPT": "0"}, "a whole number from 1"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_name_and_what_is_allowed(environment, said):
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment(environment)
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_variables_of_others_are_none_of_our_business():
    assert Settings.from_environment({"PATH": "/bin", "DAGSTER_HOME": "/x"}).business == "repair"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-15T12:00:00", datetime(2026, 11, 15, 12, tzinfo=UTC)),
        ("2026-11-15T12:00:00Z", datetime(2026, 11, 15, 12, tzinfo=UTC)),
        # Noon in Berlin in November is 11 o'clock UTC.
        ("2026-11-15T12:00:00+01:00", datetime(2026, 11, 15, 11, tzinfo=UTC)),
        ("", None),
    ],
)
def test_as_of_is_read_as_utc(text, moment):
    assert Settings.from_environment({"TRACKWAY_AS_OF": text}).as_of == moment


def test_a_business_of_ones_own_is_a_folder_with_a_business_yml(tmp_path):
    (tmp_path / "business.yml").write_text("name: Mine\n")
    settings = Settings.from_environment({"TRACKWAY_BUSINESS": str(tmp_path)})
    assert settings.business_folder == tmp_path


def test_a_child_process_gets_the_same_settings(tmp_path):
    settings = Settings.from_environment(
        {
            "TRACKWAY_HOME": str(tmp_path),
            "TRACKWAY_BUSINESS": "shop",
            "TRACKWAY_AS_OF": "2026-01-02T03:04:05",
            "TRACKWAY_PERSON_PAGES": "1",
            "TRACKWAY_THREADS": "3",
        }
    )
    assert Settings.from_environment(settings.environment()) == settings


def test_settings_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        Settings().home = Path("/elsewhere")


def test_what_holds_personal_data_is_open_to_its_owner_alone(home):
    settings = home()
    private = (settings.vault, settings.quarantine, settings.exports, settings.outbox, settings.temporary)
    for folder in private:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(settings.state.stat().st_mode) == 0o600
