"""What `dagster` loads: everything under defs/, one folder per stage.

Add here: nothing; a new stage is a folder in defs/. Keep out: code that runs at import.
"""

from pathlib import Path

import dagster as dg


@dg.definitions
def defs() -> dg.Definitions:
    """Assets, jobs, schedules, sensors and resources of this checkout, for the home of the environment."""
    return dg.load_from_defs_folder(path_within_project=Path(__file__))
