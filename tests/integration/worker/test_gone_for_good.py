"""Final blocks leave the chain that held what paid nobody: its payouts have gone elsewhere, and are paid there alone.

All on anvil. A reorganisation deeper than final is beyond what is promised; still we pay nobody twice, nothing is lost,
and the hot wallet goes on once the owners have cleared the alarms.
"""

from __future__ import annotations

import pytest

from tests.faults.verdict import Verdict
from tests.integration.worker.inside import Inside
from tests.integration.worker.paying import attempts, form_only, set_code, to_the_end
from tests.integration.worker.test_multi_send_code import REVERTS
from wallet_core.domain.payout import Attempt, AttemptKind, Batch, BatchState, PayoutState, Withdrawal
from wallet_core.domain.people import Role
from wallet_core.domain.purchase import RailState

_OWNER = 7
_MOST_ALARMS = 10


@pytest.fixture
def mass() -> bool:
    """There is the contract; a payout by itself never goes by it."""
    return True


async def _reverts_in_its_block(inside: Inside, payout: Withdrawal) -> None:
    """A transaction that was formed for it fails finally, and its address takes coins again after that."""
    await set_code(inside, payout.address, REVERTS)
    await inside.pay(blocks=1)
    await set_code(inside, payout.address, "0x")
    await inside.pay(blocks=4)


async def _queues_again(inside: Inside, payout: Withdrawal) -> None:
    """Its transaction reverted finally, and it waits because the rail was paused meanwhile."""
    await inside.pay()
    await inside.world.set_rail(RailState.PAUSED)
    await _reverts_in_its_block(inside, payout)
    assert (await inside.withdrawal(payout)).state is PayoutState.QUEUED


async def _lose_all(inside: Inside, *taking: Withdrawal) -> None:
    """Every block since the oldest batch's leaves the chain; these addresses take coins on the new branch."""
    (oldest, *_) = await inside.batches()
    assert oldest.height is not None
    await inside.world.chain.reorganise(await inside.world.chain.height() - oldest.height + 1)
    for payout in taking:
        await set_code(inside, payout.address, "0x")


async def _cleared(inside: Inside) -> None:
    """Passes with blocks, and an owner who clears each alarm."""
    for _ in range(_MOST_ALARMS):
        await inside.pay(blocks=1)
        await inside.world.set_rail(alarm=None)
    await inside.pay(blocks=4)


async def _verdict(inside: Inside, *paid: Withdrawal, again: bool = False) -> Verdict:
    """What is wrong; mined ``again``, gas of what was settled has another price than in the books."""
    verdict = await inside.world.check(paid)
    verdict.gaps = [gap for gap in verdict.gaps if not again or "hot wallet" not in gap]
    return verdict


async def _paid_by_a_second_batch(inside: Inside) -> Withdrawal:
    """The first one's transaction reverted; and then the blocks of both are gone."""
    await inside.world.person(0, person=_OWNER, role=Role.OWNER)
    (asked,) = await inside.world.queue(1)
    await inside.pay()
    await _reverts_in_its_block(inside, asked)
    await to_the_end(inside)
    assert [batch.state for batch in await inside.batches()] == [BatchState.REVERTED, BatchState.SETTLED]
    await _lose_all(inside, asked)
    return asked


async def test_what_reverted_is_not_sent_again_when_another_batch_has_paid(inside: Inside) -> None:
    asked = await _paid_by_a_second_batch(inside)
    await inside.pay(blocks=1)
    assert "reorganised_after_final" in ((await inside.rail()).alarm or "")
    assert await inside.world.paid() == {}, "what is signed with the next nonce waits for this one"
    await _cleared(inside)
    assert await inside.world.paid() == {asked.address: [asked.coin_minor]}
    reverted, settled = await inside.batches()
    assert (reverted.state, reverted.void, settled.state) == (BatchState.ABANDONED, True, BatchState.SETTLED)
    assert [a.kind for a in await attempts(inside) if a.batch == reverted.id] == [
        AttemptKind.PAYMENT,
        AttemptKind.NO_OP,
    ]
    assert await _verdict(inside, asked, again=True)
    # And the hot wallet pays on.
    (later,) = await inside.world.queue(1)
    await inside.pay()
    await to_the_end(inside)
    assert (await inside.withdrawal(later)).state is PayoutState.SETTLED


