"""What the stand-in remembers is on disk before it is answered."""

from pathlib import Path

import pytest

from bot.sandbox.stripe.errors import ApiError
from bot.sandbox.stripe.state import FILE_NAME, NO_REQUEST, State, new_id


def test_what_was_committed_is_there_again(tmp_path: Path) -> None:
    before = State(tmp_path)
    before.keep("charge", "ch_1", {"id": "ch_1", "paid": False})
    before.keep("refund", "re_1", {"id": "re_1"})
    before.commit()
    first = before.get("charge", "ch_1")
    before.change("charge", "ch_1", paid=True)
    before.commit()
    before.keep("charge", "ch_2", {"id": "ch_2"})
    after = State(tmp_path)
    assert after.get("charge", "ch_1") == {"id": "ch_1", "paid": True}
    assert first == {"id": "ch_1", "paid": False}, "an object is replaced and never changed"
    assert list(after.table("charge")) == ["ch_1"], "what was not committed is not there"
    with pytest.raises(ApiError, match="No such charge: 'ch_2'"):
        after.get("charge", "ch_2")


def test_a_commit_that_was_cut_anywhere_is_not_there_at_all(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.keep("charge", "ch_1", {"id": "ch_1"})
    state.commit()
    path = tmp_path / FILE_NAME
    whole_before = path.read_bytes()
    state.keep("charge", "ch_2", {"id": "ch_2", "name": "ü"})
    state.keep("refund", "re_1", {"id": "re_1"})
    state.commit()
    whole_after = path.read_bytes()
    for cut in range(len(whole_before), len(whole_after)):
        path.write_bytes(whole_after[:cut])
        found = State(tmp_path)
        assert (list(found.table("charge")), list(found.table("refund"))) == (["ch_1"], [])
    path.write_bytes(whole_after)
    assert list(State(tmp_path).table("refund")) == ["re_1"]


def test_after_a_cut_it_goes_on(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.keep("charge", "ch_1", {"id": "ch_1"})
    state.commit()
    path = tmp_path / FILE_NAME
    path.write_text(path.read_text() + '[["charge"')
    again = State(tmp_path)
    again.keep("charge", "ch_2", {"id": "ch_2"})
    again.commit()
    assert [one["id"] for one in State(tmp_path).newest("charge")] == ["ch_2", "ch_1"]


def test_the_file_does_not_grow_by_what_is_replaced(tmp_path: Path) -> None:
    state = State(tmp_path)
    for count in range(100):
        state.keep("charge", "ch_1", {"id": "ch_1", "count": count})
        state.commit()
    assert State(tmp_path).get("charge", "ch_1")["count"] == 99
    assert len((tmp_path / FILE_NAME).read_text().splitlines()) == 1


def test_a_request_is_named_while_it_lasts(tmp_path: Path) -> None:
    state = State(tmp_path, clock=lambda: 7.9)
    with state.caused_by("req_1", "key"):
        assert state.request == {"id": "req_1", "idempotency_key": "key"}
    assert state.request == NO_REQUEST and state.now() == 7


def test_ids_are_not_given_twice() -> None:
    assert len({new_id("pi_") for _ in range(1000)}) == 1000
