"""Typed settings, read once from the environment, and the places under TRACKWAY_HOME.

Add here: one field for each TRACKWAY_ variable, with its allowed values as the description, and one
property for each place under the home. Keep out: anything that opens what stands at those places.
"""

import difflib
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from orchestration.errors import ExpectedError

CHECKOUT: Final = Path(__file__).resolve().parent.parent
DBT_PROJECT: Final = CHECKOUT / "dbt_project"
BUSINESSES: Final = DBT_PROJECT / "businesses"
PREFIX: Final = "TRACKWAY_"

_MEMORY = re.compile(r"\d+(\.\d+)? ?(MB|GB|TB|MiB|GiB|TiB)", re.IGNORECASE)


class SettingsError(ExpectedError):
    """A TRACKWAY_ variable is unknown or has a value that is not allowed."""


def _memory_limit(text: str) -> str:
    if not _MEMORY.fullmatch(text):
        raise ValueError(text)
    return text


def _as_of(text: Any) -> Any:
    if text == "":
        return None
    moment = datetime.fromisoformat(text) if isinstance(text, str) else text
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment


def _business(text: str) -> str:
    folder = _business_folder(text)
    if not (folder / "business.yml").is_file():
        raise ValueError(text)
    return text if folder.parent == BUSINESSES else str(folder)


def _business_folder(text: str) -> Path:
    named = BUSINESSES / text
    return named if named.parent == BUSINESSES and "/" not in text else Path(text).expanduser().resolve()


def _absolute(path: Path) -> Path:
    return path.expanduser().resolve()


Port = Annotated[int, Field(ge=1, le=65535, description="a port number from 1 to 65535")]


class Settings(BaseModel):
    """Everything that can be set from outside; built by `from_environment` and passed on, never re-read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Annotated[Path, AfterValidator(_absolute), Field(description="a folder")] = CHECKOUT / ".trackway"
    business: Annotated[
        str,
        AfterValidator(_business),
        Field(
            validate_default=False, description="repair, travel, shop or a folder that holds a business.yml"
        ),
    ] = "repair"
    as_of: Annotated[
        datetime | None,
        BeforeValidator(_as_of),
        Field(description="a UTC timestamp such as 2026-11-15T00:00:00, or unset"),
    ] = None
    memory_limit: Annotated[
        str, AfterValidator(_memory_limit), Field(description="a size such as 4GiB or 800MB")
    ] = "4GiB"
    threads: int = Field(
        default_factory=lambda: os.cpu_count() or 1,
        ge=1,
        le=1024,
        description="a whole number from 1 to 1024",
    )
    published_versions_kept: int = Field(
        default=7, ge=1, le=1000, description="a whole number from 1 to 1000"
    )
    dagster_port: Port = 3000
    dashboard_port: Port = 8501
    mlflow_port: Port = 5000
    person_pages: bool = Field(default=False, description="0 or 1")
    test_data: Annotated[Path | None, Field(description="a folder (tests only)")] = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Settings from the TRACKWAY_ variables of `environ`.

        Raises SettingsError with the variable's name and what is allowed.
        """
        values = {key.removeprefix(PREFIX): value for key, value in environ.items() if key.startswith(PREFIX)}
        for name in values:
            if name != name.upper() or name.lower() not in cls.model_fields:
                raise SettingsError(_unknown(name))
        try:
            return cls.model_validate({name.lower(): value for name, value in values.items()})
        except ValidationError as error:
            raise SettingsError(_wrong(error)) from None

    @model_validator(mode="after")
    def _ports_differ(self) -> "Settings":
        if len({self.dagster_port, self.dashboard_port, self.mlflow_port}) < 3:
            names = ", ".join(PREFIX + name for name in ("DAGSTER_PORT", "DASHBOARD_PORT", "MLFLOW_PORT"))
            raise ValueError(f"{names} must be three different ports")
        return self

    @property
    def business_folder(self) -> Path:
        """Folder with business.yml and the seeds."""
        return _business_folder(self.business)

    @property
    def landing(self) -> Path:
        """Files as they arrive: <source>/<dataset>/**."""
        return self.home / "landing"

    @property
    def truth(self) -> Path:
        """What a sample generator knows and the pipeline must not read."""
        return self.home / "truth"

    @property
    def warehouse(self) -> Path:
        """The writer's DuckDB file."""
        return self.home / "warehouse.duckdb"

    @property
    def warehouse_lock(self) -> Path:
        """File lock that whoever opens the warehouse holds."""
        return self.home / "warehouse.lock"

    @property
    def published(self) -> Path:
        """Published versions and current.json."""
        return self.home / "published"

    @property
    def status(self) -> Path:
        """One status file for each run and current.json."""
        return self.home / "status"

    @property
    def state(self) -> Path:
        """SQLite file with what landing cannot give back."""
        return self.home / "state.db"

    @property
    def vault(self) -> Path:
        """Pseudonym keys; 0700."""
        return self.home / "vault"

    @property
    def quarantine(self) -> Path:
        """Rejected lines, verbatim; 0700."""
        return self.home / "quarantine"

    @property
    def exports(self) -> Path:
        """Files made for one person or one destination; 0700."""
        return self.home / "exports"

    @property
    def outbox(self) -> Path:
        """Files waiting for delivery; 0700."""
        return self.home / "outbox"

    @property
    def reports(self) -> Path:
        """Written reports."""
        return self.home / "reports"

    @property
    def quality(self) -> Path:
        """Data-quality reports."""
        return self.home / "quality"

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME."""
        return self.home / "dagster"

    @property
    def logs(self) -> Path:
        """What runs and servers print."""
        return self.home / "logs"

    @property
    def temporary(self) -> Path:
        """Spill files."""
        return self.home / "tmp"

    @property
    def development(self) -> Path:
        """Private copies of the warehouse."""
        return self.home / "dev"

    @property
    def dbt_target(self) -> Path:
        """Manifest, compiled SQL and run results."""
        return self.home / "dbt" / "target"

    @property
    def dbt_logs(self) -> Path:
        """Logs of dbt."""
        return self.home / "dbt" / "logs"

    @property
    def mlflow_db(self) -> Path:
        """Tracking store."""
        return self.home / "mlflow.db"

    @property
    def mlartifacts(self) -> Path:
        """Artifacts of the tracking store."""
        return self.home / "mlartifacts"

    def environment(self) -> dict[str, str]:
        """The same settings as TRACKWAY_ variables, for a child process."""
        values = self.model_dump(mode="json", exclude_none=True)
        return {PREFIX + name.upper(): _as_text(value) for name, value in values.items()}


def _as_text(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _unknown(name: str) -> str:
    known = [PREFIX + field.upper() for field in Settings.model_fields]
    nearest = difflib.get_close_matches(PREFIX + name.upper(), known, n=1)
    hint = f"did you mean {nearest[0]}? " if nearest else ""
    return f"unknown setting {PREFIX}{name}: {hint}Known: {', '.join(known)}"


def _wrong(error: ValidationError) -> str:
    first = error.errors()[0]
    if not first["loc"]:
        return str(first["ctx"]["error"])
    field = str(first["loc"][0])
    allowed = Settings.model_fields[field].description
    return f"{PREFIX}{field.upper()}={first['input']!r} is not allowed: set it to {allowed}"
