"""The life of a payout, step by step, on a real chain and a real database."""

from __future__ import annotations

from typing import Any

import pytest

from payout_worker.failures import LeaseLostError
from payout_worker.steps.form_batch import form_batch, queued, room_now
from tests.faults.world import ETHER, ITD, PERSON, RATE_MINOR, World
from tests.integration.worker.inside import Inside, open_inside
from wallet_core.adapters.mongo.codec import to_decimal
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.guards import Guards, frozen
from wallet_core.domain.kyc import Operation, used
from wallet_core.domain.ledger import Posting
from wallet_core.domain.payout import Attempt, BatchState, PayoutState, Withdrawal
from wallet_core.domain.people import Role
from wallet_core.domain.purchase import RailState

#: Contract code that takes no ether: PUSH1 0 PUSH1 0 REVERT.
TAKES_NOTHING = "0x60006000fd"


async def _forced(inside: Inside, kind: Any, record_id: str, **fields: Any) -> None:
    """What somebody who writes into the database can do."""
    await inside.world.database[kind.collection].update_one({"_id": record_id}, {"$set": fields})


async def test_the_whole_way_and_what_the_person_is_told(inside: Inside) -> None:
    (asked,) = await inside.world.queue(1)
    await inside.pay()
    assert [b.state for b in await inside.batches()] == [BatchState.BROADCAST]
    await inside.pay(blocks=1)
    assert [b.state for b in await inside.batches()] == [BatchState.CONFIRMED]
    await inside.pay(blocks=2)
    settled = await inside.withdrawal(asked)
    assert (settled.state, settled.settled_at is not None) == (PayoutState.SETTLED, True)
    assert await inside.steps_told() == ["batched", "broadcast", "confirmed", "settled"]
    assert (await inside.told("withdrawal"))[-1].facts["txid"] == settled.txid
    assert await inside.world.check([asked])


async def test_nothing_is_settled_before_its_block_is_final(inside: Inside) -> None:
    (asked,) = await inside.world.queue(1)
    await inside.pay()
    await inside.pay(blocks=2)
    await inside.pay()
    assert (await inside.withdrawal(asked)).state is PayoutState.BATCHED
    await inside.pay(blocks=1)
    assert (await inside.withdrawal(asked)).state is PayoutState.SETTLED


async def test_several_are_in_flight_with_nonces_in_order_of_age(inside: Inside) -> None:
    queued = await inside.world.queue(4)
    await inside.pay()
    assert [(b.nonce, b.payouts[0]) for b in await inside.batches()] == list(enumerate(q.id for q in queued))


async def test_a_reorganised_block_sends_the_same_bytes_again(inside: Inside) -> None:
    (asked,) = await inside.world.queue(1)
    await inside.pay()
    await inside.pay(blocks=1)
    before = await inside.ports.store.find(Attempt, {})
    await inside.world.node.reorganise(1)
    await inside.pay()
    assert [b.state for b in await inside.batches()] == [BatchState.BROADCAST]
    await inside.pay(blocks=1)
    await inside.pay(blocks=2)
    assert (await inside.withdrawal(asked)).state is PayoutState.SETTLED
    assert await inside.ports.store.find(Attempt, {}) == before
    assert await inside.world.check([asked])


async def test_a_block_that_leaves_the_chain_after_it_was_final_freezes_the_wallet(inside: Inside) -> None:
    (asked,) = await inside.world.queue(1)
    await inside.world.person(0, person=7, role=Role.OWNER)
    await inside.pay()
    await inside.pay(blocks=1)
    await inside.pay(blocks=2)
    await inside.world.node.reorganise(3)
    await inside.pay()
    assert "reorganised_after_final" in ((await inside.rail()).alarm or "")
    assert [m.person for m in await inside.told("alarm")] == [7]
    await inside.pay(blocks=1)
    assert not (await inside.world.check([asked])).doubled
    assert asked.address in await inside.world.paid()


async def test_a_payout_whose_amount_was_changed_in_the_database_is_skipped_and_others_go_on(inside: Inside) -> None:
    changed, sound = await inside.world.queue(2)
    await _forced(inside, Withdrawal, changed.id, address="0x" + "66" * 20)
    await inside.pay()
    assert (await inside.withdrawal(changed)).state is PayoutState.QUEUED
    assert (await inside.withdrawal(sound)).state is PayoutState.BATCHED
    assert (await inside.rail()).alarm is None


