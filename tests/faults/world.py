"""A world to kill workers in: a real chain, a real database, people with queued withdrawals, real worker processes."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from eth_utils import to_checksum_address
from pydantic import SecretStr
from pymongo.asynchronous.database import AsyncDatabase

from bot.sandbox.anvil import AnvilRpc
from bot.sandbox.leash import leashed
from tests.faults.fork_server import ForkedWorker, ForkServer
from tests.faults.ticker import Ticker, ticking
from tests.faults.verdict import Verdict, judge, paid_on_chain
from wallet_core.adapters.mongo import migrations
from wallet_core.adapters.seed_file import SEED_FILE, create_seed_file
from wallet_core.bootstrap import PUBLIC_FILE, open_database, ports_of
from wallet_core.domain.changes import Insert, Move
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.kyc import Operation, TakeLimit, day_of
from wallet_core.domain.ledger import Balance, Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.movements import hot_wallet_funded, purchase_credited, withdrawal_held
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Role
from wallet_core.domain.purchase import Invoice, Rail, RailState
from wallet_core.domain.quote import coins_out
from wallet_core.ports import Ports
from wallet_core.settings import Settings

Process = subprocess.Popen[bytes] | ForkedWorker

ITD = 10**6
ETHER = 10**18
RATE_MINOR = 2_500 * ITD
PERSON = 42
FINAL_DEPTH = 2
_PASSPHRASE = "faults"
_TRANSACTION_SECONDS = 2


@dataclass
class World:
    """The ports of the core, the chain, and the folder of keys and state that workers share."""

    ports: Ports
    database: AsyncDatabase[dict[str, Any]]
    node: AnvilRpc
    folder: Path
    hot: str
    environment: dict[str, str]
    ticker: Ticker
    #: The chain's height before anything happened here.
    born_at: int
    #: Starts workers faster; without it each is a ``python -m payout_worker``.
    forks: ForkServer | None = None
    #: The folder of another copy of the source that workers run.
    source: Path | None = None
    workers: list[Process] = field(default_factory=list)

    async def fund(self, ether: int = 100) -> None:
        """Puts ether into the hot wallet, on the chain and in the books."""
        await self.node.set_balance(self.hot, ether * ETHER)
        await self._post("funded", entries=hot_wallet_funded(Asset.ETH, ether * ETHER))

    async def person(self, itd: int, *, person: int = PERSON, level: int = 3, role: Role | None = None) -> None:
        """Somebody enrolled with so much whole ITD, bought with ether."""
        coin_minor = coins_out(itd * ITD, RATE_MINOR, Asset.ETH)
        bought = purchase_credited(
            person, Asset.ETH, coin_minor=coin_minor, itd_minor=itd * ITD, fee_minor=0, rate_minor=RATE_MINOR
        )
        enrolled = ChangeGuards(person, lambda g, _: g.with_(secret=b"sealed", level=level, role=role))
        await self._post("person", entries=bought if itd else (), changes=(enrolled,))

    async def queue(self, count: int, *, itd: int = 10, person: int = PERSON, **fields: Any) -> list[Withdrawal]:
        """Withdrawals to addresses that nobody has used, held and queued as a request does it."""
        return [await self._queue_one(itd, person, fields) for _ in range(count)]

    async def _queue_one(self, itd: int, person: int, fields: Mapping[str, Any]) -> Withdrawal:
        now = await self.ports.store.now()
        withdrawal = Withdrawal(
            id=secrets.token_hex(8),
            person=person,
            state=PayoutState.QUEUED,
            asset=Asset.ETH,
            address=to_checksum_address("0x" + secrets.token_hex(20)),
            amount_minor=itd * ITD,
            fee_minor=ITD // 2,
            coin_minor=coins_out(itd * ITD, RATE_MINOR, Asset.ETH),
            rate_minor=RATE_MINOR,
            quoted_until=now + timedelta(minutes=30),
            mac="",
            decision={},
            limit_day=day_of(now),
        ).model_copy(update=dict(fields))
        if not withdrawal.mac:
            withdrawal = withdrawal.model_copy(update={"mac": self.ports.vault.mac(withdrawal.terms())})
        await self._post(
            "withdrawal",
            entries=withdrawal_held(person, withdrawal.total_minor),
            changes=(
                TakeLimit(person, Operation.PAYOUT, withdrawal.amount_minor, withdrawal.limit_day),
                Insert(withdrawal, stamp="created_at"),
            ),
        )
        return withdrawal

    async def set_rail(self, state: RailState = RailState.RUNNING, **fields: Any) -> None:
        """Switches the rail, and sets its fields."""
        await self._post("rail", changes=(Move(Rail, Asset.ETH, frozenset(RailState), state, fields),))

    async def _post(self, kind: str, **parts: Any) -> None:
        await self.ports.ledger.post(Posting(f"test:{kind}:{secrets.token_hex(8)}", kind, "test", **parts))

    async def drop_database(self) -> None:
        """Removes everything, once no worker is left."""
        await self.stop_all()
        await self.database.client.drop_database(self.database.name)

    def start_worker(self, name: str = "worker", **environment: str) -> Process:
        """A worker process with a state folder of this name; its log is beside it."""
        state, log = self.folder / name, self.folder / f"{name}.log"
        state.mkdir(exist_ok=True)
        environment = {**self.environment, "WORKER_STATE_DIR": str(state), **environment}
        if self.forks is not None and self.source is None:
            process: Process = self.forks.start(environment, log)
        else:
            process = _spawn(leashed([sys.executable, "-m", "payout_worker"]), environment, log, self.source)
        self.workers.append(process)
        return process

    def log_of(self, name: str = "worker") -> list[dict[str, Any]]:
        """What a worker said, line by line."""
        path = self.folder / f"{name}.log"
        lines = path.read_text().splitlines() if path.exists() else []
        return [json.loads(line) for line in lines if line.startswith("{")]

    async def stop_worker(self, process: Process, number: int = signal.SIGTERM) -> int:
        """Ends a worker by a signal, and returns its exit code."""
        if process.poll() is None:
            process.send_signal(number)
        return await ended(process)

    async def stop_all(self) -> None:
        """Ends what is left, however it is."""
        for process in self.workers:
            if process.poll() is None:
                process.kill()
                await ended(process)

    async def states(self, *withdrawals: Withdrawal) -> Counter[PayoutState]:
        """How many withdrawals there are in each state; of all, when none is named."""
        where = {"_id": tuple(w.id for w in withdrawals)} if withdrawals else {}
        return Counter(w.state for w in await self.ports.store.find(Withdrawal, where, limit=10_000))

    async def mine_until(self, state: PayoutState, withdrawals: Sequence[Withdrawal], seconds: float = 60) -> bool:
        """Mines on until all are in this state; False when time is over."""
        for _ in range(int(seconds / 0.2)):
            if (await self.states(*withdrawals))[state] == len(withdrawals):
                return True
            await self.node.mine()
            await asyncio.sleep(0.2)
        return False

    async def paid(self) -> dict[str, list[int]]:
        """Every transfer out of the hot wallet that is in the chain, by receiver."""
        return await paid_on_chain(self)

    async def check(self, withdrawals: Sequence[Withdrawal], *, still_held_minor: int = 0) -> Verdict:
        """Compares the chain with what was to be paid, and the books with themselves and with the chain."""
        return await judge(self, withdrawals, still_held_minor)

    async def balance(self, account: str) -> int:
        """An account's balance in minor units."""
        stripes = await self.ports.store.find(Balance, {"account": account})
        return sum(stripe.balance_minor for stripe in stripes)

    async def invoice(self, index: int, itd: int = 100, **fields: Any) -> Invoice:
        """An open invoice with the address of an index, its limit taken as the bot does it."""
        now = await self.ports.store.now()
        fee_minor = itd * ITD // 100
        invoice = Invoice(
            id=secrets.token_hex(8),
            person=PERSON,
            asset=Asset.ETH,
            address=self.ports.addresses[Asset.ETH].deposit(index),
            index=index,
            payment_uri="",
            amount_minor=itd * ITD,
            fee_minor=fee_minor,
            fee_basis_points=100,
            coin_minor=coins_out(itd * ITD + fee_minor, RATE_MINOR, Asset.ETH),
            rate_minor=RATE_MINOR,
            created_at=now,
            expires_at=now + timedelta(minutes=30),
            limit_day=day_of(now),
        ).model_copy(update=fields)
        taken = TakeLimit(PERSON, Operation.PURCHASE, invoice.amount_minor, invoice.limit_day)
        await self._post("invoice", changes=(taken, Insert(invoice)))
        return invoice


