"""What records add up to, and where a record does not continue what stood before it."""

from __future__ import annotations

from typing import Any

import pytest

from wallet_core.domain.kyc import first_day_kept
from wallet_core.domain.sums import AccountSums, LimitSums

ANNA, BEN = "ITD:person:1:available", "ITD:person:2:available"


def entry(account: str, side: str, minor: Any, after: int | None = None) -> dict[str, Any]:
    return {"account": account, "side": side, "amount_minor": minor, "after_minor": after}


def record(
    key: str, *entries: dict[str, Any], limits: tuple[dict[str, Any], ...] = (), place: int = 0
) -> dict[str, Any]:
    return {"_id": key, "entries": list(entries), "limits": list(limits), "place": place}


def test_sums_are_on_the_side_on_which_an_account_grows() -> None:
    sums = AccountSums()
    assert list(sums.add(record("a", entry("ITD:trading", "debit", 5), entry(ANNA, "credit", 5, 5)))) == []
    assert list(sums.add(record("b", entry(ANNA, "debit", 2, 3), entry(BEN, "credit", 2, 2)))) == []
    assert sums.sums == {"ITD:trading": -5, ANNA: 3, BEN: 2}


def test_what_does_not_balance_is_named_with_its_asset() -> None:
    gaps = AccountSums().add(record("a", entry("ITD:trading", "debit", 5), entry("ETH:hot", "credit", 5)))
    assert list(gaps) == ["a: ITD does not balance", "a: ETH does not balance"]


def test_the_first_record_after_which_a_balance_is_not_right_is_named_alone() -> None:
    sums = AccountSums()
    for key, after in (("a", 1_000_000), ("b", 5_000_000), ("c", 6_000_000)):
        sums.add_quietly(record(key, entry(ANNA, "credit", 1_000_000, after)))
    assert sums.gaps() == [f"b: it says that {ANNA} has 5 after it, the entries make 2"]


def test_of_an_account_whose_records_come_out_of_order_nothing_is_said() -> None:
    late, early = record("late", entry(ANNA, "credit", 5, 8), place=2), record("early", entry(ANNA, "credit", 3, 3))
    sums, again = AccountSums(), AccountSums(only=ANNA)
    for one in (late, early):
        sums.add_quietly(one)
    assert (sums.gaps(), sums.disordered) == ([], {ANNA})
    for one in (early, late):
        again.add_quietly(one)
    assert again.gaps() == []


def test_entries_that_cancel_each_other_leave_no_balance_behind() -> None:
    sums = AccountSums()
    assert list(sums.add(record("a", entry(ANNA, "debit", 5), entry(ANNA, "credit", 5)))) == []
    assert list(sums.add(record("b", entry("ITD:trading", "debit", 5), entry(ANNA, "credit", 5)))) == []
    assert sums.gaps() == [f"b: it says that {ANNA} has nothing after it, the entries make 0.000005"]


def test_of_a_record_that_cannot_be_read_nothing_is_added() -> None:
    sums = AccountSums()
    with pytest.raises(TypeError):
        list(sums.add(record("a", entry(ANNA, "credit", 5, 5), entry("ITD:trading", "debit", "5"))))
    with pytest.raises(KeyError):
        list(sums.add(record("a", entry(ANNA, "credit", 5, 5), entry("ITD:nobody", "debit", 5))))
    assert sums.sums == {}


# Limits


def limit(person: int, day: str, count: int = 1, minor: int = 5, operation: str = "send") -> dict[str, Any]:
    return {"person": person, "operation": operation, "day": day, "count": count, "amount_minor": minor}


def guards(person: int, **days: tuple[int, int]) -> dict[str, Any]:
    counters = {day: {"send": {"count": count, "amount_minor": minor}} for day, (count, minor) in days.items()}
    return {"_id": person, "limits": counters}


def gaps(counted: list[dict[str, Any]], *limits: dict[str, Any]) -> list[str]:
    sums = LimitSums()
    for one in counted:
        sums.note_guards(one)
    for number, taken in enumerate(limits):
        sums.add(record(str(number), limits=(taken,)))
    return sums.gaps()


def test_counters_that_are_what_was_taken_and_given_back_are_right() -> None:
    taken = [limit(1, "d1"), limit(1, "d1", minor=7), limit(1, "d1", -1, -5), limit(1, "d2"), limit(2, "d1")]
    assert gaps([guards(1, d1=(1, 7), d2=(1, 5)), guards(2, d1=(1, 5))], *taken) == []


@pytest.mark.parametrize("wrong", [{"d1": (0, 5)}, {"d1": (1, 4)}, {"d2": (1, 5)}, {}])
def test_any_other_counter_names_its_person(wrong: dict[str, tuple[int, int]]) -> None:
    assert gaps([guards(1, **wrong), guards(2)], limit(1, "d1")) == [
        "person 1: the counters of daily limits in guards are not what the records took"
    ]


def test_a_person_whose_guards_are_gone_is_named() -> None:
    assert len(gaps([], limit(1, "d1"))) == 1


def test_days_that_the_guards_keep_no_more_are_left_out() -> None:
    kept = {f"d{number:02}": (1, 5) for number in range(10, 50)}
    assert first_day_kept(dict(list(kept.items())[:-1])) == "" and first_day_kept(kept) == "d10"
    taken = [limit(1, day) for day in kept]
    assert gaps([guards(1, **kept)], limit(1, "d09"), *taken) == []
    assert len(gaps([guards(1, **kept)], limit(1, "d10"), *taken)) == 1