async def test_a_payout_changed_between_forming_and_signing_gets_a_no_op_at_its_nonce(inside: Inside) -> None:
    changed, sound = await inside.world.queue(2)
    await _form_only(inside)
    await _forced(inside, Withdrawal, changed.id, coin_minor=to_decimal(ETHER))
    for blocks in (0, 1, 2, 0):
        await inside.pay(blocks=blocks)
    assert [b.state for b in await inside.batches()] == [BatchState.ABANDONED, BatchState.SETTLED]
    assert (await inside.withdrawal(changed)).state is PayoutState.QUEUED
    assert set(await inside.world.paid()) == {sound.address}


async def _form_only(inside: Inside) -> None:
    """Forms everything that is queued and signs nothing."""
    async for page in queued(inside.ports):
        for payout in page:
            room = await room_now(inside.ports, inside.tenure)
            assert (await form_batch(inside.ports, inside.tenure, room, [payout])).batch is not None


async def test_a_settled_payout_that_a_thief_queues_again_is_not_paid_again(inside: Inside) -> None:
    (asked,) = await inside.world.queue(1)
    for blocks in (0, 1, 2):
        await inside.pay(blocks=blocks)
    await _forced(inside, Withdrawal, asked.id, state="queued", batch=None)
    await inside.world.database["batches"].delete_many({})
    await inside.world.database["reservations"].delete_many({})
    for blocks in (0, 1, 3):
        await inside.pay(blocks=blocks)
    assert {a: len(amounts) for a, amounts in (await inside.world.paid()).items()} == {asked.address: 1}
    assert await inside.world.ports.store.count(Attempt, {}) == 1


async def test_the_signer_refuses_a_second_meaning_of_its_own_accord(inside: Inside) -> None:
    (asked,) = await inside.world.queue(1)
    await inside.pay()
    with pytest.raises(InvariantViolated):
        await inside.ports.signer.check(asked.id)


async def test_an_address_that_takes_nothing_is_returned_before_anything_is_signed(inside: Inside) -> None:
    (asked,) = await inside.world.queue(1)
    await inside.world.node.call("anvil_setCode", asked.address, TAKES_NOTHING)
    await inside.pay()
    assert (await inside.withdrawal(asked)).state is PayoutState.RETURNED
    assert await inside.batches() == []
    assert await inside.world.balance(f"ITD:person:{PERSON}:held") == 0
    guards = await inside.ports.store.get(Guards, PERSON)
    assert guards is not None
    assert used(guards, Operation.PAYOUT, asked.limit_day).count == 0
    assert await inside.steps_told() == ["returned"]


async def test_a_reverted_transaction_is_tried_once_more_and_then_returned(inside: Inside) -> None:
    (asked,) = await inside.world.queue(1)
    for _ in range(2):
        await inside.world.node.call("anvil_setCode", asked.address, "0x")
        await inside.pay()
        # It becomes a contract that takes nothing after it was simulated.
        await inside.world.node.call("anvil_setCode", asked.address, TAKES_NOTHING)
        await inside.pay(blocks=1)
        await inside.world.node.call("anvil_setCode", asked.address, "0x")
        await inside.pay(blocks=2)
        if (await inside.withdrawal(asked)).reverts < 2:
            await inside.pay()
    assert (await inside.withdrawal(asked)).state is PayoutState.RETURNED
    assert {b.state for b in await inside.batches()} == {BatchState.REVERTED}
    verdict = await inside.world.check([])
    assert verdict, verdict


async def test_a_transaction_that_the_pool_dropped_is_unknown_and_sent_again(inside: Inside) -> None:
    (asked,) = await inside.world.queue(1)
    await inside.pay()
    batch = (await inside.batches())[0]
    attempt = (await inside.ports.store.find(Attempt, {"batch": batch.id}))[0]
    await inside.world.node.call("anvil_dropTransaction", attempt.txid)
    await inside.pay(blocks=1)
    assert await inside.ports.node.known(attempt.txid)
    for blocks in (1, 2):
        await inside.pay(blocks=blocks)
    assert (await inside.withdrawal(asked)).state is PayoutState.SETTLED


