"""Nobody keeps others from a batch: not who leaves at the last moment, nor whose payout nobody can pay or judge."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from payout_worker import failures, standstill
from tests.faults.coin_chain import open_chain
from tests.faults.world import World, open_world
from tests.integration.worker.inside import Inside
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.guards import frozen
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Caller, Role
from wallet_core.use_cases.cancel_withdrawal import cancel_withdrawal

BITCOIN = pytest.mark.parametrize("asset", [Asset.BTC])
BITCOIN_AND_ETHEREUM = pytest.mark.parametrize("asset", [Asset.BTC, Asset.ETH])
RIVAL = 50
#: More than any hot wallet of these tests has.
TOO_LARGE = {Asset.BTC: 10**9, Asset.ETH: 10**21}
#: More payouts that wait for themselves than one look asks the node about.
MANY = 20


@pytest.fixture
async def empty_world(
    mongo_uri: str, database_name: str, asset: Asset, tmp_path: Path, premined: Path
) -> AsyncIterator[World]:
    """A world where a batch of Bitcoin may cost so little that it can spend only a few coins."""
    tight: dict[str, Any] = {"BTC_MAX_BATCH_FEE": "0.000015", "BTC_FALLBACK_FEE_RATE": "3"}
    async with (
        open_chain(asset, tmp_path, premined) as chain,
        open_world(mongo_uri, database_name, chain, tmp_path, **tight) as made,
    ):
        yield made


async def _cancel(world: World, withdrawal: Withdrawal) -> None:
    await cancel_withdrawal(world.ports, Caller(RIVAL), withdrawal.id)


async def _freeze(world: World, withdrawal: Withdrawal) -> None:
    await world.ports.ledger.post(Posting("test:freeze", "freeze", "test", changes=(frozen(RIVAL, "test"),)))


@BITCOIN
@pytest.mark.parametrize("leave", [_cancel, _freeze])
async def test_who_leaves_while_a_batch_is_formed_keeps_nobody_from_it(
    inside: Inside, world: World, leave: Callable[[World, Withdrawal], Awaitable[None]]
) -> None:
    others = await world.queue(3)
    await world.person(100, person=RIVAL)
    (left,) = await world.queue(1, person=RIVAL)
    real, asked = inside.ports.node.utxos, list[str]()

    async def when_coins_are_chosen(address: str) -> Any:
        asked.append(address)
        # The first question is for the room that there is; everybody is admitted by the second.
        if len(asked) == 2:
            await leave(world, left)
        return await real(address)

    inside.ports.node.utxos = when_coins_are_chosen
    await inside.pay()
    (batch,) = await inside.batches()
    assert set(batch.payouts) == {payout.id for payout in others}


@BITCOIN
@pytest.mark.parametrize("coin_minor", [240_000_000, 299_500_000], ids=["large", "nearly all"])
async def test_a_payout_whose_coins_would_cost_too_much_keeps_nobody(
    inside: Inside, world: World, coin_minor: int
) -> None:
    (large,) = await world.queue(1, itd=100, coin_minor=coin_minor)
    small = await world.queue(3)
    await inside.pay()
    # A second look gives to others what was meant for it.
    await inside.payouts.run_pass(inside.tenure)
    assert (await world.states(*small))[PayoutState.BATCHED] == 3
    assert (await inside.withdrawal(large)).state is PayoutState.QUEUED


@BITCOIN
async def test_what_broke_in_the_making_of_a_batch_is_stopped_alone(inside: Inside, world: World) -> None:
    await world.person(0, person=7, role=Role.OWNER)
    payouts = await world.queue(4)
    sound, broken = (payouts[0], *payouts[2:]), payouts[1]
    real = inside.ports.ledger.post

    async def post(posting: Posting) -> Any:
        if posting.kind == "batch_formed" and any(change.target.id == broken.id for change in posting.changes):
            raise InvariantViolated("broken")
        return await real(posting)

    inside.ports.ledger.post = post  # type: ignore[method-assign]  # of a port of this test's own
    await inside.pay()
    for _ in range(2):
        await inside.payouts.run_pass(inside.tenure)
    assert (await world.states(*sound))[PayoutState.BATCHED] == len(sound)
    assert [alarm.facts["subject"].split()[0] for alarm in await inside.told("alarm")] == [broken.id]


@BITCOIN_AND_ETHEREUM
async def test_many_that_the_hot_wallet_cannot_pay_keep_nobody(inside: Inside, world: World, asset: Asset) -> None:
    await world.queue(MANY, coin_minor=TOO_LARGE[asset])
    small = await world.queue(1)
    await inside.pay()
    assert (await world.states(*small))[PayoutState.BATCHED] == 1


async def test_many_that_the_node_does_not_judge_keep_nobody_and_are_formed_when_it_does(
    inside: Inside, world: World
) -> None:
    unclear = {payout.address for payout in await world.queue(MANY, itd=1)}
    (clear,) = await world.queue(1)
    real = inside.ports.node.gas_for

    async def gas_for(sender: str, address: str, *rest: int) -> Any:
        if address in unclear:
            raise Refused(Reason.NODE_UNCLEAR, answer="too many requests")
        return await real(sender, address, *rest)

    inside.ports.node.gas_for = gas_for
    await inside.pay()
    assert (await inside.withdrawal(clear)).state is PayoutState.QUEUED
    await inside.payouts.run_pass(inside.tenure)
    assert (await inside.withdrawal(clear)).state is PayoutState.BATCHED
    unclear.clear()
    await inside.pay()
    await inside.payouts.run_pass(inside.tenure)
    most_unconfirmed = 16
    assert (await world.states())[PayoutState.BATCHED] == most_unconfirmed


@BITCOIN_AND_ETHEREUM
async def test_owners_hear_once_of_a_payout_that_waits_for_long(
    inside: Inside, world: World, asset: Asset, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.person(0, person=7, role=Role.OWNER)
    (short,) = await world.queue(1, coin_minor=TOO_LARGE[asset])
    await inside.pay()
    assert await inside.told("alarm") == []
    monkeypatch.setattr(failures, "_PATIENCE", timedelta(0))
    for _ in range(2):
        await inside.pay()
    (told,) = await inside.told("alarm")
    assert told.facts["alarm"] == "item_waits"
    assert told.facts["subject"].startswith(f"{short.id}: hot_wallet_short (")


async def test_owners_hear_once_of_fees_that_stay_above_the_ceiling_while_somebody_waits(
    inside: Inside, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standstill, "_PATIENCE", timedelta(0))
    await world.person(0, person=7, role=Role.OWNER)
    await world.node.call("anvil_setNextBlockBaseFeePerGas", hex(300 * 10**9))
    await world.chain.mine()
    for _ in range(2):
        await inside.pay()
    assert await inside.told("alarm") == []
    await world.queue(1)
    for _ in range(3):
        await inside.pay()
    (alarm,) = await inside.told("alarm")
    assert (alarm.facts["alarm"], alarm.facts["frozen"]) == ("nothing_is_formed", False)
    assert alarm.facts["subject"].startswith("ETH: fees")
