"""The order in which a unit resumes."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from payout_worker.lease import Taken
from payout_worker.state_file import Item, StateFile
from payout_worker.tenure import Tenure
from payout_worker.unit import Unit
from wallet_core.domain.record import Record


class Thing(Record):
    """Something in flight."""

    collection: ClassVar[str] = "things"

    id: str


def _items(*ids: str) -> tuple[Item, ...]:
    return tuple(Item(kind="batch", id=item_id, step="signed") for item_id in ids)


def _unit(folder: Path, *ids: str, epoch: int = 4) -> Unit:
    StateFile(folder, "payout").save("SIGTERM", epoch, _items(*ids), {"cursor": 9})
    return Unit("payout", StateFile(folder, "payout"))


def _taken(own_before: int | None) -> Taken:
    return Taken(Tenure("lease", 5, "me"), own_before)


def _order(unit: Unit, *ids: str) -> list[str]:
    return [thing.id for thing in unit.in_order(Thing(id=thing_id) for thing_id in ids)]


def test_the_file_comes_first_in_its_order_then_the_rest_as_it_is(tmp_path: Path) -> None:
    unit = _unit(tmp_path, "c", "a", "gone")
    unit.begin(_taken(own_before=4))
    assert _order(unit, "a", "b", "c", "d") == ["c", "a", "b", "d"]


def test_a_file_from_before_another_worker_had_the_lease_is_not_believed(tmp_path: Path) -> None:
    for own_before in (None, 3, 5):
        unit = _unit(tmp_path, "c", "a")
        unit.begin(_taken(own_before))
        assert _order(unit, "a", "b", "c") == ["a", "b", "c"]
        assert unit.cursors == {}
        assert not (tmp_path / "payout.state.json").exists()


def test_what_ended_is_forgotten_and_what_moved_keeps_its_place(tmp_path: Path) -> None:
    unit = _unit(tmp_path, "c", "a", "b")
    unit.begin(_taken(own_before=4))
    unit.note("batch", "a", None)
    unit.note("batch", "c", "broadcast")
    unit.note("batch", "d", "formed")
    assert unit.item_ids == ["c", "b", "d"]
    unit.keep_only(["d", "c"])
    assert unit.item_ids == ["c", "d"]


def test_before_it_has_begun_it_saves_what_the_file_knew(tmp_path: Path) -> None:
    _unit(tmp_path, "c", "a").save("SIGINT")
    saved = StateFile(tmp_path, "payout").load()
    assert saved is not None
    assert (saved.items, saved.epoch, saved.cursors, saved.why) == (_items("c", "a"), 4, {"cursor": 9}, "SIGINT")


def test_a_disk_that_takes_nothing_stops_no_step(tmp_path: Path) -> None:
    unit = _unit(tmp_path, "c")
    (tmp_path / "payout.state.json.new").mkdir()
    unit.note("batch", "a", "signed")
    unit.save()
    assert unit.item_ids == ["c", "a"]
    saved = StateFile(tmp_path, "payout").load()
    assert saved is not None
    assert saved.items == _items("c")
