"""What was ever signed: a file of the signer's own that no database can talk it out of.

One JSON line for each signature, fsynced before the signature leaves the signer. A thief who moves a settled payout
back to the queue, or an old backup that was restored, finds here that the payout has its nonce or its coins already.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from payout_worker.ports import taken_nonce
from wallet_core.domain.errors import InvariantViolated, Unavailable

RECORD_FILE: Final = "signed.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """One signature: for which payouts, from which address, using what up, for which meaning, in which transaction.

    It has no payouts where it moves money only to ourselves. ``takes`` holds outpoints, or ``nonce:<nonce>``; ``worth``
    what the outpoints were said to be worth; ``vsize`` the virtual bytes that it may pay for, be they its parents'.
    With a ``contract`` it is a call of that, whose events tell which of the payouts were paid.
    """

    payouts: tuple[str, ...]
    sender: str
    takes: tuple[str, ...]
    digest: str
    txid: str
    worth: tuple[int, ...] = ()
    vsize: int = 0
    contract: str = ""

    @property
    def line(self) -> str:
        """How it stands in the record, without the end of the line."""
        return json.dumps(asdict(self), separators=(",", ":"))


#: Where in the file the entries stand that name something: mostly one.
_Places: TypeAlias = dict[str, int | tuple[int, ...]]


class SigningRecord:
    """Everything that was signed: a file that is only ever appended to. In memory is only what stands where in it.

    That takes some 140 bytes for a payout that shares its transaction with others, thrice that for one that does not.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._by_payout: _Places = {}
        self._by_taken: dict[str, _Places] = {}
        self._by_txid: dict[str, int] = {}
        #: How many entries there are.
        self.count = 0
        for place, entry in _read(path):
            self._index(place, entry)

    def of_payout(self, payout: str) -> list[Entry]:
        """What was signed for a payout, oldest first."""
        return self._at(_places(self._by_payout, [payout]))

    def of_taken(self, sender: str, takes: Iterable[str]) -> list[Entry]:
        """What was signed with any of a sender's outpoints or nonces, oldest first."""
        return self._at(_places(self._by_taken.get(sender, {}), takes))

    def of_txid(self, txid: str) -> Entry | None:
        """What was signed in a transaction; None when it was never signed here."""
        place = self._by_txid.get(txid)
        return None if place is None else self._at({place})[0]

    def touching(self, entry: Entry) -> list[Entry]:
        """What was signed that shares a payout, or something that it takes, with an entry; oldest first."""
        taken = self._by_taken.get(entry.sender, {})
        return self._at(_places(self._by_payout, entry.payouts) | _places(taken, entry.takes))

    def unknown(self, sender: str, names: Iterable[str]) -> list[str]:
        """Those of transactions, and of a sender's outpoints and nonces, that no entry is about."""
        taken = self._by_taken.get(sender, {})
        return [name for name in names if name not in self._by_txid and name not in taken]

    def add(self, entry: Entry) -> None:
        """Writes the entry durably. Raises ``Unavailable`` when the disk does not take it: then nothing is signed."""
        self._add([entry])

    def learn(self, sender: str, lines: Iterable[str]) -> int:
        """Adds what it lacks of lines that another record has of the same sender; tells how many those were.

        Raises ``Unavailable``, and ``InvariantViolated`` for a line that no record ever had.
        """
        entries = [_entry(self._path, line.encode()) for line in dict.fromkeys(lines)]
        ours = (entry for entry in entries if entry.sender == sender)
        lacking = [entry for entry in ours if entry not in self.of_taken(sender, entry.takes)]
        if lacking:
            self._add(lacking)
        return len(lacking)

    def _add(self, entries: Sequence[Entry]) -> None:
        lines = [entry.line.encode() + b"\n" for entry in entries]
        try:
            place = self._append(b"".join(lines))
        except OSError as error:
            raise Unavailable(f"the signing record cannot be written: {error}") from error
        for entry, line in zip(entries, lines, strict=True):
            self._index(place, entry)
            place += len(line)

    def _append(self, lines: bytes) -> int:
        whole = self._path.stat().st_size
        try:
            with self._path.open("ab") as out:
                out.write(lines)
                out.flush()
                os.fsync(out.fileno())
        except OSError:
            # Half a line would run into the next one.
            os.truncate(self._path, whole)
            raise
        return whole

    def _at(self, places: set[int]) -> list[Entry]:
        """Raises ``Unavailable`` when the file cannot be read, ``InvariantViolated`` when it is another by now."""
        if not places:
            return []
        try:
            with self._path.open("rb") as file:
                return [_entry(self._path, _line(file, place)) for place in sorted(places)]
        except OSError as error:
            raise Unavailable(f"the signing record cannot be read: {error}") from error

    def _index(self, place: int, entry: Entry) -> None:
        self.count += 1
        self._by_txid.setdefault(entry.txid, place)
        for payout in entry.payouts:
            _note(self._by_payout, payout, place)
        taken = self._by_taken.setdefault(entry.sender, {})
        for take in entry.takes:
            _note(taken, take, place)


def _note(places: _Places, name: str, place: int) -> None:
    noted = places.get(name)
    if noted is None:
        places[name] = place
    else:
        places[name] = (*noted, place) if isinstance(noted, tuple) else (noted, place)


def _places(places: _Places, names: Iterable[str]) -> set[int]:
    found: set[int] = set()
    for name in names:
        noted = places.get(name, ())
        found.update(noted if isinstance(noted, tuple) else (noted,))
    return found


def _read(path: Path) -> Iterator[tuple[int, Entry]]:
    """The entries and their places; a torn last line, whose signature never left, is cut off.

    Raises ``InvariantViolated``.
    """
    if not path.exists():
        _create(path)
    whole = 0
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                os.truncate(path, whole)
                return
            yield whole, _entry(path, line)
            whole += len(line)


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        # Without it a power cut may lose the file's name, and with it all that it holds.
        os.fsync(folder)
    finally:
        os.close(folder)


def _line(file: Any, place: int) -> bytes:
    file.seek(place)
    return bytes(file.readline())


def _entry(path: Path, line: bytes) -> Entry:
    try:
        fields = json.loads(line)
        if "nonce" in fields:
            fields = _of_one_nonce(**fields)
        worth = tuple(fields.pop("worth", ()))
        return Entry(tuple(fields.pop("payouts")), takes=tuple(fields.pop("takes")), worth=worth, **fields)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvariantViolated(f"the signing record {path.name} is damaged; nothing may be signed") from error


def _of_one_nonce(payout: str | None, nonce: int, **others: str) -> dict[str, Any]:
    """An entry as it was written while there was Ethereum alone."""
    return {"payouts": [payout] if payout else [], "takes": [taken_nonce(nonce)], **others}
