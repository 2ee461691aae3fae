"""The chain of seals by itself: what a seal covers, and what a head proves."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wallet_core.domain.journal import fingerprint, group_terms, milliseconds, place_of
from wallet_core.domain.seal import Head, Seal, head_of, is_authentic, seal_after, seal_terms

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def mac(terms: bytes) -> str:
    return hashlib.sha256(b"key" + terms).hexdigest()


def fits(terms: bytes, code: str) -> bool:
    return mac(terms) == code


def record(key: str, group: str = "w:1") -> dict[str, Any]:
    return {
        "_id": key, "by": "me", "at": NOON, "group": group, "place": place_of(NOON), "digest": key, "people": [1],
        "entries": [], "limits": [],
    }  # fmt: skip


def group(number: int, *keys: str, seal: int = 0) -> dict[str, Any]:
    name = f"w:{number}"
    code = mac(group_terms(name, NOON, [fingerprint(record(key, name)) for key in keys]))
    return {"_id": name, "writer": "w", "number": number, "at": NOON, "keys": list(keys), "mac": code, "seal": seal}


def test_each_seal_continues_the_one_before() -> None:
    first = seal_after(Head(), [group(1, "a"), group(2, "b", "c")], NOON, mac)
    second = seal_after(head_of(first), [group(3, "d")], NOON, mac)
    assert (first["_id"], first["previous"], first["records"]) == (1, "", 3)
    assert (second["_id"], second["previous"], second["records"]) == (2, first["mac"], 4)
    assert Seal.of(second).groups == ("w:3",)
    assert head_of(second) == Head(length=2, records=4, mac=second["mac"], at=NOON)


@pytest.mark.parametrize(
    "other",
    [
        {"number": 2},
        {"previous": "x"},
        {"at": NOON + timedelta(milliseconds=1)},
        {"records": 2},
        {"groups": [("w:1", "n")]},
        {"groups": [("w:2", "m")]},
        {"groups": [("w:1", "m"), ("w:2", "m")]},
        {"groups": []},
    ],
)
def test_a_seal_covers_all_that_it_says(other: dict[str, Any]) -> None:
    terms: dict[str, Any] = {"number": 1, "previous": "", "at": NOON, "records": 1, "groups": [("w:1", "m")]}
    assert seal_terms(**terms) != seal_terms(**terms | other)


def test_the_terms_of_a_seal_are_no_other_terms() -> None:
    assert seal_terms(1, "", NOON, 1, []).startswith(b'["seal", 1, ')
    assert not group_terms("seal", NOON, []).startswith(b'["seal", 1, ')
    assert milliseconds(NOON) > 1


def test_a_group_is_authentic_with_its_records_in_their_order_under_its_own_name() -> None:
    made, records = group(1, "a", "b"), {key: record(key) for key in "ab"}
    assert is_authentic(made, records, fits)
    assert not is_authentic(made, {"a": records["a"]}, fits)
    assert not is_authentic({**made, "keys": ["b", "a"]}, records, fits)
    assert not is_authentic({**made, "keys": ["a"]}, records, fits)
    assert not is_authentic({**made, "number": 2}, records, fits)
    assert not is_authentic({**made, "at": NOON + timedelta(seconds=1)}, records, fits)
    assert not is_authentic(made, {**records, "b": {**records["b"], "by": "you"}}, fits)


def test_a_head_is_printed_and_read_back() -> None:
    head = Head(length=3, records=9, mac="m", at=NOON)
    assert Head.model_validate_json(head.model_dump_json()) == head
    assert Head.model_validate_json(Head().model_dump_json()) == Head()
