"""The hot wallet's level on real nodes: what is told of too little, what becomes of too much and of small coins."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from payout_worker.families import coin_levels, ether_levels
from payout_worker.ports import CoinOrder
from payout_worker.signers.coin_signer import CoinSigner
from payout_worker.signers.ethereum import EthereumSigner
from tests.faults.chains import Chain
from tests.integration.worker.buyer import SharedWorlds, shared_worlds
from tests.integration.worker.inside import Inside
from tests.integration.worker.mover import Mover, moving
from tests.support.levels import refill, scattered
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.hot_wallet import Level
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset, plain
from wallet_core.domain.movements import withdrawal_voided
from wallet_core.domain.payout import (
    AttemptKind,
    Batch,
    BatchState,
    PayoutState,
    Withdrawal,
    move_payout,
)
from wallet_core.domain.people import Role
from wallet_core.domain.sweep import Own

_IN_THE_CAMPAIGN = [pytest.param(asset, marks=pytest.mark.campaign) for asset in (Asset.BTC, Asset.LTC)]
#: One of coins, and ether; the campaign has the other coin as well.
EVERYWHERE = pytest.mark.parametrize("asset", [_IN_THE_CAMPAIGN[0], Asset.LTC, Asset.ETH])
#: Ether, which is quick; the campaign has the coins.
ETHER_FIRST = pytest.mark.parametrize("asset", [*_IN_THE_CAMPAIGN, Asset.ETH])
COINS = pytest.mark.parametrize("asset", [_IN_THE_CAMPAIGN[0], Asset.LTC])
_OWNER = 777


@pytest.fixture(scope="module")
async def worlds(
    mongo_uri: str, premined: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[SharedWorlds]:
    """Each with a cold wallet, of which its signer knows."""

    def settings(chain: Chain) -> dict[str, str]:
        return {f"{chain.asset}_SWEEP_COLD_ADDRESS": chain.fresh_address()}

    async with shared_worlds(mongo_uri, tmp_path_factory.mktemp("shared"), premined, settings) as made:
        yield made


@pytest.fixture
async def mover(worlds: SharedWorlds, asset: Asset) -> AsyncIterator[Mover]:
    """A worker, in the world of its chain; the hot wallet has what it had in the beginning at least."""
    shared = await worlds.of(asset)
    await refill(shared.inside.world)
    async with moving(shared, {"SWEEP_TO": "off"}) as made:
        yield made


async def leveled(mover: Mover, floor: int, ceiling: int, **more: str) -> Inside:
    """A worker with a floor and a ceiling, in hundredths of what the hot wallet has; it looks in every pass."""
    has = await mover.world.chain.balance(mover.world.hot)
    named = {
        "SWEEP_TO": "off",
        "BUMP_AFTER_SECONDS": "1",
        "HOT_INTERVAL_SECONDS": "0.001",
        "HOT_FLOOR": plain(has * floor // 100, mover.asset) if floor else "",
        "HOT_CEILING": plain(has * ceiling // 100, mover.asset) if ceiling else "",
    }
    own = {f"{mover.asset}_{name}": value for name, value in (named | more).items()}
    inside = await mover.inside.started_again(**own)
    mover.buyer.shared._inside = inside
    return inside


async def own_batches(mover: Mover) -> list[Batch]:
    return [batch for batch in await mover.batches() if batch.own is not None]


async def level_of(mover: Mover) -> Level:
    found = await mover.world.ports.store.get(Level, mover.asset)
    assert found is not None
    return found


@EVERYWHERE
async def test_what_is_above_the_ceiling_goes_to_the_cold_wallet_and_the_books_say_so(mover: Mover) -> None:
    world, asset = mover.world, mover.asset
    inside = await leveled(mover, 10, 50)
    hot, cold = [await world.balance(f"{asset}:{name}") for name in ("hot", "cold")]
    assert await world.chain.balance(mover.cold) == cold
    await inside.pay()
    (batch,) = await own_batches(mover)
    assert (batch.own, batch.state, batch.payouts) == (Own.SURPLUS, BatchState.BROADCAST, ())
    assert batch.stored_minor == hot - (hot * 10 // 100 + hot * 50 // 100) // 2
    assert await mover.gaps() == []
    for _ in range(world.final_depth + 2):
        await inside.pay(blocks=1)
        assert await mover.gaps() == []
    (batch,) = await own_batches(mover)
    assert batch.state is BatchState.SETTLED
    assert await world.balance(f"{asset}:cold") == cold + batch.stored_minor == await world.chain.balance(mover.cold)
    left = hot - batch.stored_minor - batch.network_fee_minor
    assert await world.balance(f"{asset}:hot") == left == await world.chain.balance(world.hot)
    level = await level_of(mover)
    # It is in the middle now, but for the fee.
    assert level.free_minor == left == level.target_minor - batch.network_fee_minor
    assert await mover.buyer.alarms() == []


async def waits_in_the_queue(mover: Mover) -> int:
    """Payouts of a fifth of the hot wallet that wait for a day: so much of it is as good as gone."""
    coin_minor = await mover.world.chain.balance(mover.world.hot) // 5
    later = await mover.world.ports.store.now() + timedelta(days=1)
    await mover.world.queue(1, person=mover.buyer.person, coin_minor=coin_minor, not_before=later)
    return coin_minor


async def cancel_all(mover: Mover) -> None:
    """Whoever waits changes their mind."""
    world = mover.world
    for waiting in await world.ports.store.find(Withdrawal, {"state": PayoutState.QUEUED}):
        cancelled = move_payout(waiting.id, PayoutState.QUEUED, PayoutState.CANCELLED)
        voided = withdrawal_voided(waiting.person, waiting.total_minor)
        posting = Posting(f"test:{waiting.id}", "cancelled", "test", entries=voided, changes=(cancelled,))
        await world.ports.ledger.post(posting)


async def check_payouts_keep_their_coins(mover: Mover) -> None:
    """With what waits, and a floor above it, the hot wallet keeps more than both."""
    waiting = await waits_in_the_queue(mover)
    inside = await leveled(mover, 10, 50)
    has = await mover.world.chain.balance(mover.world.hot)
    for _ in range(mover.world.final_depth + 3):
        await inside.pay(blocks=1)
    stored = sum(batch.stored_minor for batch in await own_batches(mover))
    # Until the payout has left, there is what it needs and all that is to be there without it.
    assert stored and has - stored >= waiting + (has * 10 // 100 + has * 50 // 100) // 2


@ETHER_FIRST
async def test_coins_that_payouts_wait_for_stay(mover: Mover) -> None:
    await check_payouts_keep_their_coins(mover)
    await cancel_all(mover)


@ETHER_FIRST
async def test_the_test_sees_a_surplus_that_takes_what_payouts_wait_for(
    mover: Mover, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Level.target_minor.fget
    monkeypatch.setattr(Level, "target_minor", property(lambda level: real(level) - level.queued_minor))
    with pytest.raises(AssertionError):
        await check_payouts_keep_their_coins(mover)
    await cancel_all(mover)


async def check_nothing_goes_elsewhere(mover: Mover, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that was talked into another address has its surplus refused by the signer, and gives the coins back."""
    elsewhere, inside = mover.world.chain.fresh_address(), await leveled(mover, 10, 50)
    for module in (coin_levels, ether_levels, "payout_worker.families.bitcoin_like"):
        path = module if isinstance(module, str) else module.__name__
        monkeypatch.setattr(f"{path}.store_of", lambda _ports, _attempts=(): elsewhere)
    await inside.pay()
    first, *_ = await own_batches(mover)
    for _ in range(mover.world.final_depth + 2):
        await inside.pay(blocks=1)
    assert await mover.world.chain.balance(elsewhere) == 0
    (ended,) = [batch for batch in await own_batches(mover) if batch.id == first.id]
    assert ended.state is BatchState.ABANDONED
    (attempt,) = [attempt for attempt in await mover.attempts() if attempt.batch == first.id]
    assert attempt.kind is AttemptKind.NO_OP
    assert await mover.gaps() == []


