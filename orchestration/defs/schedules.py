"""Jobs and when they run by themselves.

Add here: a job or schedule. Keep out: what a job does; that is the assets it selects.
"""

import dagster as dg
import yaml

from orchestration.defs.published.assets import VERSION_KEY
from orchestration.settings import Settings

DAILY = "daily"
PUBLISH = "publish"


@dg.definitions
def schedules() -> dg.Definitions:
    """`daily` runs every stage at 02:00 of the business's reporting time zone; `publish` only publishes."""
    settings = Settings.from_environment()
    business = yaml.safe_load((settings.business_folder / "business.yml").read_text(encoding="utf-8"))
    daily = dg.define_asset_job(DAILY, selection=dg.AssetSelection.all(), description="Landing to published.")
    publish = dg.define_asset_job(
        PUBLISH,
        selection=dg.AssetSelection.assets(VERSION_KEY),
        description="Publish the last build, after a rollback.",
    )
    every_night = dg.ScheduleDefinition(
        job=daily,
        cron_schedule="0 2 * * *",
        execution_timezone=business["reporting_timezone"],
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    return dg.Definitions(jobs=[daily, publish], schedules=[every_night])
