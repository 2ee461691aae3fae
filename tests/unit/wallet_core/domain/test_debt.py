"""Debts: what is taken back and spent is owed, and every credit repays it first."""

from datetime import datetime

import pytest

from wallet_core.domain.debt import owing, refuse_owing, repayment, taken_back, unless_disputed, unless_owing
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.ledger import Posting, check_balanced

NOW = datetime.fromisoformat("2026-11-22T12:00:00+00:00")


@pytest.mark.parametrize(("debt", "credited", "repaid"), [(0, 5, 0), (3, 5, 3), (5, 5, 5), (9, 5, 5)])
def test_a_credit_repays_what_is_owed_and_no_more(debt: int, credited: int, repaid: int) -> None:
    guards = Guards(id=1, debt_minor=debt)
    back = repayment(guards, credited)
    assert back.amount_minor == repaid
    check_balanced(Posting("k", "test", "test", entries=back.entries))
    for change in back.changes:
        guards = Guards.of(change.apply(guards.document(), NOW))
    assert guards.debt_minor == debt - repaid


def test_without_a_debt_nothing_is_added_to_the_posting() -> None:
    back = repayment(Guards(id=1), 5)
    assert (back.entries, back.changes) == ((), ())


def test_a_debt_that_changed_in_between_is_decided_about_again() -> None:
    (change,) = repayment(Guards(id=1, debt_minor=3), 5).changes
    with pytest.raises(Refused) as refused:
        change.apply(Guards(id=1, debt_minor=4).document(), NOW)
    assert refused.value.reason is Reason.CHANGED_MEANWHILE


@pytest.mark.parametrize(("available", "covered", "owed"), [(0, 0, 7), (3, 3, 4), (7, 7, 0), (9, 7, 0)])
def test_what_is_not_there_any_more_is_owed(available: int, covered: int, owed: int) -> None:
    taken = taken_back(1, available, 7)
    assert (taken.covered_minor, taken.owed_minor) == (covered, owed)
    assert len(taken.changes) == bool(owed)


def test_debts_add_up() -> None:
    guards = Guards.of(owing(1, 4).apply(Guards(id=1, debt_minor=3).document(), NOW))
    assert guards.debt_minor == 7


@pytest.mark.parametrize(
    ("guards", "reason"),
    [
        (Guards(id=1), None),
        (Guards(id=1, debt_minor=1), Reason.IN_DEBT),
        (Guards(id=1, disputes=("dp_1",)), Reason.DISPUTED),
    ],
)
def test_nothing_leaves_the_wallet_of_who_owes_or_may_soon(guards: Guards, reason: Reason | None) -> None:
    if reason is None:
        refuse_owing(guards)
        assert unless_owing(1).apply(guards.document(), NOW) == guards.document()
        return
    with pytest.raises(Refused) as refused:
        unless_owing(1).apply(guards.document(), NOW)
    assert refused.value.reason is reason


def test_who_owes_may_buy_by_card_but_not_while_one_is_disputed() -> None:
    owes = Guards(id=1, debt_minor=1)
    assert unless_disputed(1).apply(owes.document(), NOW) == owes.document()
    with pytest.raises(Refused) as refused:
        unless_disputed(1).apply(Guards(id=1, disputes=("dp_1",)).document(), NOW)
    assert refused.value.reason is Reason.DISPUTED
