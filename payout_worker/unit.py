"""What a unit has in flight, in the order in which it is to be resumed, mirrored in its state file.

A unit works on several rails, each under a lease of its own; each rail sees only what is its own in the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import structlog

from payout_worker import metrics
from payout_worker.lease import Taken
from payout_worker.state_file import Item, Saved, StateFile
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.money import Asset
from wallet_core.domain.record import Record

log = structlog.get_logger(__name__)

R = TypeVar("R", bound=Record)


class Unit:
    """One of the worker's two units, Payout or Purchase: the whole of its file."""

    def __init__(self, name: str, file: StateFile) -> None:
        self.name = name
        self._file = file
        self._is_aside = False
        saved = file.load()
        self._rails = {asset: RailItems(self, asset, saved) for asset in (saved.epochs if saved else ())}

    def rail(self, asset: Asset) -> RailItems:
        """What the unit has in flight on one rail."""
        return self._rails.setdefault(asset, RailItems(self, asset, None))

    def set_aside(self, why: str) -> None:
        """A rail does not believe what the file says of it. Kept once: it has what all rails find that begin later."""
        if self._is_aside:
            log.warning("state_file_set_aside", file=self._file.path.name, why=why)
        else:
            self._file.set_aside(why)
        self._is_aside = True

    def save(self, why: str = "step") -> None:
        """Writes the state file. It is a hint, so a disk that does not take it stops nothing."""
        begun = {asset: rail.epoch for asset, rail in self._rails.items() if rail.epoch is not None}
        items = tuple(item for asset in begun for item in self._rails[asset].items)
        cursors = {asset: self._rails[asset].cursors for asset in begun}
        try:
            self._file.save(why, begun, items, cursors)
        except Unavailable as error:
            log.error("state_file_not_saved", unit=self.name, error=str(error))


class RailItems:
    """What one unit has in flight on one rail. Until ``begin`` it only remembers what the file says."""

    def __init__(self, unit: Unit, asset: Asset, saved: Saved | None) -> None:
        self.asset = asset
        self._unit = unit
        self._items = {item.id: item for item in saved.items if item.asset is asset} if saved else {}
        self.cursors: dict[str, int] = dict(saved.cursors.get(asset, {})) if saved else {}
        self.epoch = saved.epochs.get(asset) if saved else None

    @property
    def name(self) -> str:
        """The unit's name."""
        return self._unit.name

    @property
    def items(self) -> tuple[Item, ...]:
        """What is in flight, in order."""
        return tuple(self._items.values())

    @property
    def item_ids(self) -> list[str]:
        """The ids of what is in flight, in order."""
        return list(self._items)

    def __contains__(self, item_id: str) -> bool:
        """Whether an item is in flight."""
        return item_id in self._items

    def begin(self, taken: Taken) -> None:
        """The rail's lease was taken: the file counts only if nobody has worked on it since it was written."""
        if self.epoch is not None and self.epoch != taken.own_before:
            was = f"{self.asset} is of epoch {self.epoch} in it, and the lease was at {taken.own_before} since"
            self._unit.set_aside(was)
            self._items, self.cursors = {}, {}
        self.epoch = taken.tenure.epoch
        if self._items:
            log.info("resuming_from_file", unit=self.name, asset=self.asset, items=self.item_ids)

    def forget(self) -> None:
        """Another worker has the rail from now on: what the file would say of it is over."""
        self._items, self.cursors, self.epoch = {}, {}, None
        self.save()

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
            self._items[item_id] = Item(asset=self.asset, kind=kind, id=item_id, step=step)

    def save(self, why: str = "step") -> None:
        """Writes the unit's whole file."""
        metrics.IN_FLIGHT.labels(self.asset, self.name).set(len(self._items))
        self._unit.save(why)