async def test_as_it_was_before_it_is_seen_to_pay_twice(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Batch, "pays_nobody", False)
    asked = await _paid_by_a_second_batch(inside)
    await _cleared(inside)
    assert len((await inside.world.paid())[asked.address]) == 2
    assert (await inside.world.check([asked])).doubled


async def test_what_was_returned_is_not_paid_as_well(inside: Inside) -> None:
    (asked,) = await inside.world.queue(1)
    for _ in range(2):
        await inside.pay()
        await _reverts_in_its_block(inside, asked)
    assert (await inside.withdrawal(asked)).state is PayoutState.RETURNED
    await _lose_all(inside, asked)
    await _cleared(inside)
    assert await inside.world.paid() == {}
    assert [batch.state for batch in await inside.batches()] == [BatchState.ABANDONED] * 2
    assert await _verdict(inside)


async def test_who_waits_in_the_queue_is_paid_when_the_nonce_is_used_up_again(inside: Inside) -> None:
    """Until then the signer's own record keeps it: what it signed before may still pay it."""
    (asked,) = await inside.world.queue(1)
    await _queues_again(inside, asked)
    await _lose_all(inside, asked)
    await inside.world.set_rail(RailState.RUNNING)
    await _cleared(inside)
    await inside.pay()
    await to_the_end(inside)
    assert await inside.world.paid() == {asked.address: [asked.coin_minor]}
    assert await _verdict(inside, asked)


async def test_a_no_op_that_was_final_is_sent_again_and_its_fee_is_booked_anew(inside: Inside) -> None:
    (asked,) = await inside.world.queue(1)
    await form_only(inside)
    sound = asked.document()
    database = inside.world.database["withdrawals"]
    await database.update_one({"_id": asked.id}, {"$set": {"address": inside.world.chain.fresh_address()}})
    await inside.pay()
    await to_the_end(inside)
    assert [batch.state for batch in await inside.batches()] == [BatchState.ABANDONED]
    await _lose_all(inside)
    await _cleared(inside)
    (batch,) = await inside.batches()
    assert (batch.state, batch.settlements) == (BatchState.ABANDONED, 1)
    assert [attempt.kind for attempt in await attempts(inside)] == [AttemptKind.NO_OP]
    await database.update_one({"_id": asked.id}, {"$set": {"address": sound["address"]}})
    await inside.pay()
    await to_the_end(inside)
    assert await _verdict(inside, asked)


async def test_of_a_call_in_which_all_failed_nothing_is_sent_again(inside: Inside) -> None:
    asked = await inside.world.queue(2)
    await inside.pay()
    for payout in asked:
        await set_code(inside, payout.address, REVERTS)
    await inside.pay(blocks=1)
    await inside.pay(blocks=4)
    await inside.pay()
    assert {(await inside.withdrawal(payout)).state for payout in asked} == {PayoutState.RETURNED}
    await _lose_all(inside, *asked)
    await _cleared(inside)
    assert await inside.world.paid() == {}
    assert await _verdict(inside)


async def _mined_again(inside: Inside, payout: Withdrawal, code: str) -> Attempt:
    """Another node still had the payment that reverted, and it is mined before anything is signed."""
    await inside.world.person(0, person=_OWNER, role=Role.OWNER)
    await _queues_again(inside, payout)
    (payment,) = await attempts(inside)
    await _lose_all(inside)
    await set_code(inside, payout.address, code)
    await inside.world.node.call("eth_sendRawTransaction", "0x" + payment.raw.hex())
    await inside.world.set_rail(RailState.RUNNING)
    await _cleared(inside)
    return payment


async def test_a_payment_that_reverts_a_second_time_ends_as_before(inside: Inside) -> None:
    (asked,) = await inside.world.queue(1)
    payment = await _mined_again(inside, asked, REVERTS)
    first, *_ = await inside.batches()
    assert (first.state, first.void, first.txid) == (BatchState.REVERTED, True, payment.txid)
    # Simulated before it is formed again.
    assert (await inside.withdrawal(asked)).state is PayoutState.RETURNED
    assert await _verdict(inside)


async def test_a_payment_that_goes_through_the_second_time_is_told_and_never_paid_again(inside: Inside) -> None:
    (asked,) = await inside.world.queue(1)
    await _mined_again(inside, asked, "0x")
    told = {(message.facts["alarm"], message.facts["frozen"]) for message in await inside.told("alarm")}
    assert ("paid_after_all", True) in told
    assert await inside.world.paid() == {asked.address: [asked.coin_minor]}
    assert (await inside.withdrawal(asked)).state is PayoutState.QUEUED
