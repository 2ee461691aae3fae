"""Leases: whoever was overtaken can commit nothing."""

import pytest

from tests.unit.wallet_core.world import ADDRESS, NOON
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.lease import HoldLease, Lease, TakeLease, lease_id
from wallet_core.domain.money import Asset
from wallet_core.domain.record import Document

ID = lease_id(Asset.ETH, 31337, ADDRESS)
LEASE = Lease(id=ID, epoch=3, holder="one").document()


def lost(change: HoldLease | TakeLease, document: Document | None) -> bool:
    with pytest.raises(Refused) as refused:
        change.apply(document, NOON)
    return refused.value.reason is Reason.LEASE_LOST


def test_each_hot_wallet_of_each_chain_has_a_lease_of_its_own() -> None:
    assert f"ETH:31337:{ADDRESS}" == ID
    assert len({ID, lease_id(Asset.ETH, 1, ADDRESS), lease_id(Asset.LTC, 31337, ADDRESS)}) == 3


def test_the_first_worker_begins_the_first_epoch() -> None:
    assert TakeLease(ID, "one", 0).apply(None, NOON) == Lease(id=ID, epoch=1, holder="one").document()


def test_taking_over_begins_a_new_epoch() -> None:
    assert TakeLease(ID, "two", 3).apply(LEASE, NOON) == Lease(id=ID, epoch=4, holder="two").document()


def test_of_two_who_take_over_at_once_one_wins() -> None:
    taken = TakeLease(ID, "two", 3).apply(LEASE, NOON)
    assert lost(TakeLease(ID, "three", 3), taken)
    assert lost(TakeLease(ID, "three", 0), taken)


def test_who_holds_the_lease_writes_it_back_unchanged() -> None:
    assert HoldLease(ID, 3).apply(LEASE, NOON) == LEASE


@pytest.mark.parametrize("document", [None, Lease(id=ID, epoch=4, holder="two").document()])
def test_a_worker_that_was_overtaken_or_never_held_it_commits_nothing(document: Document | None) -> None:
    assert lost(HoldLease(ID, 3), document)
