"""What is wrong with seals, groups and records, a sentence each. Pure; ``use_cases/sealed_journal`` reads them.

The documents may be anything: somebody may have written into the database. What is not even shaped as it should be
raises ``KeyError``, ``TypeError`` and the like, which ``gaps_in`` turns into a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from wallet_core.domain.journal import GROUP_SIZE, group_id, is_changed, place_of
from wallet_core.domain.record import Document
from wallet_core.domain.seal import UNREADABLE, Fits, Head, is_authentic, seal_terms

_NAMED_KEYS: Final = 5


def gaps_in(name: str, gaps: Iterable[str]) -> list[str]:
    """The sentences; one more where the document could not even be read."""
    found: list[str] = []
    try:
        found.extend(gaps)
    except UNREADABLE as error:
        found.append(f"{name}: it was changed to something that cannot be read ({type(error).__name__}: {error})")
    return found


def strings_in(value: Any) -> list[str]:
    """The texts of a list; none where it is no list."""
    return [text for text in value if isinstance(text, str)] if isinstance(value, list | tuple) else []


def seal_gaps(seal: Document, before: Head, groups: Mapping[str, Document], fits: Fits) -> Iterator[str]:
    """What is wrong with a seal that comes after ``before``; ``groups`` are those of its groups that are there."""
    number, name = seal["_id"], f"seal {seal['_id']}"
    if number != before.length + 1:
        missing = f"seal {before.length + 1}" if number == before.length + 2 else f"seals {before.length + 1} and on"
        yield f"{missing}: deleted, the next one is {number}"
    elif seal["previous"] != before.mac:
        yield f"{name}: it does not continue the seal before it"
    gone = [group for group in seal["groups"] if group not in groups]
    yield from (f"group {group}: deleted, {name} lists it" for group in gone)
    if gone:
        return
    codes = [(group, groups[group]["mac"]) for group in seal["groups"]]
    if not fits(seal_terms(number, seal["previous"], seal["at"], seal["records"], codes), seal["mac"]):
        yield f"{name}: its code does not fit: it was changed, or the code of one of its groups was"
    elif number == before.length + 1:
        counted = before.records + sum(len(groups[group]["keys"]) for group in seal["groups"])
        if counted != seal["records"]:
            yield f"{name}: it counts {seal['records']} records, its groups make {counted}"


def group_gaps(group: Document, seal: int, records: Mapping[str, Document], fits: Fits) -> Iterator[str]:
    """What is wrong with a group that ``seal`` chains; ``records`` are those of its records that are there."""
    name = f"group {group['_id']}"
    if group["seal"] != seal:
        yield f"{name}: seal {seal} lists it, it says {group['seal']}"
    if group["_id"] != group_id(group["writer"], group["number"]):
        yield f"{name}: it says that it is {group_id(group['writer'], group['number'])}"
        return
    gone = [key for key in group["keys"] if key not in records]
    yield from (f"{key}: the record was deleted, {name} lists it" for key in gone)
    if not gone and not is_authentic(group, records, fits):
        some, more = group["keys"][:_NAMED_KEYS], len(group["keys"]) - _NAMED_KEYS
        listed = ", ".join(some) + (f" and {more} more" if more > 0 else "")
        yield f"{name}: its code does not fit: it was changed or forged, or one of its records was ({listed})"


def record_gaps(record: Document, group: Document, order: int) -> Iterator[str]:
    """What is wrong with a record by itself and where it stands: in ``group``, after ``order`` others."""
    key = record["_id"]
    if is_changed(record):
        yield f"{key}: the record was changed after it was written"
    if record["group"] != group["_id"]:
        yield f"{key}: the record says that it stands in group {record['group']}, it is in {group['_id']}"
    elif record["at"] != group["at"] or not 0 <= record["place"] - place_of(group["at"], order) < GROUP_SIZE:
        yield f"{key}: the record's time or place is not that of its group"


def head_gaps(given: Head, length: int, seal: Document | None) -> Iterator[str]:
    """Whether a chain of ``length`` seals continues the one that ``given`` was the head of; ``seal`` has its number."""
    if given.length > length:
        since = f" on {given.at:%Y-%m-%d %H:%M:%S} UTC" if given.at else ""
        yield f"the chain was truncated: it has {length} seals, and had {given.length}{since}"
    elif given.length and (seal is None or (seal["mac"], seal["records"]) != (given.mac, given.records)):
        yield f"seal {given.length}: it is not the one that the head names: the chain was replaced from there or before"


class Numbers:
    """Whether each writer's numbers are without a gap, whatever the order in which its groups come."""

    def __init__(self) -> None:
        #: How many groups of a writer there are, and the highest number of them.
        self._seen: dict[str, tuple[int, int]] = {}

    def note(self, writer: str, number: int) -> None:
        """An authentic group of a writer."""
        count, highest = self._seen.get(writer, (0, 0))
        self._seen[writer] = (count + 1, max(highest, number))

    def incomplete(self) -> list[tuple[str, int]]:
        """The writers of which a group is missing, each with its highest number."""
        return [(writer, highest) for writer, (count, highest) in sorted(self._seen.items()) if count != highest]
