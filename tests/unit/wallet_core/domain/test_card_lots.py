"""Young card money: mature money leaves first, and no way of passing it on makes it older."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet_core.domain.card_lots import (
    KeepAvailable,
    Lots,
    divided,
    leaving,
    lot_added,
    lots_given,
    lots_left,
    lots_of,
    total_minor,
    withdrawing,
    young,
)
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import CardLot, Guards
from wallet_core.domain.record import Change, Document

NOW = datetime.fromisoformat("2026-11-22T12:00:00+00:00")


def lot(amount_minor: int, hours: float = 1, invoice: str = "i1") -> CardLot:
    return CardLot(invoice=invoice, amount_minor=amount_minor, matures_at=NOW + timedelta(hours=hours))


def having(*lots: CardLot) -> Guards:
    return Guards(id=1, card_lots=lots)


def applied(change: Change, guards: Guards, now: datetime = NOW) -> Guards:
    return Guards.of(change.apply(guards.document(), now))


def lots_in(document: Document) -> Lots:
    return Guards.of(document).card_lots


def test_a_lot_is_young_until_the_very_moment_at_which_it_matures() -> None:
    guards = having(lot(5))
    assert total_minor(young(guards, NOW + timedelta(hours=1) - timedelta(milliseconds=1))) == 5
    assert young(guards, NOW + timedelta(hours=1)) == ()


def test_a_new_lot_matures_after_its_time_and_drops_those_that_have() -> None:
    after = applied(lot_added(1, "i2", 7, timedelta(days=7)), having(lot(5, hours=-1), lot(6)))
    assert after.card_lots == (lot(6), lot(7, hours=7 * 24, invoice="i2"))


def test_mature_money_leaves_first_and_then_what_matures_first() -> None:
    guards = having(lot(5, hours=2), lot(4, hours=1))
    for amount, taken in ((1, 0), (10, 0), (11, 1), (14, 4), (19, 9)):
        assert total_minor(leaving(guards, 19, amount, NOW).taken) == taken
    assert leaving(guards, 19, 15, NOW).taken == (lot(4, hours=1), lot(1, hours=2))
    assert leaving(guards, 19, 15, NOW).left == (lot(4, hours=2),)


@pytest.mark.parametrize(("amount", "is_refused"), [(10, False), (11, True), (19, True), (20, False)])
def test_only_mature_money_is_withdrawn(amount: int, is_refused: bool) -> None:
    guards = having(lot(9))
    if not is_refused:
        # The last one is more than there is: that is for the balance to refuse.
        withdrawing(guards, 19, amount, NOW)
        return
    with pytest.raises(Refused) as refused:
        withdrawing(guards, 19, amount, NOW)
    assert refused.value.reason is Reason.CARD_MONEY_YOUNG
    assert refused.value.facts == {"young_minor": 9, "mature_minor": 10, "matures_at": NOW + timedelta(hours=1)}


def test_a_withdrawal_is_told_when_enough_has_matured() -> None:
    with pytest.raises(Refused) as refused:
        withdrawing(having(lot(5, hours=1), lot(5, hours=9)), 10, 5, NOW)
    assert refused.value.facts["matures_at"] == NOW + timedelta(hours=1)


def test_what_was_decided_on_other_lots_is_decided_again() -> None:
    took = leaving(having(lot(5)), 10, 2, NOW)
    for other in (having(), having(lot(5), lot(1)), having(lot(4))):
        with pytest.raises(Refused) as refused:
            applied(took.changes[0], other)
        assert refused.value.reason is Reason.CHANGED_MEANWHILE


def test_the_balance_must_still_cover_what_stays_young() -> None:
    kept = KeepAvailable(1, spent_minor=4, kept_minor=6)
    assert kept.apply({"balance_minor": 10}, NOW) == {"balance_minor": 10}
    for balance, reason in ((9, Reason.CHANGED_MEANWHILE), (3, Reason.INSUFFICIENT_FUNDS)):
        with pytest.raises(Refused) as refused:
            kept.apply({"balance_minor": balance}, NOW)
        assert refused.value.reason is reason
    with pytest.raises(Refused):
        kept.apply(None, NOW)


def test_who_is_given_young_money_has_it_as_young_as_it_was() -> None:
    after = applied(lots_given(2, (lot(3, hours=2), lot(2, hours=-1))), having(lot(1)))
    assert after.card_lots == (lot(1), lot(3, hours=2))


def test_one_invoices_lots_are_taken_and_no_others() -> None:
    guards = having(lot(5, invoice="i1"), lot(4, invoice="i2"), lot(3, hours=2, invoice="i1"))
    taken, left = lots_of(guards, "i1", 6, NOW)
    assert taken == (lot(5, invoice="i1"), lot(1, hours=2, invoice="i1"))
    assert set(left) == {lot(2, hours=2, invoice="i1"), lot(4, invoice="i2")}
    assert applied(lots_left(1, guards.card_lots, left), guards).card_lots == left


AMOUNTS = st.lists(st.integers(1, 50), max_size=5)


@given(AMOUNTS, st.integers(0, 400))
def test_lots_are_divided_without_loss(amounts: list[int], part: int) -> None:
    lots = tuple(lot(amount, hours=n + 1) for n, amount in enumerate(amounts))
    taken, left = divided(lots, part)
    assert total_minor(taken) == min(part, total_minor(lots))
    assert total_minor(taken) + total_minor(left) == total_minor(lots)
    assert all(each.amount_minor > 0 for each in (*taken, *left))


@given(AMOUNTS, st.integers(0, 300), st.lists(st.integers(1, 60), max_size=8))
def test_however_it_is_sent_around_no_more_than_the_mature_part_can_be_withdrawn(
    amounts: list[int], mature: int, sends: list[int]
) -> None:
    """Two people pass money to and fro; together they can never withdraw what is young."""
    lots = tuple(lot(amount, hours=n + 1) for n, amount in enumerate(amounts))
    people = [(having(*lots), mature + total_minor(lots)), (Guards(id=2), 0)]
    for turn, amount in enumerate(sends):
        (source, has), (target, got) = people[turn % 2], people[1 - turn % 2]
        if amount > has:
            continue
        took = leaving(source, has, amount, NOW)
        source, target = applied(took.changes[0], source), applied(lots_given(target.id, took.taken), target)
        people[turn % 2], people[1 - turn % 2] = (source, has - amount), (target, got + amount)
    assert sum(total_minor(guards.card_lots) for guards, _ in people) == total_minor(lots)
    withdrawable = sum(max(0, has - total_minor(guards.card_lots)) for guards, has in people)
    assert withdrawable == mature


def test_many_small_parts_of_a_lot_are_one_again() -> None:
    """Who gets one purchase in a thousand parts, from whomever, has guards that are as short as before."""
    guards = having(lot(1, hours=1))
    for _ in range(50):
        guards = applied(lots_given(1, (lot(2, hours=1, invoice="i2"), lot(3, hours=2, invoice="i2"))), guards)
    assert guards.card_lots == (lot(1, hours=1), lot(100, hours=1, invoice="i2"), lot(150, hours=2, invoice="i2"))
