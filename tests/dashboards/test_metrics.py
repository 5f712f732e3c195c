import pytest

from dashboards.metrics import METRICS, NO_VALUE, change_text, seconds_text, value_text


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 m 0 s"),
        (102, "1 m 42 s"),
        (3600, "1 h 0 m"),
        (187_200, "2 d 4 h"),
        (None, NO_VALUE),
    ],
)
def test_a_length_of_time_is_written_in_its_two_largest_units(seconds, shown):
    assert seconds_text(seconds) == shown


def test_rates_change_by_points_and_counts_by_percent():
    assert change_text(METRICS["conversion_rate"], 0.05, 0.04) == "+1.0 pp"
    assert change_text(METRICS["sessions"], 90, 120) == "-25.0 %"
    assert change_text(METRICS["sessions"], 90, 0) is None
    assert change_text(METRICS["sessions"], float("nan"), 1) is None


def test_money_is_written_with_its_currency():
    assert value_text(METRICS["revenue"], 12345.6, "EUR") == "12,346 EUR"


def test_every_metric_has_a_description_that_ends_as_a_sentence():
    assert [metric.name for metric in METRICS.values() if not metric.description.endswith(".")] == []
