"""Many payouts in one call of the contract, on anvil: each by its own event, and the chain is asked who was paid."""

from __future__ import annotations

import asyncio

import pytest
from eth_account.typed_transactions import TypedTransaction
from hexbytes import HexBytes

from tests.faults.world import World
from tests.integration.worker.inside import Inside, open_inside
from tests.integration.worker.paying import attempts, form_only, only_batch, set_code, to_the_end
from tests.integration.worker.test_multi_send_code import (
    BURNS_ALL_GAS,
    DESTROYS_ITSELF,
    RETURNS_MUCH,
    REVERTS,
    REVERTS_WITH_MUCH,
    RUNS_FOR_EVER,
    TAKES_25K,
    calls_back,
)
from wallet_core.adapters.chains import multi_send
from wallet_core.domain.alert import of_day
from wallet_core.domain.multi_send import MultiSend, Payment, most_gas
from wallet_core.domain.payout import AttemptKind, BatchState, PayoutState, Withdrawal
from wallet_core.domain.people import Role

#: Half of what a person may withdraw in a day.
_EACH = 15


@pytest.fixture
def mass() -> bool:
    """This file's worlds have the contract."""
    return True


async def _states(inside: Inside, payouts: list[Withdrawal]) -> set[PayoutState]:
    return {(await inside.withdrawal(payout)).state for payout in payouts}


async def _told_returned(inside: Inside) -> list[tuple[int, str]]:
    """Who was told that which payout comes back: each of them once, and not each person."""
    told = await inside.told("withdrawal")
    return sorted((message.person, message.facts["id"]) for message in told if message.facts["step"] == "returned")


async def test_many_are_paid_with_one_nonce_and_share_its_gas(inside: Inside) -> None:
    asked = await inside.world.queue(7)
    await inside.pay()
    batch = await only_batch(inside)
    assert len(batch.payouts) == 7 and batch.gas_limit == most_gas(7)
    await to_the_end(inside)
    batch = await only_batch(inside)
    assert batch.state is BatchState.SETTLED
    parts = [(await inside.withdrawal(payout)).network_fee_minor for payout in asked]
    assert sum(parts) == batch.network_fee_minor and max(parts) - min(parts) <= 1
    told = [message.facts for message in await inside.told("withdrawal") if message.facts["step"] == "settled"]
    assert sorted(int(facts["network_fee_minor"]) for facts in told) == sorted(parts)
    assert await inside.world.check(asked)


async def test_one_by_itself_gets_a_plain_transfer(inside: Inside) -> None:
    asked = await inside.world.queue(1)
    await inside.pay()
    assert (await only_batch(inside)).contract == ""
    await to_the_end(inside)
    assert await inside.world.check(asked)


async def test_hostile_receivers_beside_a_hundred_good_ones_are_returned_and_told(inside: Inside) -> None:
    good: list[Withdrawal] = []
    for person in range(100, 107):
        await inside.world.person(1_000, person=person)
        good += await inside.world.queue(_EACH, itd=1, person=person)
    await inside.world.person(1_000, person=200)
    bad = await inside.world.queue(5, itd=1, person=200)
    await inside.world.person(1_000, person=201)
    turning = await inside.world.queue(5, itd=1, person=201)
    call = MultiSend(inside.world.environment["ETH_MULTISEND_ADDRESS"], "x", (Payment("p", good[0].address, 1),))
    back = calls_back(multi_send.call_data(call), swallows=False)
    hostile = (REVERTS, BURNS_ALL_GAS, RUNS_FOR_EVER, REVERTS_WITH_MUCH, back)
    for payout, code in zip(bad, hostile, strict=True):
        await set_code(inside, payout.address, code)
    for payout, code in zip(good, (TAKES_25K, RETURNS_MUCH, DESTROYS_ITSELF), strict=False):
        await set_code(inside, payout.address, code)
    # All of them share a call.
    inside = await inside.started_again(ETH_MAX_FEE_GWEI="60")
    await inside.pay()
    assert await _states(inside, [*good, *turning]) == {PayoutState.BATCHED}
    await inside.pay()
    # Who calls back finds no contract to call when it is paid by itself.
    *bad, lonely = bad
    assert await _states(inside, bad) == {PayoutState.RETURNED}
    # These were simulated, and show what they are only in the block.
    for payout, code in zip(turning, hostile, strict=True):
        await set_code(inside, payout.address, code)
    await to_the_end(inside)
    await inside.pay()
    await to_the_end(inside)
    *returned, last = turning
    assert await _states(inside, [*good, lonely, last]) == {PayoutState.SETTLED}
    assert await _states(inside, returned) == {PayoutState.RETURNED}
    assert await _told_returned(inside) == sorted((p.person, p.id) for p in [*bad, *returned])
    balances = [await inside.world.node.balance(payout.address) for payout in good]
    assert [b for at, b in enumerate(balances) if at != 2] == [p.coin_minor for at, p in enumerate(good) if at != 2]
    shared, *alone = await inside.batches()
    assert shared.failed == tuple(payout.id for payout in turning)
    assert [batch.payouts for batch in alone] == [(lonely.id,), (last.id,)]
    assert await inside.world.check([*good, lonely, last])


