"""Calls of the contract in trouble, on anvil: fees above what nodes pass on, who fails in company, who is frozen."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from eth_account.typed_transactions import TypedTransaction
from hexbytes import HexBytes

from payout_worker.ports import Order, Signed
from payout_worker.signers.ethereum import EthereumSigner
from payout_worker.steps import sign_batch
from tests.integration.worker.inside import Inside
from tests.integration.worker.paying import attempts, form_only, only_batch, set_code, to_the_end
from tests.integration.worker.test_multi_send_code import REVERTS
from wallet_core.domain.chain import Broadcast
from wallet_core.domain.guards import frozen
from wallet_core.domain.hot_wallet import Level
from wallet_core.domain.ledger import Posting
from wallet_core.domain.multi_send import most_gas
from wallet_core.domain.payout import AttemptKind, BatchState, PayoutState, Withdrawal
from wallet_core.domain.people import Role

ETHER = 10**18
GWEI = 10**9
RIVAL = 50
#: Writes three slots that nobody wrote: more gas than the contract lets it have, and less than a transfer may use.
TAKES_66K = "0x600160005560016001556001600255"


@pytest.fixture
def mass() -> bool:
    """This file's worlds have the contract."""
    return True


async def _many(inside: Inside, count: int) -> list[Withdrawal]:
    """Of several people, because of the day's limit."""
    asked: list[Withdrawal] = []
    for person in range(100, 100 + count // 20):
        await inside.world.person(1_000, person=person)
        asked += await inside.world.queue(20, itd=1, person=person)
    return asked


def _capped(inside: Inside) -> None:
    """As geth's ``--rpc.txfeecap`` by default: it takes nothing that may cost more than 1 ether."""
    real = inside.ports.node.broadcast

    async def broadcast(raw: bytes) -> Broadcast:
        sent = TypedTransaction.from_bytes(HexBytes(raw)).as_dict()
        if sent["gas"] * sent["maxFeePerGas"] > ETHER:
            return Broadcast.UNKNOWN
        outcome: Broadcast = await real(raw)
        return outcome

    inside.ports.node.broadcast = broadcast


async def _pay_at_high_fees(inside: Inside) -> list[Withdrawal]:
    asked = await _many(inside, 80)
    _capped(inside)
    await inside.world.node.call("anvil_setNextBlockBaseFeePerGas", hex(100 * GWEI))
    await inside.world.chain.mine()
    await inside.pay()
    await to_the_end(inside)
    return asked


async def test_no_call_offers_more_than_nodes_pass_on(inside: Inside) -> None:
    asked = await _pay_at_high_fees(inside)
    assert [len(batch.payouts) for batch in await inside.batches()] == [62, 18]
    assert await inside.world.check(asked)


async def test_without_the_ceiling_a_call_is_seen_to_be_stuck(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    boundless = await inside.started_again(ETH_MAX_BATCH_FEE="10")
    monkeypatch.setattr(EthereumSigner, "_refuse_excess", lambda *_: None)
    asked = await _pay_at_high_fees(boundless)
    assert (await only_batch(inside)).unknown
    assert {(await inside.withdrawal(payout)).state for payout in asked} == {PayoutState.BATCHED}


async def test_a_call_is_raised_up_to_the_ceiling_and_no_further(inside: Inside) -> None:
    await inside.world.person(0, person=7, role=Role.OWNER)
    await inside.world.queue(2)
    await inside.pay()
    # Lowered while it is out: 18 gwei for each unit of its gas.
    inside = await inside.started_again(ETH_MAX_BATCH_FEE="0.005", ETH_MAX_FEE_GWEI="50")
    for _ in range(40):
        await inside.world.chain.mine_empty()
        aged = {"$set": {"broadcast_at": datetime(2026, 1, 1, tzinfo=UTC)}}
        await inside.world.database["attempts"].update_many({}, aged)
        await inside.pay()
        if told := await inside.told("alarm"):
            break
    offered = [attempt.price_minor * most_gas(2) for attempt in await attempts(inside)]
    assert len(offered) > 1 and max(offered) <= 5 * ETHER // 1_000
    assert [message.facts["alarm"] for message in told] == ["fee_capped"]


async def test_who_takes_nothing_in_company_alone_is_paid_alone(inside: Inside) -> None:
    asked = await inside.world.queue(4)
    for payout in asked[:2]:
        await set_code(inside, payout.address, TAKES_66K)
    for _ in range(3):
        await inside.pay()
    shared, *alone = await inside.batches()
    assert set(shared.payouts) == {payout.id for payout in asked[2:]}
    assert [(batch.payouts, batch.contract) for batch in alone] == [((payout.id,), "") for payout in asked[:2]]
    await to_the_end(inside)
    assert await inside.world.check(asked)


async def test_who_failed_in_a_call_is_tried_alone_and_paid(inside: Inside) -> None:
    asked = await inside.world.queue(3)
    await inside.pay()
    # It was simulated, and needs more than the contract gives it by the time of the block.
    await set_code(inside, asked[0].address, TAKES_66K)
    await to_the_end(inside)
    await inside.world.queue(2)
    await inside.pay()
    await to_the_end(inside)
    first, *_ = await inside.batches()
    assert first.failed == (asked[0].id,)
    assert await inside.world.check(await inside.ports.store.find(Withdrawal, {}))
    assert {(await inside.withdrawal(payout)).state for payout in asked} == {PayoutState.SETTLED}


async def _freeze(inside: Inside, person: int) -> None:
    changes = (frozen(person, "test"),)
    await inside.world.ports.ledger.post(Posting(f"test:freeze:{person}", "freeze", "test", changes=changes))


async def _one_leaves(inside: Inside) -> tuple[Withdrawal, list[Withdrawal]]:
    """One of a call is frozen, and another one's terms are changed, after it was formed and before it is signed."""
    await inside.world.person(100, person=RIVAL)
    (left,) = await inside.world.queue(1, person=RIVAL)
    changed, *others = await inside.world.queue(4)
    await form_only(inside)
    await _freeze(inside, RIVAL)
    thief = {"$set": {"address": inside.world.chain.fresh_address()}}
    await inside.world.database["withdrawals"].update_one({"_id": changed.id}, thief)
    await inside.pay()
    return left, others


async def test_who_is_frozen_or_changed_leaves_a_call_before_it_is_signed(inside: Inside) -> None:
    left, others = await _one_leaves(inside)
    (first, *_), (batch, *_) = await attempts(inside), await inside.batches()
    assert (first.kind, batch.gas_limit) == (AttemptKind.PAYMENT, most_gas(3))
    await to_the_end(inside)
    assert set(await inside.world.paid()) == {payout.address for payout in others}
    kept = await inside.withdrawal(left)
    assert (kept.state, kept.batch) == (PayoutState.QUEUED, None)
    assert {(await inside.withdrawal(payout)).state for payout in others} == {PayoutState.SETTLED}


async def test_a_freeze_between_the_record_and_its_posting_only_delays_the_others(inside: Inside) -> None:
    """The record holds the nonce for all of them, so that it cannot be used for fewer: a no-op, and everybody anew."""
    await inside.world.person(0, person=7, role=Role.OWNER)
    await inside.world.person(100, person=RIVAL)
    (left,) = await inside.world.queue(1, person=RIVAL)
    others = await inside.world.queue(3)
    real = inside.ports.signer.sign

    async def sign(order: Order) -> Signed:
        signed = await real(order)
        await _freeze(inside, RIVAL)
        return signed

    inside.ports.signer.sign = sign  # type: ignore[method-assign]  # of a port of this test's own
    await inside.pay()
    assert await attempts(inside) == []
    inside.ports.signer.sign = real  # type: ignore[method-assign]  # as it was
    await inside.pay()
    assert [attempt.kind for attempt in await attempts(inside)] == [AttemptKind.NO_OP]
    alarms = [message.facts["alarm"] for message in await inside.told("alarm")]
    assert alarms == ["signer_refused", "payout_signed_before"]
    await to_the_end(inside)
    await inside.pay()
    await to_the_end(inside)
    assert {(await inside.withdrawal(payout)).state for payout in others} == {PayoutState.SETTLED}
    assert (await inside.withdrawal(left)).state is PayoutState.QUEUED
    assert await inside.world.check(others, still_held_minor=left.total_minor)


async def test_before_one_was_seen_to_undo_the_whole_call(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nobody(*_: object) -> object:
        raise AssertionError

    real = sign_batch._payable
    monkeypatch.setattr(sign_batch, "_without_others", nobody)

    async def all_or_none(ports: object, tenure: object, payouts: list[Withdrawal], *, first: bool) -> list[Withdrawal]:
        found = await real(ports, tenure, payouts, first=first)  # type: ignore[arg-type]  # the caller's own
        return found if len(found) == len(payouts) else []

    monkeypatch.setattr(sign_batch, "_payable", all_or_none)
    await _one_leaves(inside)
    assert [attempt.kind for attempt in await attempts(inside)] == [AttemptKind.NO_OP]


async def test_one_that_was_changed_keeps_nobody_in_a_call_that_failed_as_a_whole(inside: Inside) -> None:
    changed, *others = await inside.world.queue(3)
    contract = inside.world.environment["ETH_MULTISEND_ADDRESS"]
    sound = await inside.world.node.call("eth_getCode", contract, "latest")
    await inside.pay()
    await set_code(inside, contract, REVERTS)
    await inside.pay(blocks=1)
    await set_code(inside, contract, sound)
    thief = {"$set": {"address": inside.world.chain.fresh_address()}}
    await inside.world.database["withdrawals"].update_one({"_id": changed.id}, thief)
    await inside.pay(blocks=4)
    await to_the_end(inside)
    assert [batch.state for batch in await inside.batches()] == [BatchState.REVERTED, BatchState.SETTLED]
    assert set(await inside.world.paid()) == {payout.address for payout in others}
    assert (await inside.withdrawal(changed)).state is PayoutState.QUEUED


async def test_what_calls_in_flight_could_cost_at_most_is_no_reason_to_call_for_coins(inside: Inside) -> None:
    inside = await inside.started_again(ETH_HOT_FLOOR="99.5", ETH_HOT_INTERVAL_SECONDS="0.001")
    await inside.world.person(0, person=7, role=Role.OWNER)
    asked = await _many(inside, 60)
    await inside.pay()
    await inside.pay()
    batch, (attempt,) = await only_batch(inside), await attempts(inside)
    level = await inside.ports.store.get(Level, inside.world.asset)
    assert level is not None and batch.state is BatchState.BROADCAST
    paid_minor = sum(payout.coin_minor for payout in asked)
    assert level.free_minor == 100 * ETHER - paid_minor - most_gas(60) * attempt.price_minor
    assert await inside.told("hot_wallet") == []
    assert most_gas(60) * 200 * GWEI > ETHER // 2, "at the highest fee it would be below the floor"
