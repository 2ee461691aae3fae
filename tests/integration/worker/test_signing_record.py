"""What a worker does not know to be signed: it learns it, or the chain tells, and then nothing more is paid."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from payout_worker.ports import CoinOrder, Output, Signed
from payout_worker.signers.opening import open_signer
from tests.faults.coin_chain import CoinChain, open_chain
from tests.faults.world import World, open_world
from tests.integration.worker.inside import Inside, open_inside
from tests.support.coin_chains import always_on
from wallet_core.domain.changes import Insert
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Attempt, PayoutState, Withdrawal, signed_terms
from wallet_core.domain.people import Role

BOTH = pytest.mark.parametrize("asset", [Asset.BTC, Asset.ETH])
COINS = pytest.mark.parametrize("asset", always_on(Asset.BTC))


@pytest.fixture
async def empty_world(
    mongo_uri: str, database_name: str, asset: Asset, tmp_path: Path, premined: Path
) -> AsyncIterator[World]:
    """Final after two blocks, so that a payout is settled soon."""
    async with (
        open_chain(asset, tmp_path, premined) as chain,
        open_world(mongo_uri, database_name, chain, tmp_path, final_depth=2) as made,
    ):
        yield made


async def settled(inside: Inside) -> Withdrawal:
    (asked,) = await inside.world.queue(1)
    await inside.pay()
    for _ in range(5):
        await inside.pay(blocks=1)
    found = await inside.withdrawal(asked)
    assert found.state is PayoutState.SETTLED
    return found


async def queue_again(world: World, withdrawal: Withdrawal) -> None:
    """What somebody can do who writes into the database."""
    await world.database["withdrawals"].update_one({"_id": withdrawal.id}, {"$set": {"state": "queued"}})
    await world.database["leases"].delete_many({})


async def times_paid(inside: Inside, withdrawal: Withdrawal) -> int:
    for blocks in (0, 1, 1):
        await inside.pay(blocks=blocks)
    return len((await inside.world.paid())[withdrawal.address])


async def alarms(inside: Inside) -> list[str]:
    return [message.facts["alarm"] for message in await inside.told("alarm")]


def lines(inside: Inside) -> list[str]:
    (file,) = inside.folder.glob("signed*.jsonl")
    return file.read_text().splitlines()


@BOTH
async def test_another_worker_learns_what_was_signed_and_goes_on_without_an_alarm(world: World) -> None:
    await world.person(0, person=7, role=Role.OWNER)
    async with open_inside(world, "first") as first:
        earlier = await settled(first)
        await world.queue(1)
        await first.pay()
        known = lines(first)
    await world.database["leases"].delete_many({})
    async with open_inside(world, "second") as second:
        await settled(second)
        assert lines(second)[: len(known)] == known
        (attempt, *_) = await second.ports.store.find(Attempt, {"txid": earlier.txid})
        assert second.ports.signer.signed_for(attempt.txid) == (earlier.id,)
        assert await alarms(second) == []


@BOTH
async def test_another_worker_does_not_pay_again_what_somebody_queued_anew(world: World) -> None:
    async with open_inside(world, "first") as first:
        paid = await settled(first)
    await queue_again(world, paid)
    async with open_inside(world, "second") as second:
        assert await times_paid(second, paid) == 1
        assert (await second.rail()).alarm is None


@BOTH
@pytest.mark.parametrize("harm", [{"signed": "{}"}, {"signed": ""}, {"signed": 7}, {"signed_mac": "00"}])
async def test_what_no_attempt_tells_any_more_the_chain_tells(world: World, harm: dict[str, object]) -> None:
    await world.person(0, person=7, role=Role.OWNER)
    async with open_inside(world, "first") as first:
        paid = await settled(first)
    await world.database["attempts"].update_many({}, {"$set": harm})
    await queue_again(world, paid)
    async with open_inside(world, "second") as second:
        assert await times_paid(second, paid) == 1
        assert (await alarms(second), lines(second)) == (["record_incomplete"], [])
        assert "record_incomplete" in ((await second.rail()).alarm or "")


@BOTH
async def test_what_was_signed_on_other_chains_is_not_even_read(world: World) -> None:
    """By their lines, which no record of this chain ever had, it would be seen to stop."""
    other = Attempt(id="b:1", batch="b", asset=Asset.LTC, number=1, txid="t", raw=b"", signed="{}", signed_mac="")
    sealed = other.model_copy(update={"signed_mac": world.ports.vault.mac(signed_terms("{}"))})
    await world.ports.ledger.post(Posting("test:attempt", "attempt", "test", changes=(Insert(sealed),)))
    async with open_inside(world, "first") as first:
        await settled(first)
        assert await alarms(first) == []
    await world.database["attempts"].update_one({"_id": other.id}, {"$set": {"asset": None}})
    await world.database["leases"].delete_many({})
    async with open_inside(world, "second") as second:
        with pytest.raises(InvariantViolated):
            await second.pay(blocks=1)


@BOTH
async def test_lines_that_were_copied_over_make_a_record_whole(world: World) -> None:
    async with open_inside(world, "first") as first:
        paid = await settled(first)
        (file,) = first.folder.glob("signed*.jsonl")
    await world.database["attempts"].update_many({}, {"$set": {"signed": ""}})
    second_folder = world.folder / "second"
    second_folder.mkdir()
    (second_folder / file.name).write_text(file.read_text())
    await queue_again(world, paid)
    async with open_inside(world, "second") as second:
        assert await times_paid(second, paid) == 1
        assert (await second.rail()).alarm is None


@BOTH
async def test_who_clears_the_alarm_is_not_asked_again_of_the_same(world: World) -> None:
    async with open_inside(world, "first") as first:
        await settled(first)
    await world.database["attempts"].update_many({}, {"$set": {"signed": ""}})
    await world.database["leases"].delete_many({})
    async with open_inside(world, "second") as second:
        await second.pay()
        assert (await second.rail()).alarm
        await world.set_rail(alarm=None)
        await settled(second)
        assert (await second.rail()).alarm is None


@BOTH
async def test_a_record_that_was_lost_is_noticed_although_the_state_file_is_there(world: World) -> None:
    async with open_inside(world, "first") as first:
        paid = await settled(first)
        first.payouts._items.save()
        (file,) = first.folder.glob("signed*.jsonl")
    file.unlink()
    await world.database["attempts"].update_many({}, {"$set": {"signed": ""}})
    await world.database["withdrawals"].update_one({"_id": paid.id}, {"$set": {"state": "queued"}})
    async with open_inside(world, "first") as again:
        assert await times_paid(again, paid) == 1
        assert "record_incomplete" in ((await again.rail()).alarm or "")


@COINS
async def test_coins_that_somebody_else_spends_freeze_the_hot_wallet(inside: Inside) -> None:
    """The thief with the key is a second signer with the same seed and a record of its own."""
    world = inside.world
    await world.person(0, person=7, role=Role.OWNER)
    await inside.pay()
    theft = await _stolen(inside)
    assert isinstance(world.chain, CoinChain)
    await world.chain.keeper.call("generateblock", world.chain.fresh_address(), [theft.raw.hex()])
    await world.chain._agreed()
    (asked,) = await world.queue(1)
    for _ in range(5):
        await inside.pay(blocks=1)
    assert await alarms(inside) == ["foreign_spend"]
    assert (await inside.rail()).alarm == f"foreign_spend {theft.txid}"
    assert (await inside.withdrawal(asked)).state is PayoutState.QUEUED


async def _stolen(inside: Inside) -> Signed:
    coin = (await inside.ports.node.utxos(inside.ports.signer.address))[0]
    world = inside.world
    thief = await open_signer(world.ports.settings, world.asset, world.folder / "thief", inside.ports.node)
    taken = Output("x", world.chain.fresh_address(), coin.value_minor - 20_000)
    return await thief.sign(CoinOrder((coin,), (taken,)))


@COINS
async def test_what_the_node_lists_as_sent_is_what_was_signed(inside: Inside) -> None:
    await settled(inside)
    await inside.world.chain.mine(3)
    await inside.pay()
    known = await inside.ports.node.sends(None)
    assert [json.loads(line)["txid"] for line in lines(inside)] == known
    assert (await inside.rail()).alarm is None
