"""The chain of seals: what makes a group of postings that vanished, came from elsewhere or changed its place visible.

Every few seconds the groups of all writers are chained: a ``Seal`` names them in order and authenticates their codes,
how many records there are in all, and the code of the seal before. Whoever kept a ``Head`` sees a chain that was cut.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict

from wallet_core.domain.journal import fingerprint, group_id, group_terms, milliseconds
from wallet_core.domain.record import Document, Record

#: ``GroupRecord.seal`` of a group that waits for its seal.
WAITING: Final = 0
#: ``GroupRecord.seal`` of a group that is not chained, because its code does not fit.
REFUSED: Final = -1
#: The most groups in one seal.
SEAL_SIZE: Final = 1_000

#: What comes of reading a document that this program did not write.
UNREADABLE: Final = (KeyError, TypeError, ValueError, AttributeError, ArithmeticError)

Mac = Callable[[bytes], str]
#: Whether a code belongs to terms.
Fits = Callable[[bytes, str], bool]


class Seal(Record):
    """One link of the chain; ``id`` counts from 1."""

    collection: ClassVar[str] = "seals"

    id: int
    at: datetime
    #: The code of the seal before; empty in the first.
    previous: str
    #: The groups that it chains, in their order.
    groups: tuple[str, ...]
    #: How many records the chain has, up to and with this seal.
    records: int
    #: HMAC-SHA256 over all of the above and the groups' codes.
    mac: str


class Head(BaseModel):
    """How far a chain had come: its last seal. Kept elsewhere it proves later that nothing was cut off or replaced."""

    model_config = ConfigDict(frozen=True)

    #: How many seals there were; 0 before the first.
    length: int = 0
    records: int = 0
    mac: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one attempt to seal came to: the head, how many groups it chained, and a sentence for each fault it met."""

    head: Head
    groups: int = 0
    faults: tuple[str, ...] = ()
    #: Whether there is more to seal at once.
    more: bool = False


def head_of(seal: Document) -> Head:
    """The head of a chain whose last seal this is."""
    return Head(length=seal["_id"], records=seal["records"], mac=seal["mac"], at=seal["at"])


def seal_after(head: Head, groups: Sequence[Document], at: datetime, mac: Mac) -> Document:
    """The seal that chains these groups to the head."""
    number, records = head.length + 1, head.records + sum(len(group["keys"]) for group in groups)
    terms = seal_terms(number, head.mac, at, records, [(group["_id"], group["mac"]) for group in groups])
    names = tuple(group["_id"] for group in groups)
    return Seal(id=number, at=at, previous=head.mac, groups=names, records=records, mac=mac(terms)).document()


def seal_terms(number: int, previous: str, at: datetime, records: int, groups: Sequence[tuple[str, str]]) -> bytes:
    """What a seal's code covers; ``groups`` are names and codes. The first word tells it from every other terms."""
    return json.dumps(["seal", number, previous, milliseconds(at), records, list(groups)]).encode()


def is_authentic(group: Document, records: Mapping[str, Document], fits: Fits) -> bool:
    """Whether a group's code fits its name and its records, by key. It does not look into what ``digest`` covers."""
    named = group["_id"] == group_id(group["writer"], group["number"])
    if not named or any(key not in records for key in group["keys"]):
        return False
    prints = [fingerprint(records[key]) for key in group["keys"]]
    return fits(group_terms(group["_id"], group["at"], prints), group["mac"])
