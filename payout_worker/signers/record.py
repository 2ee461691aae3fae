"""What was ever signed: a file of the signer's own that no database can talk it out of.

One JSON line for each signature, fsynced before the signature leaves the signer. A thief who moves a settled payout
back to the queue, or an old backup that was restored, finds here that the payout has its nonce already.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from wallet_core.domain.errors import InvariantViolated, Unavailable

RECORD_FILE: Final = "signed.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """One signature: for which payout (None: a no-op), by which nonce, for which meaning, in which transaction."""

    payout: str | None
    sender: str
    nonce: int
    digest: str
    txid: str


class SigningRecord:
    """Everything that was signed, in memory and in a file that is only ever appended to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._by_payout: dict[str, list[Entry]] = {}
        self._by_nonce: dict[tuple[str, int], list[Entry]] = {}
        for entry in _read(path):
            self._index(entry)

    def of_payout(self, payout: str) -> list[Entry]:
        """What was signed for a payout."""
        return self._by_payout.get(payout, [])

    def of_nonce(self, sender: str, nonce: int) -> list[Entry]:
        """What was signed with a nonce."""
        return self._by_nonce.get((sender, nonce), [])

    def add(self, entry: Entry) -> None:
        """Writes the entry durably. Raises ``Unavailable`` when the disk does not take it: then nothing is signed."""
        try:
            self._append(json.dumps(asdict(entry)).encode() + b"\n")
        except OSError as error:
            raise Unavailable(f"the signing record cannot be written: {error}") from error
        self._index(entry)

    def _append(self, line: bytes) -> None:
        whole = self._path.stat().st_size
        try:
            with self._path.open("ab") as out:
                out.write(line)
                out.flush()
                os.fsync(out.fileno())
        except OSError:
            # Half a line would run into the next one.
            os.truncate(self._path, whole)
            raise

    def _index(self, entry: Entry) -> None:
        self._by_nonce.setdefault((entry.sender, entry.nonce), []).append(entry)
        if entry.payout is not None:
            self._by_payout.setdefault(entry.payout, []).append(entry)


def _read(path: Path) -> Iterator[Entry]:
    """The entries; a torn last line, whose signature never left, is cut off. Raises ``InvariantViolated``."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        return
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.truncate(path, whole)
    for line in content[:whole].splitlines():
        try:
            yield Entry(**json.loads(line))
        except (ValueError, TypeError) as error:
            raise InvariantViolated(f"the signing record {path.name} is damaged; nothing may be signed") from error
