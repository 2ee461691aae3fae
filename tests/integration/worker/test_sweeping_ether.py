"""Sweeps of Ethereum's deposit addresses, beside the watcher that credits what comes to them; on a real node."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from bip32 import BIP32
from eth_account import Account as Key

from tests.faults.chains import ether_chain
from tests.faults.world import ITD, PERSON, World, open_world
from tests.integration.worker.inside import Inside, open_inside
from tests.support.deposits import credited
from wallet_core.adapters.seed_file import ETHEREUM_DEPOSITS_PATH, SEED_FILE, open_seed_file
from wallet_core.bootstrap import chains_to_verify
from wallet_core.domain.accounts import available
from wallet_core.domain.payout import Batch, BatchState
from wallet_core.domain.purchase import Invoice, RailState
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.verify_books import verify_books

WEI = 25 * 10**16
#: Code that takes nothing.
TAKES_NOTHING = "0x60006000fd"
_STEPS = frozenset({"form_sweep", "sign_batch", "broadcast_batch", "confirm_batch", "end_sweep"})
_READING = frozenset({"deposits", "ether_sweeps"})
ENDED = (BatchState.SETTLED, BatchState.REVERTED)


class Killed(BaseException):
    """As a SIGKILL: no code of the worker hears of it."""


@asynccontextmanager
async def opened(mongo_uri: str, folder: Path, **more: str) -> AsyncIterator[World]:
    """Sweeps at every look; one person without money, whose limits are wide."""
    sweeping = {"ETH_SWEEP_TO": "hot", "ETH_SWEEP_INTERVAL_SECONDS": "0.001", "ETH_BUMP_AFTER_SECONDS": "600"}
    name = f"test_{new_id()[:16]}"
    async with ether_chain(folder) as chain, open_world(mongo_uri, name, chain, folder, **(sweeping | more)) as made:
        await made.fund()
        await made.person(0)
        await made.set_rail(next_index=100, watched_through=1_000)
        yield made
        await made.drop_database()


@pytest.fixture(scope="module")
async def world(mongo_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """What tests share that leave books behind that fit the chain."""
    async with opened(mongo_uri, tmp_path_factory.mktemp("shared")) as made:
        yield made


@pytest.fixture
def more() -> dict[str, str]:
    """Settings beside the usual ones."""
    return {}


@pytest.fixture
async def own_world(mongo_uri: str, tmp_path: Path, more: dict[str, str]) -> AsyncIterator[World]:
    """For a test alone."""
    async with opened(mongo_uri, tmp_path, **more) as made:
        yield made


async def deposit(world: World) -> Invoice:
    """One more, credited, at an address of its own."""
    return await credited(world, await world.ports.store.count(Invoice, {}), WEI)


async def has(world: World) -> int:
    return await world.balance(available(PERSON).id)


async def sweep_of(world: World, invoice: Invoice) -> Batch | None:
    found = await world.ports.store.find(Batch, {"sweep": True, "invoices": (invoice.id,)}, order_by=("-created_at",))
    return found[0] if found else None


async def present(world: World, invoice: Invoice) -> Invoice:
    found = await world.ports.store.get(Invoice, invoice.id)
    assert found is not None
    return found


async def live_on(inside: Inside, invoice: Invoice) -> None:
    """Both units, block by block, until the invoice's sweep has ended, and for a while longer."""
    for _ in range(12):
        await inside.look()
        await inside.pay()
        await inside.look()
        sweep = await sweep_of(inside.world, invoice)
        if sweep is not None and sweep.state in ENDED:
            break
        await inside.world.chain.mine()
    await inside.look(blocks=1)


async def check_nothing_happened(world: World, invoice: Invoice, before_minor: int) -> None:
    """No credit, no reversal, no alarm; and books that fit the chain."""
    await check_nothing_told(world, invoice, before_minor)
    async with chains_to_verify(world.ports.settings) as chains:
        assert (await verify_books(world.ports, chains)).gaps == []


async def check_nothing_told(world: World, invoice: Invoice, before_minor: int) -> None:
    now = await present(world, invoice)
    assert (now.received_minor, now.generation, now.pending_minor) == (invoice.received_minor, 0, 0)
    assert (await has(world), (await world.rail()).alarm) == (before_minor, None)


class Killer:
    """Ends a worker at the first point that matters and at which none was ended."""

    def __init__(self) -> None:
        self.ended_at: list[str] = []

    def __call__(self, point: str) -> None:
        if matters(point) and point not in self.ended_at:
            self.ended_at.append(point)
            raise Killed(point)

    async def kills(self, world: World, invoice: Invoice) -> bool:
        """Whether a worker dies on the way to the end of a sweep."""
        try:
            async with open_inside(world, on_point=self) as inside:
                await live_on(inside, invoice)
        except Killed:
            return True
        return False


async def test_a_sweep_is_no_payment_and_no_loss_wherever_the_worker_is_killed(world: World) -> None:
    killer, ends = Killer(), 0
    # What one worker did before it died, the next does not do again, so a later point is come to with another deposit.
    while len(killer.ended_at) > ends or not ends:
        ends = len(killer.ended_at)
        invoice, before = await deposit(world), await has(world)
        while await killer.kills(world, invoice):
            async with open_inside(world) as inside:
                await inside.look()
            await check_nothing_told(world, invoice, before)
        await check_nothing_happened(world, invoice, before)
        sweep = await sweep_of(world, invoice)
        assert sweep is not None and sweep.state is BatchState.SETTLED, killer.ended_at
        assert (await present(world, invoice)).swept_minor == sweep.swept_minor
    assert {point.partition(":")[0] for point in killer.ended_at} == _STEPS | _READING


