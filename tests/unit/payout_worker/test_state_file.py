"""The state file: whole or set aside, never half believed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from payout_worker.state_file import Item, StateFile, StateFolder, parsed
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.money import Asset

ITEMS = (
    Item(asset=Asset.ETH, kind="batch", id="b", step="signed"),
    Item(asset=Asset.BTC, kind="batch", id="c", step="broadcast"),
    Item(asset=Asset.ETH, kind="batch", id="a", step="broadcast"),
)
EPOCHS = {Asset.ETH: 7, Asset.BTC: 2}
CURSORS = {Asset.ETH: {"old_from": 3}}


def _saved(folder: Path) -> StateFile:
    file = StateFile(folder, "payout")
    file.save("SIGTERM", EPOCHS, ITEMS, CURSORS)
    return file


def test_what_was_saved_is_loaded_in_its_order(tmp_path: Path) -> None:
    _saved(tmp_path)
    loaded = StateFile(tmp_path, "payout").load()
    assert loaded is not None
    assert (loaded.items, loaded.cursors, loaded.epochs, loaded.why) == (ITEMS, CURSORS, EPOCHS, "SIGTERM")


def test_the_sequence_goes_on_over_a_restart(tmp_path: Path) -> None:
    _saved(tmp_path).save("step", EPOCHS)
    again = StateFile(tmp_path, "payout")
    again.load()
    again.save("step", EPOCHS)
    assert json.loads(again.path.read_text())["sequence"] == 3


def test_a_file_that_is_cut_at_any_byte_is_refused(tmp_path: Path) -> None:
    content = _saved(tmp_path).path.read_bytes()
    parsed(content, "payout")
    for length in range(len(content)):
        with pytest.raises(ValueError):
            parsed(content[:length], "payout")


def test_a_file_with_any_bit_flipped_is_refused(tmp_path: Path) -> None:
    content = _saved(tmp_path).path.read_bytes()
    assert len(content) > 500
    for position in range(len(content)):
        for bit in range(8):
            flipped = bytes([content[position] ^ 1 << bit])
            with pytest.raises(ValueError):
                parsed(content[:position] + flipped + content[position + 1 :], "payout")
                pytest.fail(f"bit {bit} of byte {position} was flipped, and nobody noticed")


@pytest.mark.parametrize("harm", ["cut", "flipped"])
def test_what_is_refused_is_set_aside_as_it_was(tmp_path: Path, harm: str) -> None:
    file = _saved(tmp_path)
    content = file.path.read_bytes()
    harmed = content[:-9] if harm == "cut" else content.replace(b"signed", b"signee")
    file.path.write_bytes(harmed)
    assert file.load() is None
    assert not file.path.exists()
    assert file.path.with_suffix(".aside.json").read_bytes() == harmed


@pytest.mark.parametrize("fields", [{"version": 1}, {"version": 3}, {"unit": "purchase"}, {"epochs": {"ETH": 7}}])
def test_a_file_whose_checksum_fits_is_refused_all_the_same(tmp_path: Path, fields: dict[str, object]) -> None:
    """An older or a newer version, the other unit's, or with items of a chain that it has no epoch of."""
    body = json.loads(_saved(tmp_path).path.read_bytes())
    del body["checksum"]
    assert parsed(_with_checksum(body), "payout").items == ITEMS
    with pytest.raises(ValueError):
        parsed(_with_checksum(body | fields), "payout")


def _with_checksum(body: dict[str, object]) -> bytes:
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    return json.dumps({**body, "checksum": hashlib.sha256(canonical).hexdigest()}).encode()


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b"{}", b'"text"', b"\xff\xfe", b'{"checksum": ""}'])
def test_other_content_is_set_aside_and_kept_for_a_person_to_look_at(tmp_path: Path, content: bytes) -> None:
    file = StateFile(tmp_path, "payout")
    file.path.write_bytes(content)
    assert file.load() is None
    assert file.path.with_suffix(".aside.json").read_bytes() == content


@pytest.mark.parametrize("nested", [b"[", b'{"a":'])
def test_a_deeply_nested_file_is_set_aside_before_it_is_parsed(tmp_path: Path, nested: bytes) -> None:
    file = StateFile(tmp_path, "payout")
    file.path.write_bytes(nested * 200_000)
    assert file.load() is None
    assert not file.path.exists()


def test_a_file_larger_than_any_worker_writes_is_set_aside(tmp_path: Path) -> None:
    file = _saved(tmp_path)
    with file.path.open("ab") as out:
        out.write(b" " * 2**24)
    assert file.load() is None
    assert not file.path.exists()


def test_a_folder_in_the_place_of_the_file_is_set_aside(tmp_path: Path) -> None:
    file = StateFile(tmp_path, "payout")
    file.path.mkdir()
    assert file.load() is None
    assert not file.path.exists()


def test_a_file_with_all_that_can_be_in_flight_is_loaded(tmp_path: Path) -> None:
    items = tuple(Item(asset=Asset.ETH, kind="invoice", id=f"{n:032x}", step="pending") for n in range(12_000))
    file = StateFile(tmp_path, "purchase")
    file.save("step", EPOCHS, items)
    loaded = file.load()
    assert loaded is not None
    assert loaded.items == items


def test_a_file_of_the_other_unit_is_set_aside(tmp_path: Path) -> None:
    file = _saved(tmp_path)
    other = StateFile(tmp_path, "purchase")
    file.path.rename(other.path)
    assert other.load() is None


def test_a_disk_that_takes_nothing_is_unavailable(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "not there", "payout")
    with pytest.raises(Unavailable):
        file.save("step", EPOCHS)


def test_a_state_folder_serves_one_process_and_keeps_its_name(tmp_path: Path) -> None:
    with StateFolder(tmp_path / "state") as first:
        name = first.identity
        with pytest.raises(BlockingIOError), StateFolder(tmp_path / "state"):
            pass
    with StateFolder(tmp_path / "state") as again:
        assert again.identity == name
    with StateFolder(tmp_path / "another") as other:
        assert other.identity != name


@pytest.mark.parametrize("damage", [b"\xff\xfe", b"", b"a\x00b", b"a" * 65])
def test_a_damaged_name_is_replaced_by_a_new_one_that_stays(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "identity").write_bytes(damage)
    with StateFolder(tmp_path) as folder:
        name = folder.identity
        assert name
    with StateFolder(tmp_path) as again:
        assert again.identity == name


def test_a_disk_that_keeps_no_name_stops_no_start(tmp_path: Path) -> None:
    (tmp_path / "identity.new").mkdir()
    with StateFolder(tmp_path) as folder:
        assert folder.identity
