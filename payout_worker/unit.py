"""What a unit has in flight, in the order in which it is to be resumed, mirrored in its state file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import structlog

from payout_worker import metrics
from payout_worker.lease import Taken
from payout_worker.state_file import Item, StateFile
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.record import Record

log = structlog.get_logger(__name__)

R = TypeVar("R", bound=Record)


class Unit:
    """One of the worker's two units, Payout or Purchase. Until ``begin`` it only remembers what its file says."""

    def __init__(self, name: str, file: StateFile) -> None:
        self.name = name
        self._file = file
        saved = file.load()
        self._items = {item.id: item for item in saved.items} if saved else {}
        self.cursors: dict[str, int] = dict(saved.cursors) if saved else {}
        self._epoch = saved.epoch if saved else None

    def begin(self, taken: Taken) -> None:
        """A lease was taken: the file counts only if nobody has worked since it was written."""
        if self._epoch is not None and self._epoch != taken.own_before:
            self._file.set_aside(f"it is of epoch {self._epoch}, and the lease was at {taken.own_before} since")
            self._items, self.cursors = {}, {}
        self._epoch = taken.tenure.epoch
        if self._items:
            log.info("resuming_from_file", unit=self.name, items=list(self._items))

    def in_order(self, records: Iterable[R]) -> list[R]:
        """The records that MongoDB says are in flight: first those of the file in its order, then the others."""
        there = {record.id: record for record in records}
        known = [there.pop(item_id) for item_id in self._items if item_id in there]
        return [*known, *there.values()]

    def keep_only(self, ids: Iterable[str]) -> None:
        """Forgets items that MongoDB does not know as in flight any more."""
        wanted = set(ids)
        for gone in [item_id for item_id in self._items if item_id not in wanted]:
            del self._items[gone]

    def note(self, kind: str, item_id: str, step: str | None) -> None:
        """An item is at a step now, or with None is done."""
        if step is None:
            self._items.pop(item_id, None)
        else:
            self._items[item_id] = Item(kind=kind, id=item_id, step=step)

    @property
    def item_ids(self) -> list[str]:
        """What is in flight, in order."""
        return list(self._items)

    def save(self, why: str = "step") -> None:
        """Writes the state file. It is a hint, so a disk that does not take it stops nothing."""
        metrics.IN_FLIGHT.labels(self.name).set(len(self._items))
        try:
            self._file.save(why, self._epoch or 0, tuple(self._items.values()), self.cursors)
        except Unavailable as error:
            log.error("state_file_not_saved", unit=self.name, error=str(error))
