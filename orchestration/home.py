"""Makes TRACKWAY_HOME: its folders with their permissions, Dagster's instance settings, the state file.

Add here: a folder that something needs before it starts. Keep out: what is written into the folders.
"""

import os
import shutil
from pathlib import Path

from orchestration.settings import Settings
from orchestration.state import migrate_state

INSTANCE_TEMPLATE = Path(__file__).parent / "dagster.yaml"


def prepare_home(settings: Settings) -> None:
    """Create or bring up to date everything under the home; safe to call again and from two processes.

    What holds personal data in the clear (vault, quarantine, exports, outbox, spilled rows) is open to its
    owner alone.
    Raises StateError when the home was made by newer code.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    for shared in (
        settings.landing,
        settings.published,
        settings.status,
        settings.reports,
        settings.quality,
        settings.dagster,
        settings.logs,
        settings.development,
        settings.dbt_target,
        settings.dbt_logs,
        settings.mlartifacts,
    ):
        shared.mkdir(parents=True, exist_ok=True)
    for private in (
        settings.vault,
        settings.quarantine,
        settings.exports,
        settings.outbox,
        settings.temporary,
    ):
        private.mkdir(mode=0o700, exist_ok=True)
        private.chmod(0o700)
    migrate_state(settings)
    settings.state.chmod(0o600)
    _copy_instance_template(settings.dagster / "dagster.yaml")


def _copy_instance_template(target: Path) -> None:
    """Replace in one step, because a Dagster process may be reading it."""
    if target.exists() and target.read_bytes() == INSTANCE_TEMPLATE.read_bytes():
        return
    partial = target.with_suffix(f".{os.getpid()}.tmp")
    shutil.copyfile(INSTANCE_TEMPLATE, partial)
    partial.replace(target)