async def test_a_nonce_spent_by_somebody_else_freezes_the_wallet_and_pays_nobody(inside: Inside) -> None:
    await inside.pay()
    (asked,) = await inside.world.queue(1)
    await inside.world.person(0, person=7, role=Role.OWNER)
    await _form_only(inside)
    await inside.world.node.call("anvil_impersonateAccount", inside.world.hot)
    thief = {"from": inside.world.hot, "to": "0x" + "66" * 20, "value": "0x1"}
    await inside.world.node.call("eth_sendTransaction", thief)
    await inside.world.node.mine()
    for blocks in (0, 3, 0):
        await inside.pay(blocks=blocks)
    assert "foreign_spend" in ((await inside.rail()).alarm or "")
    assert (await inside.withdrawal(asked)).state is PayoutState.BATCHED
    assert "unknown" in await inside.steps_told()
    later = await inside.world.queue(1)
    await inside.pay()
    assert (await inside.withdrawal(later[0])).state is PayoutState.QUEUED


async def test_a_chain_that_is_ahead_of_our_nonces_stops_everything(inside: Inside) -> None:
    queued = await inside.world.queue(1)
    for blocks in (0, 1, 2):
        await inside.pay(blocks=blocks)
    # As if an old backup had been restored.
    await inside.world.set_rail(next_nonce=0)
    later = await inside.world.queue(1)
    await inside.pay()
    assert "nonce_ahead" in ((await inside.rail()).alarm or "")
    assert (await inside.withdrawal(later[0])).state is PayoutState.QUEUED
    assert set(await inside.world.paid()) == {queued[0].address}


async def test_a_paused_rail_forms_nothing_and_settles_what_is_out(inside: Inside) -> None:
    first = await inside.world.queue(1)
    await inside.pay()
    await inside.world.set_rail(RailState.PAUSED)
    second = await inside.world.queue(1)
    for blocks in (1, 2):
        await inside.pay(blocks=blocks)
    assert (await inside.withdrawal(first[0])).state is PayoutState.SETTLED
    assert (await inside.withdrawal(second[0])).state is PayoutState.QUEUED
    await inside.world.set_rail(RailState.RUNNING)
    await inside.pay()
    assert (await inside.withdrawal(second[0])).state is PayoutState.BATCHED


async def test_a_frozen_person_waits_and_others_do_not(inside: Inside) -> None:
    waiting = (await inside.world.queue(1))[0]
    await inside.world.person(100, person=43)
    other = (await inside.world.queue(1, person=43))[0]
    await inside.ports.ledger.post(Posting("test:freeze", "freeze", "test", changes=(frozen(PERSON, "test"),)))
    await inside.pay()
    states = [(await inside.withdrawal(one)).state for one in (waiting, other)]
    assert states == [PayoutState.QUEUED, PayoutState.BATCHED]


async def test_fees_above_the_ceiling_and_an_empty_wallet_let_payouts_wait(inside: Inside) -> None:
    (asked,) = await inside.world.queue(1)
    await inside.world.node.call("anvil_setNextBlockBaseFeePerGas", hex(300 * 10**9))
    await inside.pay(blocks=1)
    assert (await inside.withdrawal(asked)).state is PayoutState.QUEUED
    await inside.world.node.call("anvil_setNextBlockBaseFeePerGas", hex(10**9))
    await inside.world.node.set_balance(inside.world.hot, asked.coin_minor)
    await inside.pay(blocks=1)
    assert (await inside.withdrawal(asked)).state is PayoutState.QUEUED
    await inside.world.node.set_balance(inside.world.hot, ETHER)
    await inside.pay()
    assert (await inside.withdrawal(asked)).state is PayoutState.BATCHED


async def test_funds_are_counted_with_everything_that_is_under_way(inside: Inside) -> None:
    coin = 10 * ITD * ETHER // RATE_MINOR
    await inside.world.node.set_balance(inside.world.hot, 2 * coin + 25 * ETHER // 1_000)
    queued = await inside.world.queue(3)
    await inside.pay()
    assert [(await inside.withdrawal(q)).state for q in queued].count(PayoutState.BATCHED) == 2


async def test_a_worker_whose_lease_was_taken_commits_nothing(inside: Inside, world: World) -> None:
    (asked,) = await world.queue(1)
    await world.database["heartbeats"].update_many({}, [{"$set": {"at": {"$subtract": ["$at", 3_600_000]}}}])
    async with open_inside(world, "another") as another:
        with pytest.raises(LeaseLostError):
            await inside.pay()
        assert (await inside.withdrawal(asked)).state is PayoutState.QUEUED
        await another.pay()
        assert (await inside.withdrawal(asked)).state is PayoutState.BATCHED
