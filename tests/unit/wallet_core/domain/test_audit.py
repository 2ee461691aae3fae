"""Each thing that can be wrong with seals, groups and records has its sentence, and right ones have none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.wallet_core.domain.test_seal import NOON, fits, group, mac, record
from wallet_core.domain.audit import (
    Numbers,
    gaps_in,
    group_gaps,
    head_gaps,
    record_gaps,
    seal_gaps,
    strings_in,
)
from wallet_core.domain.journal import place_of
from wallet_core.domain.ledger import digest_of
from wallet_core.domain.seal import Head, head_of, seal_after

GROUPS = {made["_id"]: made for made in (group(1, "a"), group(2, "b"), group(3, "c", "d"))}
FIRST = seal_after(Head(), [GROUPS["w:1"]], NOON, mac)
SECOND = seal_after(head_of(FIRST), [GROUPS["w:2"], GROUPS["w:3"]], NOON, mac)


def of_seal(seal: dict[str, Any], before: Head, groups: dict[str, Any] = GROUPS) -> list[str]:
    return list(seal_gaps(seal, before, groups, fits))


def test_a_right_chain_has_no_gap() -> None:
    assert of_seal(FIRST, Head()) == of_seal(SECOND, head_of(FIRST)) == []


def test_a_missing_seal_is_named() -> None:
    assert of_seal(SECOND, Head()) == ["seal 1: deleted, the next one is 2"]
    later = {**SECOND, "_id": 5}
    assert of_seal(later, Head())[0] == "seals 1 and on: deleted, the next one is 5"


def test_a_seal_that_does_not_continue_is_named() -> None:
    other = head_of(seal_after(Head(), [GROUPS["w:3"]], NOON, mac))
    assert of_seal(SECOND, other)[0] == "seal 2: it does not continue the seal before it"


def test_a_deleted_group_is_named_by_the_seal_that_lists_it() -> None:
    assert of_seal(SECOND, head_of(FIRST), {"w:2": GROUPS["w:2"]}) == ["group w:3: deleted, seal 2 lists it"]


def test_a_seal_whose_groups_got_another_code_does_not_fit() -> None:
    forged = {**GROUPS, "w:3": {**GROUPS["w:3"], "mac": "other"}}
    (gap,) = of_seal(SECOND, head_of(FIRST), forged)
    assert gap.startswith("seal 2: its code does not fit")


def test_a_seal_counts_its_records() -> None:
    """The code of a group that lists a record more still fits its seal's, so the count is what tells."""
    longer = {**GROUPS, "w:3": {**GROUPS["w:3"], "keys": ["c", "d", "e"]}}
    assert of_seal(SECOND, head_of(FIRST), longer) == ["seal 2: it counts 4 records, its groups make 5"]


def of_group(made: dict[str, Any], *keys: str, seal: int = 0) -> list[str]:
    return list(group_gaps(made, seal, {key: record(key, "w:3") for key in keys}, fits))


def test_a_group_is_right_or_says_what_is_wrong() -> None:
    made = GROUPS["w:3"]
    assert of_group(made, "c", "d") == []
    assert of_group(made, "c") == ["d: the record was deleted, group w:3 lists it"]
    assert of_group(made, "c", "d", seal=2) == ["group w:3: seal 2 lists it, it says 0"]
    assert of_group({**made, "number": 4}, "c", "d") == ["group w:3: it says that it is w:4"]
    (gap,) = of_group({**made, "mac": "other"}, "c", "d")
    assert gap.startswith("group w:3: its code does not fit") and gap.endswith("(c, d)")


def test_of_a_large_group_only_some_records_are_named() -> None:
    keys = "abcdefghij"
    (gap,) = of_group({**group(3, *keys), "mac": "other"}, *keys)
    assert gap.endswith("(a, b, c, d, e and 5 more)")


def test_a_record_is_right_or_says_what_is_wrong() -> None:
    right = {
        **record("a"),
        "kind": "sent",
        "facts": {},
        "digest": digest_of("sent", [], {}),
        "place": place_of(NOON, 1),
    }
    assert list(record_gaps(right, GROUPS["w:1"], 1)) == []
    assert "was changed" in next(record_gaps({**right, "kind": "gift"}, GROUPS["w:1"], 1))
    assert "stands in group w:9" in next(record_gaps({**right, "group": "w:9"}, GROUPS["w:1"], 1))
    for changed in ({"place": place_of(NOON)}, {"at": NOON + timedelta(milliseconds=1)}):
        assert "time or place" in next(record_gaps({**right, **changed}, GROUPS["w:1"], 1))


def test_a_head_proves_what_was_cut_off_or_replaced() -> None:
    head = head_of(SECOND)
    assert (
        list(head_gaps(Head(), 0, None)) == list(head_gaps(head, 2, SECOND)) == list(head_gaps(head, 9, SECOND)) == []
    )
    (gap,) = head_gaps(head, 1, None)
    assert gap == "the chain was truncated: it has 1 seals, and had 2 on 2026-11-22 12:00:00 UTC"
    for there in (None, {**SECOND, "mac": "other"}, {**SECOND, "records": 1}):
        (gap,) = head_gaps(head, 3, there)
        assert "not the one that the head names" in gap


@pytest.mark.parametrize("broken", [{"groups": None}, {"at": 5}, {"groups": [[]]}, {"mac": 5}])
def test_what_cannot_be_read_is_a_gap_and_no_crash(broken: dict[str, Any]) -> None:
    (gap,) = gaps_in("seal 1", seal_gaps({**FIRST, **broken}, Head(), GROUPS, fits))
    assert gap.startswith("seal 1: ")


def test_a_document_with_a_field_less_is_a_gap_and_no_crash() -> None:
    for field in FIRST:
        if field != "_id":
            less = {name: value for name, value in FIRST.items() if name != field}
            assert len(gaps_in("seal 1", seal_gaps(less, Head(), GROUPS, fits))) == 1


def test_only_texts_of_lists_are_names() -> None:
    assert strings_in(["a", 1, {"$ne": 1}, "b"]) == ["a", "b"]
    assert strings_in("abc") == strings_in(None) == []


def test_numbers_without_a_gap_are_complete_in_any_order() -> None:
    numbers = Numbers()
    for writer, number in (("a", 2), ("b", 1), ("a", 3), ("a", 1)):
        numbers.note(writer, number)
    assert numbers.incomplete() == []
    numbers.note("b", 4)
    assert numbers.incomplete() == [("b", 4)]
