"""The worker's process with a key for cards and no node of any chain: forked, or ``python -m payout_worker``."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults.environment import PASSPHRASE, make_keys, outside, settings_of
from tests.faults.fork_server import ForkServer
from tests.faults.processes import Process, ended, spawn
from tests.support.card_company import KEY, Company, open_company
from tests.support.roles import give_level
from wallet_core.adapters.mongo import migrations
from wallet_core.bootstrap import open_database, ports_of
from wallet_core.domain.accounts import available
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Caller
from wallet_core.domain.purchase import Invoice, InvoiceState, Rail
from wallet_core.ports import Ports
from wallet_core.use_cases.balances import balance_minor
from wallet_core.use_cases.confirm_purchase import confirm_purchase
from wallet_core.use_cases.quote_purchase import quote_purchase
from wallet_core.use_cases.verify_books import verify_books

ITD = 10**6
ALICE = Caller(42)


@dataclass
class Wallet:
    """The core's ports, the stand-in, and workers."""

    ports: Ports
    company: Company
    folder: Path
    environment: dict[str, str]
    forks: ForkServer
    workers: list[Process] = field(default_factory=list)

    def start(self, *, forked: bool = True, **environment: str) -> Process:
        begin = self.forks.start if forked else spawn
        worker = begin({**self.environment, **environment}, self.folder / "worker.log")
        self.workers.append(worker)
        return worker

    async def ordered(self) -> Invoice:
        quote = await quote_purchase(self.ports, ALICE, "100", "USD")
        return await confirm_purchase(self.ports, ALICE, quote.intent.id)

    async def invoice(self, invoice: Invoice) -> Invoice:
        found = await self.ports.store.get(Invoice, invoice.id)
        assert found is not None
        return found

    async def page_of(self, invoice: Invoice) -> str:
        """Waits for the page, and returns its session."""

        async def is_open() -> bool:
            return bool((await self.invoice(invoice)).address)

        await until(is_open)
        return (await self.invoice(invoice)).address

    async def credited(self, invoice: Invoice) -> None:
        async def is_credited() -> bool:
            return (await self.invoice(invoice)).state is InvoiceState.CREDITED

        await until(is_credited)

    def saved(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads((self.folder / "state" / "purchase.state.json").read_text())
        return state


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 30) -> None:
    for _ in range(int(seconds / 0.05)):
        if await holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come to be")


@pytest.fixture
async def wallet(mongo_uri: str, database_name: str, tmp_path: Path, forks: ForkServer) -> AsyncIterator[Wallet]:
    keys = tmp_path / "keys"
    keys.mkdir()
    make_keys(keys)
    async with open_company(tmp_path / "stripe") as company:
        environment = {
            **outside(),
            "MONGODB_URI": mongo_uri,
            "MONGODB_DATABASE": database_name,
            "WALLET_KEYS_DIR": str(keys),
            "SEED_PASSPHRASE": PASSPHRASE,
            "ETH_RPC_URL": "",
            "STRIPE_API_KEY": KEY,
            "STRIPE_API_BASE": company.address,
            "WORKER_STATE_DIR": str(tmp_path / "state"),
            "WORKER_POLL_SECONDS": "0.1",
            "CARD_POLL_SECONDS": "0.2",
            "LEASE_SECONDS": "2",
        }
        (tmp_path / "state").mkdir()
        settings = settings_of(environment)
        async with open_database(settings) as database, httpx.AsyncClient() as http:
            await migrations.migrate(database)
            ports = ports_of(settings, database, http)
            enrolled = ChangeGuards(ALICE.person, lambda guards, _now: guards.with_(secret=b"sealed"))
            await ports.ledger.post(Posting("test:alice", "test", "test", changes=(enrolled,)))
            await give_level(ports, ALICE.person, 3)
            made = Wallet(ports, company, tmp_path, environment, forks)
            yield made
            for worker in made.workers:
                if worker.poll() is None:
                    worker.kill()
                    await ended(worker)
            assert (await verify_books(ports, {})).gaps == []


async def opened(wallet: Wallet) -> None:
    """Waits until cards are sold."""

    async def sells() -> bool:
        rail = await wallet.ports.store.get(Rail, Asset.USD)
        return rail is not None and rail.sells

    await until(sells)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR2])
async def test_it_sells_and_at_a_signal_saves_what_is_pending_and_goes_on_with_it(wallet: Wallet, number: int) -> None:
    worker = wallet.start()
    await opened(wallet)
    waiting, invoice = await wallet.ordered(), await wallet.ordered()
    await wallet.company.act(await wallet.page_of(waiting), "pay-later")
    await wallet.company.act(await wallet.page_of(invoice), "pay")
    await wallet.credited(invoice)

    async def is_pending() -> bool:
        return bool((await wallet.invoice(waiting)).pending_minor)

    await until(is_pending)
    await asyncio.sleep(0.5)
    worker.send_signal(number)
    assert await ended(worker) == 0
    saved = wallet.saved()
    assert saved["why"] == signal.Signals(number).name
    assert saved["items"] == [{"asset": "USD", "kind": "invoice", "id": waiting.id, "step": "open"}]
    assert "events_read_to" in saved["cursors"]["USD"]
    # What happens while nobody looks is caught up, and the pending one first.
    later = await wallet.ordered()
    await wallet.company.act((await wallet.invoice(waiting)).address, "succeed")
    wallet.start()
    await wallet.credited(waiting)
    await wallet.page_of(later)
    assert await balance_minor(wallet.ports.store, available(ALICE.person)) == 200 * ITD


async def test_killed_again_and_again_while_people_pay_it_credits_each_once(wallet: Wallet) -> None:
    wallet.start()
    await opened(wallet)
    invoices = [await wallet.ordered() for _ in range(4)]
    for number, invoice in enumerate(invoices):
        await wallet.company.act(await wallet.page_of(invoice), "pay")
        wallet.workers[-1].kill()
        await ended(wallet.workers[-1])
        await asyncio.sleep(0.03 * number)
        wallet.start()
    for invoice in invoices:
        await wallet.credited(invoice)
    assert await balance_minor(wallet.ports.store, available(ALICE.person)) == 400 * ITD
    assert len(wallet.company.table("checkout.session")) == 4


@pytest.mark.parametrize(
    ("key", "says", "forked"),
    [("sk_live_of_the_tests", "moves real money", False), ("", "no rail is served", True)],
)
async def test_what_it_must_not_start_with(wallet: Wallet, key: str, says: str, forked: bool) -> None:
    worker = wallet.start(forked=forked, STRIPE_API_KEY=key)
    assert await ended(worker) == 2
    assert says in (wallet.folder / "worker.log").read_text()


async def test_a_key_of_another_account_is_refused(wallet: Wallet, monkeypatch: pytest.MonkeyPatch) -> None:
    wallet.start()
    await opened(wallet)
    wallet.workers[-1].send_signal(signal.SIGTERM)
    await ended(wallet.workers[-1])
    monkeypatch.setattr("bot.sandbox.stripe.balance.ACCOUNT_ID", "acct_another")
    assert await ended(wallet.start()) == 2
    assert "acct_another:test" in (wallet.folder / "worker.log").read_text()