def matters(point: str) -> bool:
    """Around whatever is written or sent for a sweep; and where the watcher has read half of what it needs."""
    module, call, when = point.split(":")
    if module in _READING:
        return when == "after"
    return module in _STEPS and call in {"ledger.post", "signer.sign", "node.broadcast"}


@pytest.mark.parametrize("call", ["heights", "balances"])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_sweep_that_ends_while_the_watcher_reads_is_counted_once(world: World, call: str, when: str) -> None:
    """The watcher's blocks are older than what is booked, or its invoices are."""
    invoice = await deposit(world)
    before = await has(world)
    async with open_inside(world) as inside:
        await inside.pay()
        asked, done = getattr(inside.ports.node, call), []

        async def meanwhile(*args: Any) -> Any:
            if when == "after":
                answer = await asked(*args)
            if not done:
                done.append(call)
                for _ in range(4):
                    await inside.pay(blocks=1)
            return answer if when == "after" else await asked(*args)

        setattr(inside.ports.node, call, meanwhile)
        await inside.look()
        delattr(inside.ports.node, call)
        sweep = await sweep_of(world, invoice)
        assert sweep is not None and sweep.state is BatchState.SETTLED
        await check_nothing_happened(world, invoice, before)
        await inside.look(blocks=1)
        await check_nothing_happened(world, invoice, before)


async def test_what_comes_while_an_address_is_swept_is_credited_and_swept_another_time(world: World) -> None:
    invoice = await deposit(world)
    before = await has(world)
    async with open_inside(world) as inside:
        await inside.pay()
        await world.node.send(invoice.address, WEI)
        await live_on(inside, invoice)
        for _ in range(4):
            await inside.look(blocks=1)
        assert await has(world) - before == pytest.approx(25 * 25 * ITD, abs=25 * 25 * ITD // 50)
        first = await sweep_of(world, invoice)
        for _ in range(6):
            await inside.pay(blocks=1)
        second = await sweep_of(world, invoice)
        assert first is not None and second is not None
        assert (second.nonce, second.state) == (1, BatchState.SETTLED)
        now = await present(world, invoice)
        assert now.swept_minor == first.swept_minor + second.swept_minor
        # What was offered for gas and not taken stays behind, and counts on.
        assert now.booked_minor - now.swept_minor == await world.node.balance(invoice.address) > 0
        await inside.look(blocks=1)
        assert (await world.rail()).alarm is None


async def test_while_the_rate_is_locked_nothing_moves(world: World) -> None:
    invoice = await deposit(world)
    now = await world.ports.store.now()
    await world.database["invoices"].update_one({"_id": invoice.id}, {"$set": {"expires_at": now}})
    async with open_inside(world) as inside:
        await inside.pay()
        assert await sweep_of(world, invoice) is None


async def test_whoever_else_has_a_deposits_key_freezes_the_wallet(own_world: World) -> None:
    world = own_world
    invoice = await deposit(world)
    seed = open_seed_file(world.folder / "keys" / SEED_FILE, world.ports.settings.seed_passphrase)
    key = BIP32.from_seed(seed).get_privkey_from_path(f"{ETHEREUM_DEPOSITS_PATH}/0/0")
    elsewhere = {"to": world.chain.fresh_address(), "value": 1, "gas": 21_000, "chainId": 31337, "type": 2}
    stolen = Key.sign_transaction({**elsewhere, "nonce": 0, "maxFeePerGas": 10**11, "maxPriorityFeePerGas": 1}, key)
    await world.node.call("eth_sendRawTransaction", stolen.raw_transaction.to_0x_hex())
    await world.chain.mine(world.final_depth + 1)
    async with open_inside(world) as inside:
        await inside.pay()
        assert await sweep_of(world, invoice) is None
        assert (await world.rail()).alarm == f"foreign_spend {invoice.address}:1"
        other = await deposit(world)
        await inside.pay()
        assert await sweep_of(world, other) is None, "frozen"
        await world.set_rail(RailState.RUNNING, alarm=None)
        await live_on(inside, other)
        assert await sweep_of(world, invoice) is None


@pytest.mark.parametrize("more", [{"ETH_SWEEP_TO": "cold", "ETH_SWEEP_COLD_ADDRESS": "0x" + "52" * 20}])
async def test_a_cold_wallet_that_takes_nothing_costs_its_gas_once_and_the_owners_hear_of_it(
    own_world: World, more: dict[str, str]
) -> None:
    world = own_world
    invoice = await deposit(world)
    before, cold = await has(world), more["ETH_SWEEP_COLD_ADDRESS"]
    async with open_inside(world) as inside:
        await inside.pay()
        await world.node.call("anvil_setCode", cold, TAKES_NOTHING)
        await live_on(inside, invoice)
        sweep = await sweep_of(world, invoice)
        assert sweep is not None and sweep.state is BatchState.REVERTED
        assert sweep.swept_minor == sweep.network_fee_minor == (await present(world, invoice)).swept_minor
        await check_nothing_happened(world, invoice, before)
        for _ in range(3):
            await inside.pay(blocks=1)
        last = await sweep_of(world, invoice)
        assert last is not None and last.id == sweep.id
