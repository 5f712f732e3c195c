"""Access logs: a real one with known counts, and lines of every odd shape."""

from pathlib import Path

import pytest
from conftest_raw import Landing

COMBINED = (
    '10.0.0.1 - - [05/Jan/2026:10:00:00 +0100] "GET /a?b=1&page=2 HTTP/1.1" 200 512'
    ' "https://x.example/" "Agent \\"x\\""'
)
COMMON = '10.0.0.1 - frank [05/Jan/2026:10:00:00 +0000] "POST /form HTTP/1.0" 302 -'
ODD_REQUEST = '10.0.0.2 - - [05/Jan/2026:10:00:00 +0000] "\\x16\\x03" 400 226 "-" "-"'


@pytest.fixture(scope="module")
def real_log(test_data: Path) -> Path:
    return test_data / "weblogs" / "apache_access_2015.log.gz"


def test_the_real_log_has_its_published_status_counts(landing: Landing, real_log: Path) -> None:
    landing.put("access_log/a.log.gz", real_log.read_bytes(), source="access_log")
    landing.load()
    counts = dict(landing.rows("select status, count(*) from raw.access_log group by status"))
    assert counts == {200: 9126, 304: 445, 404: 213, 301: 164, 206: 45, 500: 3, 403: 2, 416: 2}
    # Nobody else than its address and day tells visitors apart: 1,753 addresses over four days.
    (devices,) = landing.rows("select count(distinct device_key) from raw.access_log")[0]
    assert devices >= 1753


def test_common_combined_and_odd_lines_load_and_others_are_quarantined(landing: Landing) -> None:
    lines = [COMBINED, COMMON, ODD_REQUEST, "", "not a line of a log", COMMON.replace("Jan", "Jam")]
    landing.put("access_log/a.log", "\n".join(lines), source="access_log")
    landing.load()
    rows = landing.rows(
        """
        select line_number, strftime(event_ts, '%H:%M'), method, page_url, status, bytes, referrer_url
        from raw.access_log order by 1
        """
    )
    assert rows == [
        (1, "09:00", "GET", "/a?b=&page=2", 200, 512, "https://x.example/"),
        (2, "10:00", "POST", "/form", 302, None, None),
        (3, "10:00", None, "\\x16\\x03", 400, 226, None),
    ]
    assert [number for number, _ in landing.rejected("a.log")] == [5, 6]
    assert landing.file("a.log")["blank"] == 1


def test_equal_lines_count_each_time_in_a_file_and_once_over_overlapping_files(landing: Landing) -> None:
    landing.put("access_log/a.log", f"{COMMON}\n{COMMON}\n{COMBINED}\n", source="access_log")
    landing.put("access_log/b.log", f"{COMMON}\n{COMMON}\n{COMMON}\n", source="access_log")
    landing.load()
    # Three occurrences of the common line in b.log cover the two in a.log.
    assert landing.rows("select count(*), count(distinct event_id) from raw.access_log") == [(4, 4)]
    assert landing.rows("select sum(duplicate) from raw.loads") == [(2,)]


def test_a_crawler_that_only_its_masked_e_mail_names_is_still_known(landing: Landing) -> None:
    named = COMMON + ' "-" "Mozilla/5.0 (Windows) VoilaBot BETA 1.2 (support.voilabot@provider.example)"'
    landing.put("access_log/a.log", named + "\n", source="access_log")
    landing.load()
    assert landing.rows("select user_agent, is_bot, bot_name from raw.user_agents") == [
        ("Mozilla/5.0 (Windows) VoilaBot BETA 1.2 ([email])", True, "voilabot")
    ]