async def ended(process: Process, seconds: float = 20) -> int:
    """Waits for a process to end, and returns its exit code."""
    for _ in range(int(seconds / 0.02)):
        code = process.poll()
        if code is not None:
            return code
        await asyncio.sleep(0.02)
    process.kill()
    raise TimeoutError("the worker did not end")


def _spawn(argv: list[str], environment: dict[str, str], log: Path, folder: Path | None) -> subprocess.Popen[bytes]:
    with log.open("ab") as out:
        return subprocess.Popen(argv, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=folder)


@asynccontextmanager
async def open_world(mongo_uri: str, database_name: str, node: AnvilRpc, folder: Path) -> AsyncIterator[World]:
    """A fresh wallet on a database and a chain; its workers end with it."""
    async with ticking() as ticker, _open(mongo_uri, database_name, node, folder, ticker) as world:
        yield world


@asynccontextmanager
async def _open(
    mongo_uri: str, database_name: str, node: AnvilRpc, folder: Path, ticker: Ticker
) -> AsyncIterator[World]:
    keys = folder / "keys"
    public = create_seed_file(keys / SEED_FILE, SecretStr(_PASSPHRASE), scrypt_n=2**12)
    (keys / PUBLIC_FILE).write_text(json.dumps(public))
    (keys / "mac.key").write_text("11" * 32)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("WALLET_", "WORKER_"))},
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": database_name,
        "WALLET_KEYS_DIR": str(keys),
        "SEED_PASSPHRASE": _PASSPHRASE,
        "ETH_RPC_URL": node.url,
        "ETH_FINAL_DEPTH": str(FINAL_DEPTH),
        "WORKER_POLL_SECONDS": "0.2",
        "LEASE_SECONDS": "4",
        "NEW_ADDRESS_WAIT_SECONDS": "0",
        "RATES_URLS": ticker.url,
    }
    settings = Settings(
        mongodb_uri=mongo_uri,
        mongodb_database=database_name,
        wallet_keys_dir=keys,
        seed_passphrase=SecretStr(_PASSPHRASE),
        eth_rpc_url=node.url,
        eth_final_depth=FINAL_DEPTH,
        new_address_wait_seconds=0,
        rates_urls=(ticker.url,),
    )
    async with open_database(settings) as database, httpx.AsyncClient() as http:
        await migrations.migrate(database)
        # A killed client's open transaction keeps its locks for that long: 60 seconds by default.
        await database.client.admin.command("setParameter", 1, transactionLifetimeLimitSeconds=_TRANSACTION_SECONDS)
        ports = ports_of(settings, database, http)
        world = World(ports, database, node, folder, public["hot"]["ETH"], environment, ticker, await node.height())
        try:
            yield world
        finally:
            await world.stop_all()
