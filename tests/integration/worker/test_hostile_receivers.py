"""Receivers, nodes and people that would stop the queue, burn the house's gas, or get paid against a freeze."""

from __future__ import annotations

from typing import Any

import pytest
from web3 import AsyncHTTPProvider
from web3.types import RPCEndpoint

from tests.faults.world import PERSON
from tests.integration.worker.inside import Inside
from wallet_core.adapters.mongo.codec import encode
from wallet_core.domain.guards import Guards, frozen
from wallet_core.domain.kyc import Operation, used
from wallet_core.domain.ledger import Posting
from wallet_core.domain.payout import BatchState, PayoutState, Withdrawal
from wallet_core.domain.people import Role

INVALID, UNDERFLOW, BAD_JUMP = "0xfe", "0x50", "0x60ff56"
#: GASPRICE PUSH1 5 JUMPI STOP JUMPDEST INVALID: takes ether in a free simulation, burns all gas in a block.
BURNS_WHEN_PAID = "0x3a600557005bfe"


async def _contract(inside: Inside, payout: Withdrawal, code: str) -> None:
    await inside.world.node.call("anvil_setCode", payout.address, code)


@pytest.mark.parametrize("code", [INVALID, UNDERFLOW, BAD_JUMP])
async def test_a_receiver_whose_code_fails_is_returned_and_stops_nobody(inside: Inside, code: str) -> None:
    bad, good = await inside.world.queue(2)
    await _contract(inside, bad, code)
    await inside.pay()
    assert (await inside.withdrawal(bad)).state is PayoutState.RETURNED
    assert (await inside.withdrawal(good)).state is PayoutState.BATCHED


async def test_code_that_behaves_in_free_simulations_only_is_found_out(inside: Inside) -> None:
    (sly,) = await inside.world.queue(1)
    await _contract(inside, sly, BURNS_WHEN_PAID)
    await inside.pay()
    assert (await inside.withdrawal(sly)).state is PayoutState.RETURNED
    assert await inside.batches() == []


async def test_burned_gas_keeps_the_fee_and_the_place_in_the_limit(inside: Inside) -> None:
    (asked,) = await inside.world.queue(1)
    await inside.pay()
    await _contract(inside, asked, INVALID)
    await inside.pay(blocks=1)
    await inside.pay(blocks=3)
    returned = await inside.withdrawal(asked)
    assert (returned.state, returned.reverts) == (PayoutState.RETURNED, 1)
    guards = await inside.ports.store.get(Guards, PERSON)
    assert guards is not None and used(guards, Operation.PAYOUT, asked.limit_day).count == 1
    assert (await inside.told("withdrawal"))[-1].facts["fee_kept_minor"] == asked.fee_minor
    assert (await inside.world.check([])).gaps == []


@pytest.mark.parametrize(
    "error",
    [
        {"code": -32005, "message": "daily request count exceeded", "data": {"see": "the plan"}},
        {"code": -32603, "message": "Internal error", "data": None},
        {"code": -32000, "message": "header not found"},
    ],
)
async def test_an_answer_that_is_no_verdict_refunds_nobody_and_lets_others_go_on(
    inside: Inside, monkeypatch: pytest.MonkeyPatch, error: dict[str, Any]
) -> None:
    unlucky, good = await inside.world.queue(2)
    ask = AsyncHTTPProvider.make_request

    async def limited(self: AsyncHTTPProvider, method: RPCEndpoint, params: Any) -> Any:
        if method == "eth_estimateGas" and params[0]["to"] == unlucky.address:
            return {"jsonrpc": "2.0", "id": 1, "error": error}
        return await ask(self, method, params)

    monkeypatch.setattr(AsyncHTTPProvider, "make_request", limited)
    await inside.pay()
    assert (await inside.withdrawal(unlucky)).state is PayoutState.QUEUED
    assert (await inside.withdrawal(good)).state is PayoutState.BATCHED


async def test_a_payout_too_large_for_the_hot_wallet_lets_smaller_ones_go_on(inside: Inside) -> None:
    balance = await inside.ports.node.balance(inside.ports.signer.address)
    (large,) = await inside.world.queue(1, coin_minor=balance)
    (small,) = await inside.world.queue(1)
    await inside.pay()
    assert (await inside.withdrawal(large)).state is PayoutState.QUEUED
    assert (await inside.withdrawal(small)).state is PayoutState.BATCHED


async def _formed_only(inside: Inside, payout: Withdrawal) -> None:
    """Forms the batch while signing is impossible, as when fees are too high for a while."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("payout_worker.payouts.STEPS", {})
        await inside.pay()
    assert [batch.state for batch in await inside.batches()] == [BatchState.FORMED]
    assert (await inside.withdrawal(payout)).state is PayoutState.BATCHED


async def test_a_freeze_holds_until_the_bytes_are_signed(inside: Inside) -> None:
    (asked,) = await inside.world.queue(1)
    await _formed_only(inside, asked)
    await inside.ports.ledger.post(Posting("test:freeze", "freeze", "test", changes=(frozen(PERSON, "test"),)))
    await inside.pay()
    await inside.pay(blocks=1)
    await inside.pay(blocks=3)
    assert [batch.state for batch in await inside.batches()] == [BatchState.ABANDONED]
    assert (await inside.withdrawal(asked)).state is PayoutState.QUEUED
    assert await inside.world.paid() == {}


@pytest.mark.parametrize("change", [{"person": 999}, {"amount_minor": 1, "fee_minor": 0}])
async def test_terms_that_were_changed_after_signing_settle_nothing_and_raise_an_alarm(
    inside: Inside, change: dict[str, int]
) -> None:
    await inside.world.person(0, person=77, role=Role.OWNER)
    (asked,) = await inside.world.queue(1)
    await inside.pay()
    await inside.world.database["withdrawals"].update_one({"_id": asked.id}, {"$set": encode(change)})
    await inside.pay(blocks=1)
    await inside.pay(blocks=3)
    assert (await inside.withdrawal(asked)).state is PayoutState.BATCHED
    alarms = [message.facts["alarm"] for message in await inside.told("alarm")]
    assert "payout_tampered" in alarms
