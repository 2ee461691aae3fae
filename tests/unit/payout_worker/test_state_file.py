"""The state file: whole or set aside, never half believed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from payout_worker.state_file import Item, StateFile, StateFolder
from wallet_core.domain.errors import Unavailable

ITEMS = (Item(kind="batch", id="b", step="signed"), Item(kind="batch", id="a", step="broadcast"))


def _saved(folder: Path) -> StateFile:
    file = StateFile(folder, "payout")
    file.save("SIGTERM", 7, ITEMS, {"old_from": 3})
    return file


def test_what_was_saved_is_loaded_in_its_order(tmp_path: Path) -> None:
    _saved(tmp_path)
    loaded = StateFile(tmp_path, "payout").load()
    assert loaded is not None
    assert (loaded.items, loaded.cursors, loaded.epoch, loaded.why) == (ITEMS, {"old_from": 3}, 7, "SIGTERM")


def test_the_sequence_goes_on_over_a_restart(tmp_path: Path) -> None:
    _saved(tmp_path).save("step", 7, (), {})
    again = StateFile(tmp_path, "payout")
    again.load()
    again.save("step", 8, (), {})
    assert json.loads(again.path.read_text())["sequence"] == 3


def test_a_file_that_is_cut_at_any_byte_is_set_aside(tmp_path: Path) -> None:
    file = _saved(tmp_path)
    content = file.path.read_bytes()
    for length in range(len(content)):
        file.path.write_bytes(content[:length])
        assert file.load() is None, f"cut after {length} bytes"
        assert not file.path.exists()


def test_a_file_with_any_byte_changed_is_set_aside_or_says_the_same(tmp_path: Path) -> None:
    file = _saved(tmp_path)
    content = file.path.read_bytes()
    sound = file.load()
    for position in range(len(content)):
        for flip in (0x01, 0x20, 0x80):
            file.path.write_bytes(content[:position] + bytes([content[position] ^ flip]) + content[position + 1 :])
            # A blank between two fields may become another blank; what the file says stays the same.
            assert file.load() in (None, sound), f"byte {position} xor {flip}"


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
    items = tuple(Item(kind="invoice", id=f"{n:032x}", step="pending") for n in range(12_000))
    file = StateFile(tmp_path, "purchase")
    file.save("step", 7, items, {})
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
        file.save("step", 1, (), {})


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
