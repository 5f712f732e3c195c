"""The open part of an event: known keys pass, everything else is masked where it looks personal.

Add here: how a property is judged. Keep out: which properties a business knows; its seed says that.
"""

import csv
from pathlib import Path

import duckdb

from orchestration.warehouse import quote_literal


def create_property_masks(connection: duckdb.DuckDBPyConnection, business_folder: Path) -> None:
    """Temporary SQL macro mask_keys(event_type, object): national telephone numbers go, but for known keys.

    Such a number is only digits in groups, so that a size or a part number of a known key can look like one.
    """
    with (business_folder / "event_properties.csv").open(encoding="utf-8", newline="") as file:
        known = [
            quote_literal(f"{row['event_type']}/{row['property']}")
            for row in csv.DictReader(file)
            if row["personal_data"] != "personal"
        ]
    connection.execute(
        f"""
        create or replace temp macro is_known_property(event_type, key) as
            ('*/' || key) in ({", ".join(known)}) or (event_type || '/' || key) in ({", ".join(known)});
        create or replace temp macro mask_keys(event_type, object) as
            '{{' || array_to_string(list_transform(json_keys(object), lambda key:
                to_json(key)::varchar || ':' || case when is_known_property(event_type, key)
                    then json_extract(object, '/' || replace(replace(key, '~', '~0'), '/', '~1'))::varchar
                    else mask_national(json_extract(object,
                        '/' || replace(replace(key, '~', '~0'), '/', '~1'))::varchar) end), ',') || '}}';
        """
    )


def merge_properties(properties: str, unknown: str) -> str:
    """SQL for the properties of an event with its unknown keys; on a clash the properties' own key wins."""
    return (
        f"case when {unknown} is null then {properties}"
        f" when {properties} is null then {unknown}"
        f" else json_merge_patch({unknown}, {properties})::varchar end"
    )


def mask_properties(event_type: str, properties: str, may_be_personal: str) -> str:
    """SQL for the masked properties of an event. A number in JSON is not text and keeps its digits."""
    keys = (
        f"case when has_national({properties})"
        f" then mask_keys({event_type}, {properties}) else {properties} end"
    )
    return f"case when {may_be_personal} then mask_shapes({keys}) else {keys} end"