@ETHER_FIRST
async def test_the_signer_lets_a_surplus_lead_to_the_cold_wallet_alone(
    mover: Mover, monkeypatch: pytest.MonkeyPatch
) -> None:
    await check_nothing_goes_elsewhere(mover, monkeypatch)


@ETHER_FIRST
async def test_the_test_sees_a_signer_that_does_not_care(mover: Mover, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CoinSigner, "_refuse_other_store", lambda *_: None)
    monkeypatch.setattr(EthereumSigner, "_refuse_other_store", lambda *_: None)
    with pytest.raises(AssertionError):
        await check_nothing_goes_elsewhere(mover, monkeypatch)


@ETHER_FIRST
async def test_while_fees_are_high_nothing_is_stored(mover: Mover) -> None:
    inside = await leveled(mover, 10, 50, SWEEP_MAX_FEE_RATE="1")
    if mover.asset is Asset.ETH:
        await mover.world.node.call("anvil_setNextBlockBaseFeePerGas", hex(5 * 10**9))
        await mover.world.chain.mine()
    await inside.pay()
    assert await own_batches(mover) == []


@ETHER_FIRST
async def test_a_surplus_that_blocks_pass_over_offers_more(mover: Mover) -> None:
    inside = await leveled(mover, 10, 50)
    await inside.pay()
    await mover.pass_over()
    first, second = await mover.attempts()
    assert second.kind is (AttemptKind.CHILD if mover.asset is Asset.LTC else AttemptKind.SWEEP)
    assert second.price_minor > first.price_minor
    for _ in range(mover.world.final_depth + 2):
        await inside.pay(blocks=1)
    (batch,) = await own_batches(mover)
    assert (batch.state, await mover.gaps()) == (BatchState.SETTLED, [])