async def test_whom_a_simulation_shows_to_fail_is_returned_before_a_nonce_is_given(inside: Inside) -> None:
    asked = await inside.world.queue(2)
    await set_code(inside, asked[0].address, REVERTS)
    # In company it might only get too little gas: it is asked by itself before it is sent back.
    await inside.pay()
    assert await _states(inside, asked[:1]) == {PayoutState.QUEUED}
    await inside.pay()
    assert await _states(inside, asked[:1]) == {PayoutState.RETURNED}
    assert (await only_batch(inside)).contract == "", "who is left alone needs no contract"
    await to_the_end(inside)
    assert await inside.world.check(asked[1:])


async def test_who_fails_in_the_block_queues_again_and_is_paid_if_it_takes_it_then(inside: Inside) -> None:
    asked = await inside.world.queue(4)
    await inside.pay()
    await set_code(inside, asked[1].address, REVERTS)
    await inside.pay(blocks=1)
    await set_code(inside, asked[1].address, "0x")
    await inside.pay(blocks=4)
    first, second = await inside.batches()
    assert (first.state, first.failed, second.payouts) == (BatchState.SETTLED, (asked[1].id,), (asked[1].id,))
    again = await inside.withdrawal(asked[1])
    assert (again.state, again.reverts, again.batch) == (PayoutState.BATCHED, 1, second.id)
    await to_the_end(inside)
    assert await inside.world.check(asked)


async def test_the_second_time_that_it_fails_in_a_block_it_is_returned(inside: Inside) -> None:
    asked = await inside.world.queue(3)
    for _ in range(2):
        await inside.pay()
        await set_code(inside, asked[0].address, REVERTS)
        await inside.pay(blocks=1)
        await set_code(inside, asked[0].address, "0x")
        await inside.pay(blocks=4)
    returned = await inside.withdrawal(asked[0])
    assert (returned.state, returned.reverts) == (PayoutState.RETURNED, 2)
    assert await inside.world.check(asked[1:])


async def test_a_call_that_fails_as_a_whole_is_tried_again_and_then_each_by_itself(inside: Inside) -> None:
    asked = await inside.world.queue(3)
    contract = inside.world.environment["ETH_MULTISEND_ADDRESS"]
    sound = await inside.world.node.call("eth_getCode", contract, "latest")
    for _ in range(2):
        await inside.pay()
        await set_code(inside, contract, REVERTS)
        await inside.pay(blocks=1)
        await set_code(inside, contract, sound)
        await inside.world.chain.mine(4)
        await inside.pay()
    assert [batch.state for batch in (await inside.batches())[:2]] == [BatchState.REVERTED] * 2
    for _ in range(len(asked)):
        await inside.pay()
    alone = (await inside.batches())[2:]
    assert [(len(batch.payouts), batch.contract) for batch in alone] == [(1, "")] * 3
    await to_the_end(inside)
    assert await inside.world.check(asked)


async def test_a_raise_keeps_the_receiver_the_value_and_the_data(inside: Inside) -> None:
    asked = await inside.world.queue(3)
    await inside.pay()
    await inside.world.chain.mine_empty()
    # Longer than ETH_BUMP_AFTER_SECONDS.
    await asyncio.sleep(2.5)
    await inside.world.chain.mine_empty()
    await inside.pay()
    await inside.pay()
    first, second = [TypedTransaction.from_bytes(HexBytes(a.raw)).as_dict() for a in await attempts(inside)]
    for name in ("nonce", "to", "value", "data", "gas"):
        assert first[name] == second[name]
    assert second["maxFeePerGas"] > first["maxFeePerGas"]
    await to_the_end(inside)
    assert await inside.world.check(asked)


