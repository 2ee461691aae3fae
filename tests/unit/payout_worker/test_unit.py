"""The order in which a unit resumes on each of its rails."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest

from payout_worker.lease import Taken
from payout_worker.state_file import Item, Saved, StateFile
from payout_worker.tenure import Tenure
from payout_worker.unit import RailItems, Unit
from wallet_core.domain.money import Asset
from wallet_core.domain.record import Record

ETH, BTC = Asset.ETH, Asset.BTC


class Thing(Record):
    """Something in flight."""

    collection: ClassVar[str] = "things"

    id: str


def _items(*ids: str, asset: Asset = ETH) -> tuple[Item, ...]:
    return tuple(Item(asset=asset, kind="batch", id=item_id, step="signed") for item_id in ids)


def _unit(folder: Path, *ids: str, btc: tuple[str, ...] = ()) -> Unit:
    """A unit whose last life had these items in flight, at epoch 4 of Ethereum's lease and 2 of Bitcoin's."""
    items, cursors = _items(*ids) + _items(*btc, asset=BTC), {ETH: {"cursor": 9}, BTC: {"cursor": 1}}
    StateFile(folder, "payout").save("SIGTERM", {ETH: 4, BTC: 2}, items, cursors)
    return Unit("payout", StateFile(folder, "payout"))


def _taken(own_before: int | None) -> Taken:
    return Taken(Tenure("lease", 5, "me"), own_before)


def _order(rail: RailItems, *ids: str) -> list[str]:
    return [thing.id for thing in rail.in_order(Thing(id=thing_id) for thing_id in ids)]


def _saved(folder: Path) -> Saved:
    saved = StateFile(folder, "payout").load()
    assert saved is not None
    return saved


def test_the_file_comes_first_in_its_order_then_the_rest_as_it_is(tmp_path: Path) -> None:
    rail = _unit(tmp_path, "c", "a", "gone", btc=("d",)).rail(ETH)
    rail.begin(_taken(own_before=4))
    assert _order(rail, "a", "b", "c", "d") == ["c", "a", "b", "d"]
    assert rail.cursors == {"cursor": 9}


@pytest.mark.parametrize("own_before", [None, 3, 5])
def test_a_file_from_before_another_worker_had_the_lease_is_not_believed(
    tmp_path: Path, own_before: int | None
) -> None:
    rail = _unit(tmp_path, "c", "a").rail(ETH)
    rail.begin(_taken(own_before))
    assert _order(rail, "a", "b", "c") == ["a", "b", "c"]
    assert rail.cursors == {}
    assert not (tmp_path / "payout.state.json").exists()


def test_one_rail_that_is_not_believed_takes_nothing_from_the_others(tmp_path: Path) -> None:
    unit = _unit(tmp_path, "c", "a", btc=("y", "x"))
    before = (tmp_path / "payout.state.json").read_bytes()
    unit.rail(ETH).begin(_taken(own_before=None))
    unit.rail(ETH).save()
    unit.rail(BTC).begin(_taken(own_before=2))
    unit.rail(BTC).save()
    assert _order(unit.rail(BTC), "x", "y") == ["y", "x"]
    saved = _saved(tmp_path)
    assert saved.items == _items("y", "x", asset=BTC)
    assert (saved.epochs, saved.cursors) == ({ETH: 5, BTC: 5}, {ETH: {}, BTC: {"cursor": 1}})
    assert (tmp_path / "payout.state.aside.json").read_bytes() == before


def test_a_file_that_no_rail_believes_is_kept_as_the_last_life_left_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unit = _unit(tmp_path, "c", btc=("y",))
    before = (tmp_path / "payout.state.json").read_bytes()
    for rail in (unit.rail(ETH), unit.rail(BTC)):
        rail.begin(_taken(own_before=None))
        rail.save()
    assert (tmp_path / "payout.state.aside.json").read_bytes() == before
    assert capsys.readouterr().out.count("state_file_set_aside") == 2
    assert _saved(tmp_path).items == ()


def test_a_rail_that_this_process_does_not_serve_keeps_its_place_in_the_file(tmp_path: Path) -> None:
    unit = _unit(tmp_path, "c", btc=("y",))
    unit.rail(ETH).begin(_taken(own_before=4))
    unit.rail(ETH).note("batch", "c", None)
    unit.rail(ETH).save()
    saved = _saved(tmp_path)
    assert (saved.items, saved.epochs) == (_items("y", asset=BTC), {ETH: 5, BTC: 2})


def test_what_ended_is_forgotten_and_what_moved_keeps_its_place(tmp_path: Path) -> None:
    rail = _unit(tmp_path, "c", "a", "b").rail(ETH)
    rail.begin(_taken(own_before=4))
    rail.note("batch", "a", None)
    rail.note("batch", "c", "broadcast")
    rail.note("batch", "d", "formed")
    assert rail.item_ids == ["c", "b", "d"]
    rail.keep_only(["d", "c"])
    assert rail.item_ids == ["c", "d"]


def test_before_it_has_begun_it_saves_what_the_file_knew(tmp_path: Path) -> None:
    _unit(tmp_path, "c", "a", btc=("y",)).save("SIGINT")
    saved = _saved(tmp_path)
    assert saved.items == (*_items("c", "a"), *_items("y", asset=BTC))
    assert (saved.epochs, saved.why) == ({ETH: 4, BTC: 2}, "SIGINT")
    assert saved.cursors == {ETH: {"cursor": 9}, BTC: {"cursor": 1}}


def test_a_disk_that_takes_nothing_stops_no_step(tmp_path: Path) -> None:
    rail = _unit(tmp_path, "c").rail(ETH)
    (tmp_path / "payout.state.json.new").mkdir()
    rail.note("batch", "a", "signed")
    rail.save()
    assert rail.item_ids == ["c", "a"]
    assert _saved(tmp_path).items == _items("c")
