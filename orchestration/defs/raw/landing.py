"""Finds the files under landing/ and says which of them must not be touched.

Add here: a rule by which a file is left alone or refused without reading it. Keep out: reading content.
"""

import os
import stat
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

YOUNG_SECONDS: Final = 2.0
_SETTLE_SECONDS: Final = 0.3
_UNFINISHED_ENDINGS: Final = (".tmp", ".part", ".inprogress")
_COMPRESSIONS: Final = (".gz", ".zst")
_FORMATS: Final = {
    ".jsonl": "json",
    ".ndjson": "json",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".log": "log",
}


class RefusedError(Exception):
    """A file cannot be loaded as it is; the text says why."""


class ChangedError(Exception):
    """A file was written to while it was read."""


@dataclass(frozen=True)
class LandingFile:
    """A file as it was found. `name` is its path under landing/, safe to show; times in nanoseconds."""

    path: Path
    name: str
    source: str
    dataset: str
    size: int
    modified_ns: int
    is_regular: bool

    @property
    def format(self) -> str | None:
        """json, csv, parquet or log by the name's ending; None where it says nothing."""
        name = self.path.name.lower()
        for compression in _COMPRESSIONS:
            name = name.removesuffix(compression)
        return _FORMATS.get(Path(name).suffix)

    def open(self) -> BinaryIO:
        """The file's bytes; never follows a symbolic link and never waits for a pipe."""
        number = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        return cast(BinaryIO, os.fdopen(number, "rb", buffering=1 << 20))

    def raise_if_changed(self, file: BinaryIO) -> None:
        """Raises ChangedError where the open file is not what was found."""
        found = os.fstat(file.fileno())
        if (found.st_size, found.st_mtime_ns) != (self.size, self.modified_ns):
            raise ChangedError(self.name)


def find_files(landing: Path) -> list[LandingFile]:
    """Every file at landing/<source>/<dataset>/**, in order of name; links and pipes as not regular."""
    files = []
    for source in _folders(landing):
        for dataset in _folders(source):
            files += [_describe(entry, landing, source.name, dataset.name) for entry in _walk(dataset)]
    return sorted(files, key=lambda file: file.name)


def split_unfinished(files: Sequence[LandingFile]) -> tuple[list[LandingFile], list[LandingFile]]:
    """Files that can be read, and files that somebody seems to be writing still."""
    named = {file for file in files if _is_named_unfinished(file.path.name)}
    young = [file for file in files if time.time() - file.modified_ns / 1e9 < YOUNG_SECONDS]
    if young:
        time.sleep(_SETTLE_SECONDS)
    growing = {file for file in young if _has_changed(file)}
    unfinished = named | growing
    return [file for file in files if file not in unfinished], [file for file in files if file in unfinished]


def _has_changed(file: LandingFile) -> bool:
    try:
        found = file.path.lstat()
    except FileNotFoundError:
        return True
    return (found.st_size, found.st_mtime_ns) != (file.size, file.modified_ns)


def _is_named_unfinished(name: str) -> bool:
    return name.startswith((".", "_")) or name.lower().endswith(_UNFINISHED_ENDINGS)


def _folders(parent: Path) -> list[Path]:
    with os.scandir(parent) as entries:
        return sorted(Path(one.path) for one in entries if one.is_dir(follow_symlinks=False))


def _walk(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path))
            else:
                yield entry


def _describe(entry: os.DirEntry[str], landing: Path, source: str, dataset: str) -> LandingFile:
    found = entry.stat(follow_symlinks=False)
    path = Path(entry.path)
    return LandingFile(
        path=path,
        name=_shown(path.relative_to(landing)),
        source=_shown(Path(source)),
        dataset=_shown(Path(dataset)),
        size=found.st_size,
        modified_ns=found.st_mtime_ns,
        is_regular=stat.S_ISREG(found.st_mode),
    )


def _shown(path: Path) -> str:
    """Names that are not UTF-8 or hold control characters, as text that can stand in a table and a log."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)
