"""What `dagster` loads: everything under defs/, one folder per stage.

Add here: nothing; a new stage is a folder in defs/. Keep out: code that runs at import.
"""

from pathlib import Path

import dagster as dg

from orchestration.dbt import find_manifest
from orchestration.settings import Settings


@dg.definitions
def defs() -> dg.Definitions:
    """Assets, jobs, schedules, sensors and resources of this checkout, for the home of the environment."""
    # First, because an error inside a folder of defs/ is reported as a tree of modules.
    find_manifest(Settings.from_environment())
    return dg.load_from_defs_folder(path_within_project=Path(__file__))
