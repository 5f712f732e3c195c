"""The open part of an event: what looks personal in it is masked.

Add here: how a property is judged. Keep out: which properties a business knows; its seed says that.
"""


def mask_properties(properties: str, unknown: str) -> str:
    """SQL for the properties of an event with its unknown keys; on a clash the properties' own key wins."""
    merged = (
        f"case when {unknown} is null then {properties}"
        f" when {properties} is null then {unknown}"
        f" else json_merge_patch({unknown}, {properties})::varchar end"
    )
    return f"mask_shapes({merged})"
