"""The vault: pseudonym keys, day keys, and the only map from raw identifier to pseudonym.

Add here: another key, with why it exists and when it is destroyed. Keep out: rows of the warehouse.
"""

import contextlib
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import duckdb

from orchestration.settings import Settings
from orchestration.warehouse import quote_literal

DAY_KEY_LIFE: Final = timedelta(days=3)
PSEUDONYM_HEX: Final = 32
_BLOCK: Final = hashlib.sha256().block_size
_TABLE: Final = """
create table if not exists vault.identifiers (
    identifier_key bigint, kind varchar, value varchar, pseudonym varchar
)
"""


@dataclass(frozen=True)
class HmacKey:
    """The two padded blocks of an HMAC-SHA256 key; bound as parameters, never part of a statement."""

    inner: bytes
    outer: bytes

    @classmethod
    def of(cls, hexadecimal: str) -> "HmacKey":
        """From a key of at most 64 bytes."""
        block = bytes.fromhex(hexadecimal).ljust(_BLOCK, b"\0")
        return cls(bytes(one ^ 0x36 for one in block), bytes(one ^ 0x5C for one in block))


def hmac_sql(message: str, inner: str, outer: str) -> str:
    """SQL for the pseudonym of a text expression: HMAC-SHA256, cut to 128 bits, as 32 hex digits."""
    return f"substr(sha256({outer} || unhex(sha256({inner} || encode({message})))), 1, {PSEUDONYM_HEX})"


@contextlib.contextmanager
def attached_vault(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[None]:
    """The dictionary of identifiers as the connection's database `vault`; only its owner may read it."""
    file = settings.vault / "identifiers.duckdb"
    connection.execute(f"attach {quote_literal(str(file))} as vault")
    try:
        file.chmod(0o600)
        connection.execute(_TABLE)
        yield
    finally:
        connection.execute("detach vault")


def pseudonym_key(settings: Settings) -> HmacKey:
    """The key of all pseudonyms but those of cookieless visitors; made at the first call."""
    return HmacKey.of(_read_keys(settings)["pseudonym"])


def body_salt(settings: Settings) -> str:
    """Secret that goes into the hash of a body, so that nobody can try out what it held."""
    return hmac.digest(bytes.fromhex(_read_keys(settings)["pseudonym"]), b"body", "sha256").hex()


def day_keys(settings: Settings, days: Iterable[date], now: datetime) -> Mapping[date, HmacKey]:
    """Keys of those UTC days whose key was not destroyed; makes the ones that never existed."""
    keys = _read_keys(settings)
    wanted = [day.isoformat() for day in days]
    missing = [day for day in wanted if day not in keys["days"]]
    for day in missing:
        keys["days"][day] = {"key": secrets.token_hex(32), "created_at": now.isoformat()}
    if missing:
        _write_keys(settings, keys)
    known = {day: keys["days"][day]["key"] for day in wanted}
    return {date.fromisoformat(day): HmacKey.of(key) for day, key in known.items() if key}


def destroy_day_keys(settings: Settings, now: datetime) -> int:
    """Destroy the day keys made more than DAY_KEY_LIFE ago; returns how many. The days stay known."""
    keys = _read_keys(settings)
    old = [
        one
        for one in keys["days"].values()
        if one["key"] and datetime.fromisoformat(one["created_at"]) < now - DAY_KEY_LIFE
    ]
    for one in old:
        one["key"] = None
    if old:
        _write_keys(settings, keys)
    return len(old)


def _read_keys(settings: Settings) -> dict[str, Any]:
    file = settings.vault / "keys.json"
    if not file.exists():
        # Suppression has a key of its own, because it must outlive a change of the pseudonym key.
        _write_keys(
            settings,
            {
                "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "pseudonym": secrets.token_hex(32),
                "suppression": secrets.token_hex(32),
                "days": {},
            },
        )
    keys: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return keys


def _write_keys(settings: Settings, keys: Mapping[str, Any]) -> None:
    file = settings.vault / "keys.json"
    partial = file.with_suffix(".tmp")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(keys, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    partial.replace(file)
