"""What assets are given by name.

Add here: a client or setting that several assets need. Keep out: anything that connects when it is made.
"""

import dagster as dg

from orchestration.dbt import OfflineDbtCli, dbt_executable
from orchestration.settings import DBT_PROJECT, Settings


@dg.definitions
def resources() -> dg.Definitions:
    """`settings`, `dbt`, and steps in turn in one process, because DuckDB lets one process write."""
    settings = Settings.from_environment()
    return dg.Definitions(
        executor=dg.in_process_executor,
        resources={
            "settings": settings,
            "dbt": OfflineDbtCli(
                project_dir=str(DBT_PROJECT), profiles_dir=str(DBT_PROJECT), dbt_executable=dbt_executable()
            ),
        },
    )
