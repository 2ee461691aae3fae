"""What the network took for a batch is shared out over its payouts, also when it is another sum in the end."""

from __future__ import annotations

from typing import Any

from payout_worker.steps.end_batch import batch_settled, parts
from payout_worker.tenure import Tenure
from tests.unit.wallet_core.world import NOON
from wallet_core.domain.chain import Inclusion
from wallet_core.domain.changes import Move
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Batch, BatchState, PayoutState, Withdrawal

TENURE = Tenure("LTC:regtest:hot", 1, "worker")


def batch(**fields: Any) -> Batch:
    usual = {"payouts": ("w0", "w1", "w2"), "txid": "first", "block_hash": "h", "height": 9}
    return Batch(id="b", asset=Asset.LTC, state=BatchState.CONFIRMED, sender="us", **(usual | fields))


def settled(of: Batch, fee_minor: int, txid: str = "first") -> list[Withdrawal]:
    """Its payouts as they were settled by a transaction that cost so much."""
    return [
        Withdrawal(
            id=name,
            person=40 + at,
            state=PayoutState.SETTLED,
            asset=of.asset,
            address="an address",
            amount_minor=5,
            fee_minor=1,
            coin_minor=7,
            rate_minor=1,
            quoted_until=NOON,
            mac="",
            decision={},
            limit_day="2026-11-22",
            txid=txid,
            network_fee_minor=part,
        )
        for at, (name, part) in enumerate(zip(of.payouts, parts(of, fee_minor), strict=False))
    ]


def ended(of: Batch, payouts: list[Withdrawal], fee_minor: int, txid: str = "first") -> tuple[Posting, dict[str, Any]]:
    """What ends the batch, and the fields of the payouts that it sets."""
    posting = batch_settled(TENURE, of, payouts, Inclusion(txid, 9, "h"), fee_minor)
    moves = [change for change in posting.changes if isinstance(change, Move) and change.target.id != of.id]
    return posting, {move.target.id: dict(move.fields) for move in moves}


def told(posting: Posting) -> dict[str, Any]:
    facts = [message.facts for message in posting.messages]
    return {of["id"]: (of["txid"], of["network_fee_minor"]) for of in facts}


def test_what_was_told_already_is_neither_written_nor_told_again() -> None:
    posting, written = ended(batch(), settled(batch(), 100), 100)
    assert (written, posting.messages, posting.entries) == ({}, (), ())


def test_a_child_that_was_paid_for_is_shared_out_and_told() -> None:
    posting, written = ended(batch(), settled(batch(), 100), 145)
    assert [written[name]["network_fee_minor"] for name in ("w0", "w1", "w2")] == [49, 48, 48]
    assert told(posting) == {"w0": ("first", 49), "w1": ("first", 48), "w2": ("first", 48)}
    assert {entry.amount_minor for entry in posting.entries} == {45}


def test_after_a_correction_the_parts_are_what_the_other_attempt_cost() -> None:
    again = batch(settlements=1, network_fee_minor=100, txid="second")
    posting, written = ended(again, settled(again, 100), 70, "second")
    assert posting.kind == "fee_corrected" and {entry.amount_minor for entry in posting.entries} == {30}
    assert sum(fields["network_fee_minor"] for fields in written.values()) == 70
    assert {fields["txid"] for fields in written.values()} == {"second"}
    assert told(posting) == {name: (fields["txid"], fields["network_fee_minor"]) for name, fields in written.items()}


def test_another_price_of_the_same_transaction_is_shared_out_too() -> None:
    """On Ethereum the block's base fee decides, and another block has another one."""
    again = batch(settlements=1, network_fee_minor=100)
    _, written = ended(again, settled(again, 100), 130)
    assert sum(fields["network_fee_minor"] for fields in written.values()) == 130


def test_the_part_of_those_that_failed_stays_with_the_house() -> None:
    of = batch(payouts=("w0", "w2"), failed=("w1",))
    posting, written = ended(of, settled(of, 100), 100)
    assert written == {} and {entry.amount_minor for entry in posting.entries} == {33}