async def told(mover: Mover) -> list[OutboxMessage]:
    where = {"template": "hot_wallet", "person": _OWNER}
    return await mover.world.ports.store.find(OutboxMessage, where, order_by=("at", "order"), limit=500)


@ETHER_FIRST
async def test_a_shortage_is_told_once_again_when_it_grows_and_when_it_is_over(mover: Mover) -> None:
    world = mover.world
    await world.person(0, person=_OWNER, role=Role.FINANCE)
    inside = await leveled(mover, 200, 0)
    await inside.pay()
    await inside.pay(blocks=1)
    has = await world.chain.balance(world.hot)
    (short,) = await told(mover)
    level = await level_of(mover)
    assert (short.facts["step"], short.facts["address"]) == ("short", world.hot)
    assert short.facts["missing_minor"] == level.target_minor - has == level.missing_minor
    assert world.hot in short.facts["payment_uri"]
    # It grows by more than half.
    later = await world.ports.store.now() + timedelta(days=1)
    await world.queue(1, person=mover.buyer.person, coin_minor=2 * level.missing_minor, not_before=later)
    await inside.pay()
    await inside.pay(blocks=1)
    _, grown = await told(mover)
    assert grown.facts["missing_minor"] == 3 * level.missing_minor
    assert grown.thread == short.thread
    await cancel_all(mover)
    while (await level_of(mover)).missing_minor:
        await refill(world)
        await inside.pay()
    *_, filled = await told(mover)
    assert (len(await told(mover)), filled.facts["step"], filled.thread) == (3, "filled", short.thread)
    await inside.pay(blocks=1)
    assert len(await told(mover)) == 3


@COINS
async def test_many_small_coins_become_few_while_fees_are_low(mover: Mover) -> None:
    world = mover.world
    await scattered(world, 40, 20_000)
    before = len(await mover.inside.ports.node.utxos(world.hot))
    waits = await leveled(mover, 0, 0, HOT_GATHER_ABOVE="30", HOT_GATHER_MAX_FEE_RATE="1")
    await waits.pay()
    assert await own_batches(mover) == []
    inside = await leveled(mover, 0, 0, HOT_GATHER_ABOVE="30", HOT_GATHER_MAX_FEE_RATE="50")
    await inside.pay()
    (batch,) = await own_batches(mover)
    assert (batch.own, len(batch.inputs) >= 40) == (Own.SMALL, True)
    assert await mover.gaps() == []
    for _ in range(world.final_depth + 2):
        await inside.pay(blocks=1)
    (batch,) = await own_batches(mover)
    (attempt,) = await mover.attempts()
    assert (batch.state, attempt.kind) == (BatchState.SETTLED, AttemptKind.NO_OP)
    after = await mover.inside.ports.node.utxos(world.hot)
    assert len(after) == before - len(batch.inputs) + len(attempt.change_minor)
    assert (await mover.gaps(), await mover.buyer.alarms()) == ([], [])


@pytest.mark.parametrize("asset", [Asset.LTC])
async def test_small_coins_whose_gathering_the_signer_refuses_are_free_again(
    mover: Mover, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or they belonged for ever to a batch that is never signed, and no other coins were ever gathered."""

    def stricter(_: CoinSigner, order: CoinOrder, *__: Any) -> None:
        if len(order.outputs) > 1:
            raise InvariantViolated("more outputs than a plain no-op has")

    monkeypatch.setattr(CoinSigner, "_refuse_excess", stricter)
    await scattered(mover.world, 100, 20_000)
    inside = await leveled(mover, 0, 0, HOT_GATHER_ABOVE="30", HOT_GATHER_MAX_FEE_RATE="50", CHANGE_OUTPUTS="50")
    for _ in range(mover.world.final_depth + 3):
        await inside.pay(blocks=1)
    (batch, *_), (attempt, *_) = await own_batches(mover), await mover.attempts()
    assert (batch.state, attempt.kind, len(attempt.change_minor)) == (BatchState.SETTLED, AttemptKind.NO_OP, 1)
    assert await mover.gaps() == []
