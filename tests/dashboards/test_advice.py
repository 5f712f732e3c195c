import pytest

from dashboards.advice import GENERAL, advice
from data_contracts.contract import load_contracts
from orchestration.defs.raw.rules import column_rules


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("not valid JSON", "JSON object"),
        ("properties is not a JSON object", "JSON object"),
        ("not valid UTF-8 at byte 7 of the line; kept as base64", "UTF-8"),
        ("size_violation: longer than 8 MB; the start is kept as base64", "Send less"),
        ("not a line of the common or combined log format", "log format"),
        ("a quote is opened and not closed", "quoted"),
        ("7 columns instead of 9", "as many values"),
        ("future-dated: more than 10 minutes later than it was received", "clock"),
        ("line 1: the header has no column event_id: rename it or add it", "header"),
        ("the compressed file ends too early: deliver it again", "whole file"),
        ("the column event_id is missing: rename it or change the contract", "columns"),
    ],
)
def test_a_reason_has_advice_of_its_own(reason, word):
    assert word in advice(reason) and GENERAL not in advice(reason)


def test_two_reasons_have_the_advice_of_both():
    both = advice("event_type is missing; event_ts is not a valid timestamp")
    assert "fill this field" in both and "ISO 8601" in both


def test_an_unknown_reason_has_general_advice():
    assert advice("struck by lightning") == GENERAL


def test_no_rule_of_a_contract_is_left_to_general_advice():
    columns = [column for contract in load_contracts().values() for column in contract.columns]
    reasons = {rule.reason for column in columns for rule in column_rules(column)}
    assert len(reasons) > 20
    assert {reason for reason in reasons if advice(reason) == GENERAL} == set()
