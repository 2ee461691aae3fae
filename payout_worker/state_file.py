"""The state file of one unit: what was in flight on which chain, in which order, when the process last saved it.

The truth is in MongoDB; this file is a hint that a start may lose. So a file that is missing, cut, changed, of an older
format or of an older epoch is set aside with a warning and the start goes on from MongoDB alone.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from typing import Any, Final, Self

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from wallet_core.domain.errors import Unavailable
from wallet_core.domain.money import Asset

log = structlog.get_logger(__name__)

VERSION: Final = 2
_CHECKSUM: Final = "checksum"
_LOCK_FILE: Final = "lock"
_IDENTITY_FILE: Final = "identity"
#: Ten times what a worker with all that it can have in flight writes; more is not looked at.
_MOST_BYTES: Final = 16 * 2**20
_LONGEST_IDENTITY: Final = 64
#: An object with a list of objects. Python's parser is recursive, and much deeper nesting kills the whole process.
_DEEPEST: Final = 3
_BRACKET: Final = re.compile(rb"[\[\]{}]")


class Item(BaseModel):
    """Something in flight: a batch or an invoice, its chain, and the step that comes next."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    asset: Asset
    kind: str
    id: str
    step: str


class Saved(BaseModel):
    """What a state file says. ``saved_at`` is this machine's time, for people to read; nothing goes by it.

    ``epochs`` has each chain's lease as it was held when its items and cursors were noted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = VERSION
    unit: str
    pid: int
    epochs: dict[Asset, int]
    sequence: int
    why: str
    saved_at: datetime
    items: tuple[Item, ...]
    cursors: dict[Asset, dict[str, int]]

    @model_validator(mode="after")
    def _has_an_epoch_for_all(self) -> Self:
        if not {*self.cursors, *(item.asset for item in self.items)} <= self.epochs.keys():
            raise ValueError("something in it is of no epoch")
        return self


class StateFile:
    """``<unit>.state.json`` in a state directory."""

    def __init__(self, folder: Path, unit: str) -> None:
        self.path = folder / f"{unit}.state.json"
        self._unit = unit
        self._sequence = 0

    def load(self) -> Saved | None:
        """What was saved last; None when there is nothing to rely on."""
        try:
            saved = parsed(_read(self.path), self._unit)
        except FileNotFoundError:
            log.info("state_file_missing", file=self.path.name)
            return None
        except (ValueError, OSError) as error:
            self.set_aside(str(error))
            return None
        self._sequence = saved.sequence
        return saved

    def save(
        self,
        why: str,
        epochs: Mapping[Asset, int],
        items: tuple[Item, ...] = (),
        cursors: Mapping[Asset, dict[str, int]] | None = None,
    ) -> None:
        """Replaces the file whole and durably. Raises ``Unavailable`` when the disk does not take it."""
        self._sequence += 1
        saved = Saved(
            unit=self._unit,
            pid=os.getpid(),
            epochs=dict(epochs),
            sequence=self._sequence,
            why=why,
            saved_at=datetime.now(UTC),
            items=items,
            cursors=dict(cursors or {}),
        )
        body = saved.model_dump(mode="json")
        try:
            write_durably(self.path, json.dumps({**body, _CHECKSUM: _checksum(body)}, indent=1).encode())
        except OSError as error:
            raise Unavailable(f"the state file cannot be written: {error}") from error

    def set_aside(self, why: str) -> None:
        """Renames the file, so that a person can look at it and no start trips over it again."""
        log.warning("state_file_set_aside", file=self.path.name, why=why)
        with suppress(OSError):
            self.path.replace(self.path.with_suffix(".aside.json"))


class StateFolder:
    """A worker's own folder, locked for as long as the process lives, with the name that its leases are held under."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.identity = ""
        self._lock: int | None = None

    def __enter__(self) -> Self:
        """Takes the folder. Raises ``BlockingIOError`` when another process has it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self.folder / _LOCK_FILE, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self.identity = self._kept_identity()
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            os.close(self._lock)

    def _kept_identity(self) -> str:
        path = self.folder / _IDENTITY_FILE
        kept = _name_in(path)
        if kept:
            return kept
        fresh = os.urandom(8).hex()
        try:
            write_durably(path, fresh.encode())
        except OSError as error:
            # Under another name the next start only has to wait for the lease.
            log.error("identity_not_kept", error=str(error))
        return fresh


def write_durably(path: Path, content: bytes) -> None:
    """Writes a file so that after a power cut it is there whole, or its predecessor is. Raises ``OSError``."""
    unfinished = path.with_name(f"{path.name}.new")
    with unfinished.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: Path) -> bytes:
    """The file's content. Raises ``ValueError`` for more than any worker writes, and ``OSError``."""
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError(f"it is larger than {_MOST_BYTES} bytes")
    return content


def _name_in(path: Path) -> str | None:
    """The name that is kept in a file; None when there is none that could be one."""
    try:
        name = _read(path).decode().strip()
    except FileNotFoundError:
        return None
    except (ValueError, OSError) as error:
        log.warning("identity_unreadable", error=str(error))
        return None
    return name if name.isprintable() and len(name) <= _LONGEST_IDENTITY else None


def parsed(content: bytes, unit: str) -> Saved:
    """What a unit's file says. Raises ``ValueError`` with what is wrong with it."""
    if _depth(content) > _DEEPEST:
        raise ValueError("it is nested deeper than any worker writes it")
    try:
        body = json.loads(content)
        checksum = body.pop(_CHECKSUM)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise ValueError("it is no whole JSON object with a checksum") from error
    if checksum != _checksum(body):
        raise ValueError("its checksum does not fit")
    if body.get("version") != VERSION or body.get("unit") != unit:
        raise ValueError(f"it is of version {body.get('version')} and unit {body.get('unit')}")
    try:
        return Saved.model_validate(body)
    except ValidationError as error:
        raise ValueError("its fields are not as they should be") from error


def _depth(content: bytes) -> int:
    """How deep its brackets are nested. Those in texts count as well; no text that is written here has any."""
    opened = (1 if bracket.group() in b"[{" else -1 for bracket in _BRACKET.finditer(content))
    return max(accumulate(opened), default=0)


def _checksum(body: Mapping[str, Any]) -> str:
    """SHA-256 of the other fields in their canonical form."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
