"""The bytes of a file under landing: decompressed, hashed, and refused where they are of another kind.

Add here: a compression, or a kind of file that is refused by its first bytes. Keep out: lines and columns.
"""

import contextlib
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import BinaryIO, Final, cast

import pyarrow as pa

from orchestration.defs.raw.landing import ChangedError, LandingFile, RefusedError

# Small enough that hashing and splitting find the chunk in the processor's cache.
CHUNK_BYTES: Final = 2 << 20
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_WRONG_KINDS: Final = {
    b"PK\x03\x04": "a zip archive",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "an SQLite file",
    b"%PDF": "a PDF",
}


@dataclass
class FileRead:
    """What reading a file showed. `bytes` and `content_hash` are of the decompressed content."""

    file: LandingFile
    file_id: int
    content_hash: str = ""
    bytes: int = 0
    lines: int = 0
    refused: str | None = None
    changed: bool = False
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256, repr=False)

    @contextlib.contextmanager
    def guarded(self) -> Iterator[None]:
        """Turns what goes wrong in the file into `refused` or `changed`; the other files go on."""
        try:
            yield
        except ChangedError:
            self.changed = True
        except RefusedError as error:
            self.refused = str(error)
        except EOFError:
            self.refused = "the compressed file ends too early: deliver it again"
        except (gzip.BadGzipFile, zlib.error, pa.ArrowException) as error:
            self.refused = f"the file is damaged ({_first_line(error)}): deliver it again"
        except OSError as error:
            self.refused = f"the file cannot be read: {_first_line(error)}"
        self.content_hash = self.digest.hexdigest()


def hashed_chunks(read: FileRead) -> Iterator[bytes]:
    """Decompressed content without byte order mark, hashed. Raises RefusedError, ChangedError."""
    # Hashing lets go of the interpreter, so it runs beside everything else.
    with read.file.open() as file, ThreadPoolExecutor(1) as beside:
        stream = _decompressed(file)
        first, hashed = True, beside.submit(lambda: None)
        while chunk := stream.read(CHUNK_BYTES):
            hashed.result()
            hashed = beside.submit(read.digest.update, chunk)
            read.bytes += len(chunk)
            if first:
                _refuse_wrong_kind(chunk)
                chunk, first = chunk.removeprefix(b"\xef\xbb\xbf"), False
            yield chunk
        read.file.raise_if_changed(file)


def _decompressed(file: BinaryIO) -> BinaryIO:
    """By the first bytes and not by the name, which is now and then wrong."""
    magic = file.read(4)
    file.seek(0)
    if magic.startswith(_GZIP):
        return cast(BinaryIO, gzip.GzipFile(fileobj=file))
    if magic == _ZSTD:
        return cast(BinaryIO, pa.CompressedInputStream(pa.PythonFile(file), "zstd"))
    return file


def _refuse_wrong_kind(start: bytes) -> None:
    for magic, kind in _WRONG_KINDS.items():
        if start.startswith(magic):
            raise RefusedError(f"the content is {kind}, not lines of UTF-8 text")
    head = start[:512].lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html")):
        raise RefusedError("the content is an HTML page, not lines of data")
    if start[:4096].count(0) > 64:
        raise RefusedError("the content is binary, not lines of UTF-8 text")


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