async def test_a_reorganisation_that_mines_the_older_attempt_ends_the_same(inside: Inside) -> None:
    asked = await inside.world.queue(3)
    await inside.pay()
    await set_code(inside, asked[2].address, REVERTS)
    await inside.world.chain.mine_empty()
    await asyncio.sleep(2.5)
    await inside.world.chain.mine_empty()
    await inside.pay()
    await inside.pay()
    await inside.pay(blocks=1)
    older, newer = await attempts(inside)
    assert (await only_batch(inside)).txid == newer.txid
    await inside.world.chain.reorganise(1)
    await inside.world.node.call("eth_sendRawTransaction", "0x" + older.raw.hex())
    await inside.world.chain.mine()
    await inside.pay()
    await inside.pay(blocks=5)
    batch = (await inside.batches())[0]
    assert (batch.txid, batch.failed) == (older.txid, (asked[2].id,))
    assert await _states(inside, asked[2:]) == {PayoutState.RETURNED}
    assert await inside.world.check(asked[:2])


async def test_when_all_were_changed_the_call_is_a_no_op(inside: Inside) -> None:
    asked = await inside.world.queue(2)
    await form_only(inside)
    changed = {"$set": {"address": inside.world.chain.fresh_address()}}
    await inside.world.database["withdrawals"].update_many({}, changed)
    await inside.pay()
    assert [attempt.kind for attempt in await attempts(inside)] == [AttemptKind.NO_OP]
    await to_the_end(inside)
    assert await _states(inside, asked) == {PayoutState.QUEUED}
    assert await inside.world.paid() == {}


async def test_another_contract_is_refused_told_and_done_without(inside: Inside) -> None:
    await inside.world.person(0, person=7, role=Role.OWNER)
    contract = inside.world.environment["ETH_MULTISEND_ADDRESS"]
    await set_code(inside, contract, "0x00")
    await inside.world.chain.mine(4)
    asked = await inside.world.queue(2)
    await inside.pay()
    assert [batch.contract for batch in await inside.batches()] == ["", ""]
    (told,) = await inside.told("alarm")
    # With the day: what is refused in another year is told again.
    assert (told.facts["alarm"], told.facts["subject"]) == ("contract_refused", of_day(contract, told.at))
    await to_the_end(inside)
    assert await inside.world.check(asked)


async def test_a_contract_that_was_put_into_the_database_is_signed_for_by_nobody(inside: Inside) -> None:
    asked = await inside.world.queue(2)
    await form_only(inside)
    thief = {"$set": {"contract": inside.world.chain.fresh_address()}}
    await inside.world.database["batches"].update_many({}, thief)
    await inside.pay()
    assert [attempt.kind for attempt in await attempts(inside)] == [AttemptKind.NO_OP]
    await inside.world.database["batches"].update_many({}, {"$set": {"contract": ""}})
    await to_the_end(inside)
    await to_the_end(inside)
    assert await inside.world.check(asked)


@pytest.mark.parametrize("other", ["", "0x" + "66" * 20])
async def test_a_contract_that_was_changed_after_signing_ends_no_payout(inside: Inside, other: str) -> None:
    """By its status everybody would be settled; by the events of another contract whatever that one says."""
    await inside.world.person(0, person=7, role=Role.OWNER)
    asked = await inside.world.queue(2)
    await inside.pay()
    await inside.world.database["batches"].update_many({}, {"$set": {"contract": other}})
    await set_code(inside, asked[0].address, REVERTS)
    await to_the_end(inside)
    assert await _states(inside, asked) == {PayoutState.BATCHED}
    assert [message.facts["alarm"] for message in await inside.told("alarm")] == ["item_stopped"]


async def test_what_left_a_batch_and_what_was_settled_is_never_the_other_one_again(inside: Inside) -> None:
    """The signer's own record keeps a thief, who queues a paid one again, from a second payment."""
    asked = await inside.world.queue(3)
    await inside.pay()
    await to_the_end(inside)
    back = {"$set": {"state": "queued", "batch": None}}
    await inside.world.database["withdrawals"].update_one({"_id": asked[0].id}, back)
    await inside.world.queue(2)
    await inside.pay()
    await to_the_end(inside)
    assert len((await inside.world.paid())[asked[0].address]) == 1
    assert await _states(inside, asked[:1]) == {PayoutState.QUEUED}


async def test_without_the_contract_each_goes_by_itself_as_before(world: World) -> None:
    assert "ETH_MULTISEND_ADDRESS" in world.environment
    plain = World(**{**vars(world), "environment": {**world.environment, "ETH_MULTISEND_ADDRESS": ""}})
    async with open_inside(plain) as first:
        again = await first.started_again(ETH_MULTISEND_ADDRESS="")
        asked = await world.queue(2)
        await again.pay()
        assert [batch.contract for batch in await again.batches()] == ["", ""]
        await to_the_end(again)
        assert await world.check(asked)
