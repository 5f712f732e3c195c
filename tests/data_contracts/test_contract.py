"""Contracts follow the open standard, and a contract that says nonsense is refused by name."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft201909Validator
from open_data_contract_standard.model import OpenDataContractStandard

from data_contracts.contract import FOLDER, SUFFIX, ContractError, load_contracts, read_contract

FILES = sorted(FOLDER.glob(f"*{SUFFIX}"))
INPUTS = {
    "events", "ad_spend", "bookings", "customers", "catalogue", "price_quotes", "support_tickets", "feedback",
    "consent_records", "experiments", "exchange_rates", "access_log",
}  # fmt: skip


def test_there_is_a_contract_for_every_input() -> None:
    assert load_contracts().keys() == INPUTS


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_contract_is_valid_by_the_standards_own_schema(file: Path) -> None:
    schema = json.loads(OpenDataContractStandard.json_schema())
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert document["apiVersion"] == "v3.1.0"
    assert [error.message for error in Draft201909Validator(schema).iter_errors(document)] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_contract_describes_each_column_and_has_an_owner(file: Path) -> None:
    contract = read_contract(file)
    assert contract.owner
    assert [column.name for column in contract.columns if not column.description] == []


def test_identifiers_are_marked_wherever_they_arrive() -> None:
    kinds = {"user_id": "user", "anonymous_id": "device", "email": "email", "phone": "phone"}
    for contract in load_contracts().values():
        for column in contract.columns:
            if column.name in kinds:
                assert column.identifier_kind == kinds[column.name]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("logicalType: number", "logicalType: money", "money"),
        ("metric: invalidValues", "metric: rowCount", "invalidValues"),
        ("  name: marketing", "  description: nobody", "team.name"),
        ("unit: d", "unit: fortnights", "fortnights"),
    ],
)
def test_a_contract_that_cannot_be_carried_out_is_refused_by_name(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    text = (FOLDER / f"ad_spend{SUFFIX}").read_text(encoding="utf-8").replace("unit: h", "unit: d")
    assert old in text
    file = tmp_path / f"ad_spend{SUFFIX}"
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ContractError, match=said) as error:
        read_contract(file)
    assert str(file) in str(error.value)
