"""The generated documents are those of the models and contracts as they are."""

from data_contracts.contract import load_contracts
from orchestration.documentation import documents
from orchestration.settings import CHECKOUT, Settings


def test_the_documents_in_the_repository_are_what_the_models_and_contracts_say(built: Settings):
    for name, text in documents(built).items():
        assert (CHECKOUT / "docs" / name).read_text(encoding="utf-8") == text, f"docs/{name}: run `make docs`"


def test_every_input_column_is_explained(built: Settings):
    text = documents(built)["inputs.md"]
    for contract in load_contracts().values():
        assert f"## {contract.dataset}\n" in text
        for column in contract.columns:
            assert column.description, f"{contract.dataset}.{column.name} has no description"
