"""Somebody writes into the database while payouts are on their way: nobody gets twice what is one person's."""

from __future__ import annotations

from contextlib import suppress

import pytest

from payout_worker.steps.form_batch import form_batch, room_now
from payout_worker.steps.sign_batch import sign_batch
from tests.faults.world import World
from tests.integration.worker.inside import Inside
from wallet_core.domain.errors import Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Attempt, PayoutState, Withdrawal
from wallet_core.domain.people import Caller, Role
from wallet_core.use_cases.cancel_withdrawal import cancel_withdrawal

BOTH = pytest.mark.parametrize("asset", [Asset.BTC, Asset.ETH])
BITCOIN = pytest.mark.parametrize("asset", [Asset.BTC])


async def on_its_way(inside: Inside) -> Withdrawal:
    """One payout that the network has, and an owner who hears of alarms."""
    await inside.world.person(0, person=7, role=Role.OWNER)
    (asked,) = await inside.world.queue(1)
    await inside.pay()
    return asked


async def alarms(inside: Inside) -> list[str]:
    return [alarm.facts["alarm"] for alarm in await inside.told("alarm")]


async def go_on(inside: Inside, blocks: int = 5) -> None:
    for _ in range(blocks):
        await inside.pay(blocks=1)


@BOTH
async def test_a_payout_that_is_queued_again_and_cancelled_while_it_is_paid_is_noticed(
    inside: Inside, world: World
) -> None:
    asked = await on_its_way(inside)
    await world.database["withdrawals"].update_one({"_id": asked.id}, {"$set": {"state": "queued"}})
    await cancel_withdrawal(world.ports, Caller(asked.person), asked.id)
    await go_on(inside)
    assert "item_stopped" in await alarms(inside)


@BOTH
async def test_a_payment_that_is_called_a_no_op_gives_no_money_back(inside: Inside, world: World) -> None:
    asked = await on_its_way(inside)
    await world.database["attempts"].update_many({}, {"$set": {"kind": "no_op"}})
    await go_on(inside)
    with suppress(Refused):
        await cancel_withdrawal(world.ports, Caller(asked.person), asked.id)
    assert (await inside.withdrawal(asked)).state is PayoutState.BATCHED
    assert "item_stopped" in await alarms(inside)


@BITCOIN
async def test_another_transaction_of_ours_settles_nobody(inside: Inside, world: World) -> None:
    await on_its_way(inside)
    await go_on(inside)
    (earlier,) = await inside.ports.store.find(Attempt, {})
    (asked,) = await world.queue(1)
    room = await room_now(inside.ports, inside.tenure)
    batch = (await form_batch(inside.ports, inside.tenure, room, [asked])).batch
    assert batch is not None and await sign_batch(inside.ports, inside.tenure, batch)
    other = {"raw": earlier.raw, "txid": earlier.txid}
    await world.database["attempts"].update_one({"batch": batch.id}, {"$set": other})
    await go_on(inside)
    assert (await inside.withdrawal(asked)).state is PayoutState.BATCHED
    assert asked.address not in await world.paid() and "item_stopped" in await alarms(inside)


@BOTH
@pytest.mark.parametrize("harm", ["deleted", "settled"])
async def test_a_batch_that_is_gone_or_called_settled_is_noticed(inside: Inside, world: World, harm: str) -> None:
    asked = await on_its_way(inside)
    if harm == "deleted":
        for name in ("batches", "reservations", "attempts"):
            await world.database[name].delete_many({})
    else:
        await world.database["batches"].update_many({}, {"$set": {"state": "settled"}})
    await go_on(inside, 2)
    assert (await inside.withdrawal(asked)).state is PayoutState.BATCHED
    assert "payout_without_batch" in await alarms(inside)


@BOTH
async def test_a_payout_that_is_called_settled_is_noticed(inside: Inside, world: World) -> None:
    asked = await on_its_way(inside)
    await world.database["withdrawals"].update_one({"_id": asked.id}, {"$set": {"state": "settled"}})
    await go_on(inside)
    assert "item_stopped" in await alarms(inside)
    assert not (await world.check([asked], still_held_minor=asked.total_minor)).doubled
