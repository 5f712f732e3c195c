"""Published versions on disk: current.json, rollback, and which files stay.

Add here: what readers must know about a version before they open it. Keep out: how a version is written.
"""

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from orchestration.defs.transform.builds import Build
from orchestration.errors import ExpectedError
from orchestration.settings import Settings


class VersionError(ExpectedError):
    """A version cannot be read or rolled back to."""


@dataclass(frozen=True)
class Version:
    """One published file. `tables` maps names to rows; `pinned` holds later versions back."""

    version: str
    published_at: str
    run_id: str
    business: str
    build: Build
    tables: dict[str, int]
    pinned: bool = False

    @property
    def file(self) -> str:
        """File name within the published folder."""
        return f"{self.version}.duckdb"


def version_name(run_id: str, now: datetime) -> str:
    """Sorts by time: 20261115T021500Z-1a2b3c4d."""
    return f"{now:%Y%m%dT%H%M%SZ}-{run_id[:8]}"


def current_version(settings: Settings) -> Version | None:
    """What readers see; None before the first publication."""
    return _read(settings.published / "current.json")


def point_to(settings: Settings, version: Version) -> bool:
    """Make `version` what readers open, unless a rollback holds new versions back; True when it did."""
    with _pointer(settings):
        current = current_version(settings)
        if current is not None and current.pinned:
            return False
        _write(settings.published / f"{version.version}.json", version)
        _write(settings.published / "current.json", version)
        return True


def roll_back(settings: Settings, name: str | None) -> Version:
    """Point to the version `name`, or to the one before the current, and pin it.

    Raises VersionError where there is no such version, naming those that are kept.
    """
    with _pointer(settings):
        current, kept = current_version(settings), kept_versions(settings)
        older = [one for one in kept if current is not None and one < current.version]
        wanted = name or (older[-1] if older else None)
        if wanted not in kept:
            missing = f"no version {name}" if name else "no older version"
            raise VersionError(
                f"{missing} in {settings.published}: choose one of {', '.join(kept) or 'none'}"
            )
        version = _read(settings.published / f"{wanted}.json")
        if version is None:
            raise VersionError(f"{settings.published}/{wanted}.json is missing: choose another version")
        pinned = replace(version, pinned=True)
        _write(settings.published / "current.json", pinned)
        return pinned


def resume(settings: Settings) -> None:
    """Let the next run publish again. Raises VersionError before the first publication."""
    with _pointer(settings):
        current = current_version(settings)
        if current is None:
            raise VersionError(f"nothing is published in {settings.published}: run `trackway run` first")
        _write(settings.published / "current.json", replace(current, pinned=False))


def kept_versions(settings: Settings) -> list[str]:
    """Names of the versions that were published and are still there, oldest first."""
    files = settings.published.glob("*.duckdb")
    return sorted(file.stem for file in files if file.with_suffix(".json").exists())


def prune_versions(settings: Settings) -> list[str]:
    """Delete all files but the newest `published_versions_kept` versions and the current one.

    Whoever calls holds the claim on the warehouse: files that no version names are what a killed run left.
    Returns the names of the files that went.
    """
    with _pointer(settings):
        current = current_version(settings)
        kept = set(kept_versions(settings)[-settings.published_versions_kept :])
        kept |= {current.version} if current else set()
        gone = [file for file in settings.published.glob("*.duckdb*") if file.name.split(".")[0] not in kept]
        for file in gone:
            file.unlink()
            (settings.published / f"{file.stem}.json").unlink(missing_ok=True)
        return sorted(file.name for file in gone)


@contextlib.contextmanager
def _pointer(settings: Settings) -> Iterator[None]:
    # A rollback may come while a run publishes.
    with FileLock(settings.published / "current.lock"):
        yield


def _read(file: Path) -> Version | None:
    if not file.exists():
        return None
    fields: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    moment = datetime.fromisoformat(fields["as_of"])
    build = Build(fields["load_id"], moment, fields["fingerprint"], fields["built_by"])
    names = ("version", "published_at", "run_id", "business", "tables", "pinned")
    return Version(build=build, **{name: fields[name] for name in names})


def _write(file: Path, version: Version) -> None:
    fields = {
        "version": version.version,
        "file": version.file,
        "published_at": version.published_at,
        "as_of": version.build.as_of.isoformat(),
        "load_id": version.build.load_id,
        "fingerprint": version.build.fingerprint,
        "built_by": version.build.built_by,
        "run_id": version.run_id,
        "business": version.business,
        "tables": version.tables,
        "pinned": version.pinned,
    }
    partial = file.with_suffix(f".{os.getpid()}.tmp")
    with partial.open("w", encoding="utf-8") as stream:
        json.dump(fields, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(file)
