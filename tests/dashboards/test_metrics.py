import pytest

from dashboards.metrics import METRICS, NO_VALUE, NONE_BEFORE, change_text, seconds_text, value_text


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 sec"),
        (59.4, "59 sec"),
        (59.6, "1 min"),
        (102, "1 min, 42 sec"),
        (3600, "1 hr"),
        (86_399, "1 day"),
        (187_200, "2 days, 4 hr"),
        (None, NO_VALUE),
    ],
)
def test_a_length_of_time_is_written_in_its_two_largest_units(seconds, shown):
    assert seconds_text(seconds) == shown


def test_rates_change_by_points_and_counts_by_percent():
    assert change_text(METRICS["conversion_rate"], 0.05, 0.04) == "+1.0 pp"
    assert change_text(METRICS["sessions"], 90, 120) == "-25.0 %"
    assert change_text(METRICS["sessions"], 90, None) is None


def test_what_was_not_there_before_has_no_percentage():
    assert change_text(METRICS["sessions"], 90, 0) == NONE_BEFORE
    assert change_text(METRICS["conversion_rate"], 0.5, float("nan")) == NONE_BEFORE


def test_money_is_written_with_its_currency():
    assert value_text(METRICS["revenue"], 12345.6, "EUR") == "12,346 EUR"


def test_every_metric_has_a_description_that_ends_as_a_sentence():
    assert [metric.name for metric in METRICS.values() if not metric.description.endswith(".")] == []
