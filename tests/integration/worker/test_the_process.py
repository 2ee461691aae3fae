"""``python -m payout_worker`` as operators run it: its start, its refusals, its waits, its end."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from payout_worker.signals import SIGNALS
from payout_worker.state_file import Item, StateFile
from tests.faults.processes import ended
from tests.faults.world import World
from tests.integration.worker.inside import open_inside
from tests.integration.worker.saying import said
from wallet_core.adapters.mongo.embedded import free_port
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Batch, PayoutState, Withdrawal
from wallet_core.domain.purchase import Invoice, InvoiceState

NAMES = [number.name for number in SIGNALS]
UNITS = ("payout", "purchase")
ETH = Asset.ETH


def _saved(world: World, unit: str, name: str = "worker") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((world.folder / name / f"{unit}.state.json").read_text())
    return found


async def test_a_queued_withdrawal_is_paid_and_settled(world: World) -> None:
    world.forks = None
    withdrawals = await world.queue(3)
    worker = world.start_worker()
    assert await world.mine_until(PayoutState.SETTLED, withdrawals)
    verdict = await world.check(withdrawals)
    assert verdict, verdict
    assert await world.stop_worker(worker) == 0


@pytest.mark.parametrize("name", NAMES)
async def test_a_signal_ends_it_in_order(world: World, name: str) -> None:
    withdrawals = await world.queue(2)
    worker = world.start_worker()
    await said(world, "broadcast")
    began = time.monotonic()
    assert await world.stop_worker(worker, signal.Signals[name]) == 0
    assert time.monotonic() - began < 5
    assert [_saved(world, unit)["why"] for unit in UNITS] == [name, name]
    assert _saved(world, "payout")["items"]
    again = world.start_worker()
    assert await world.mine_until(PayoutState.SETTLED, withdrawals)
    assert await world.stop_worker(again) == 0
    assert _saved(world, "payout")["items"] == []


async def test_a_storm_of_signals_cuts_nothing_short(world: World) -> None:
    world.forks = None
    withdrawals = await world.queue(5)
    for delay in (0.0, 0.3, 1.5, 2.5, 3.0, 3.5, 4.0):
        worker = world.start_worker()
        await asyncio.sleep(delay)
        for number in (*SIGNALS, *SIGNALS):
            if worker.poll() is None:
                worker.send_signal(number)
                await asyncio.sleep(0.01)
        # Before the handlers stand the default action is right: nothing was begun.
        assert await ended(worker, 5) in (0, *(-number for number in SIGNALS))
    worker = world.start_worker()
    assert await world.mine_until(PayoutState.SETTLED, withdrawals)
    verdict = await world.check(withdrawals)
    assert verdict, verdict
    assert await world.stop_worker(worker) == 0


def _batches(*ids: str) -> tuple[Item, ...]:
    return tuple(Item(asset=ETH, kind="batch", id=batch, step="broadcast") for batch in ids)


async def _in_flight(world: World, count: int) -> tuple[list[Batch], list[Withdrawal]]:
    """Batches that are out, in a state folder called ``worker``; nothing has been mined since."""
    async with open_inside(world, "worker") as inside:
        withdrawals = await world.queue(count)
        await inside.pay()
        return await inside.batches(), withdrawals


async def test_the_file_says_in_which_order_payouts_are_resumed(world: World) -> None:
    batches, withdrawals = await _in_flight(world, 4)
    order = [batches[n].id for n in (2, 0, 3, 1)]
    StateFile(world.folder / "worker", "payout").save("SIGTERM", {ETH: 1}, _batches(*order))
    await world.node.mine()
    worker = world.start_worker()
    assert await world.mine_until(PayoutState.SETTLED, withdrawals)
    assert await world.stop_worker(worker) == 0
    assert [line["batch"] for line in world.log_of() if line["event"] == "confirmed"] == order


@pytest.mark.parametrize("harm", ["missing", "cut", "changed", "an older version", "an older epoch"])
async def test_a_file_that_cannot_be_relied_on_is_set_aside(world: World, harm: str) -> None:
    batches, withdrawals = await _in_flight(world, 3)
    file = StateFile(world.folder / "worker", "payout")
    items = _batches(*(batch.id for batch in reversed(batches)))
    file.save("SIGTERM", {ETH: 0 if harm == "an older epoch" else 1}, items)
    _harm(file.path, harm)
    await world.node.mine()
    worker = world.start_worker()
    assert await world.mine_until(PayoutState.SETTLED, withdrawals)
    assert await world.stop_worker(worker) == 0
    confirmed = [line["batch"] for line in world.log_of() if line["event"] == "confirmed"]
    assert confirmed == [batch.id for batch in batches]
    event = "state_file_missing" if harm == "missing" else "state_file_set_aside"
    assert [line for line in world.log_of() if line["event"] == event]


def _harm(path: Path, harm: str) -> None:
    content = path.read_bytes()
    if harm == "missing":
        path.unlink()
    elif harm == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif harm == "changed":
        path.write_bytes(content.replace(b"SIGTERM", b"SIGINTT"))
    elif harm == "an older version":
        path.write_bytes(content.replace(b'"version": 2', b'"version": 1'))


async def test_the_file_says_in_which_order_purchases_are_resumed(world: World) -> None:
    async with open_inside(world, "worker") as inside:
        invoices = [await world.invoice(index) for index in range(4)]
        for invoice in invoices:
            await world.node.send(invoice.address, invoice.coin_minor)
        await inside.look(blocks=1)
    order = [invoices[n].id for n in (2, 0, 3, 1)]
    items = tuple(Item(asset=ETH, kind="invoice", id=invoice, step="pending") for invoice in order)
    StateFile(world.folder / "worker", "purchase").save("SIGTERM", {ETH: 1}, items)
    await world.node.mine(3)
    worker = world.start_worker()
    for _ in range(200):
        if await world.ports.store.count(Invoice, {"state": InvoiceState.CREDITED}) == len(invoices):
            break
        await asyncio.sleep(0.1)
    assert await world.stop_worker(worker) == 0
    assert [line["invoice"] for line in world.log_of() if line["event"] == "credited"] == order


async def test_it_refuses_another_chain_and_unsafe_settings(world: World) -> None:
    assert await ended(world.start_worker("other-id", ETH_CHAIN_ID="1")) == 2
    await world.set_rail(genesis="0x" + "00" * 32)
    assert await ended(world.start_worker("other-genesis")) == 2
    assert await ended(world.start_worker("unsafe", WALLET_ENV="production")) == 2
    assert await ended(world.start_worker("wrong-key", SEED_PASSPHRASE="another")) == 2
    for name in ("other-id", "other-genesis", "unsafe"):
        assert [line["event"] for line in world.log_of(name)][-1] == "must_not_start"


async def test_a_failpoint_has_no_place_in_production(world: World) -> None:
    safe = {
        "WALLET_ENV": "production", "ETH_CHAIN_ID": "1", "ETH_FINAL_DEPTH": "64", "TELEGRAM_BOT_TOKEN": "2:real",
        "RATES_URLS": "https://a.example/{coin} https://b.example/{coin}", "NEW_ADDRESS_WAIT_SECONDS": "86400",
    }  # fmt: skip
    point = "form_batch:ledger.post:after"
    assert await ended(world.start_worker("armed", **safe, WALLET_FAILPOINT=point)) == 2
    assert "WALLET_FAILPOINT" in str(world.log_of("armed")[-1]["error"])


async def test_one_state_folder_serves_one_worker(world: World) -> None:
    first = world.start_worker()
    await said(world, "lease_taken")
    assert await ended(world.start_worker()) == 2
    assert await world.stop_worker(first) == 0


async def test_a_signal_before_the_database_answers_keeps_what_the_file_knew(world: World) -> None:
    batches, _ = await _in_flight(world, 2)
    items = _batches(*(batch.id for batch in batches))
    StateFile(world.folder / "worker", "payout").save("step", {ETH: 1}, items)
    nobody = f"mongodb://127.0.0.1:{free_port()}/?replicaSet=rs0&serverSelectionTimeoutMS=300"
    worker = world.start_worker(MONGODB_URI=nobody)
    await said(world, "waiting_for_mongodb")
    assert await world.stop_worker(worker) == 0
    kept = _saved(world, "payout")
    assert [item["id"] for item in kept["items"]] == [batch.id for batch in batches]
    assert (kept["why"], kept["epochs"]) == ("SIGTERM", {"ETH": 1})
