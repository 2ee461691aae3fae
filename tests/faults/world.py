"""A world to kill workers in: a real chain, a real database, people with queued withdrawals, real worker processes.

Each world is of one asset; its workers serve that chain alone.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import signal
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from pymongo.asynchronous.database import AsyncDatabase

from bot.sandbox.anvil import AnvilRpc
from tests.faults.chains import Chain, EtherChain, Paid
from tests.faults.environment import PASSPHRASE, USUAL, make_keys, outside, settings_of
from tests.faults.fork_server import ForkServer
from tests.faults.processes import Process, ended, spawn
from tests.faults.ticker import Ticker, ticking
from tests.faults.verdict import Verdict, judge
from tests.support.databases import transactions_end_after
from tests.support.roles import give_role
from wallet_core.adapters.mongo import migrations
from wallet_core.bootstrap import open_database, ports_of
from wallet_core.domain.changes import Insert, Move
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.kyc import BUILT_IN_LEVELS, Operation, TakeLimit, day_of
from wallet_core.domain.ledger import Balance, Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.movements import hot_wallet_funded, purchase_credited, withdrawal_held
from wallet_core.domain.payout import BATCHES_IN_FLIGHT, Attempt, Batch, PayoutState, Withdrawal
from wallet_core.domain.people import Role
from wallet_core.domain.purchase import Invoice, Rail, RailState
from wallet_core.domain.quote import coins_out
from wallet_core.ports import Ports

ITD, ETHER = 10**6, 10**18
RATE_MINOR = 2_500 * ITD
PERSON, FINAL_DEPTH = 42, 2


@dataclass
class World:
    """The ports of the core, the chain, and the folder of keys and state that workers share."""

    ports: Ports
    database: AsyncDatabase[dict[str, Any]]
    chain: Chain
    folder: Path
    hot: str
    environment: dict[str, str]
    ticker: Ticker
    #: Blocks on top of a final one.
    final_depth: int = FINAL_DEPTH
    #: Starts workers faster; without it each is a ``python -m payout_worker``, and with it one in so many (0: none).
    forks: ForkServer | None = None
    unforked_every: int = 0
    #: The folder of another copy of the source that workers run.
    source: Path | None = None
    workers: list[Process] = field(default_factory=list)
    #: The state folder of each of them.
    names: list[str] = field(default_factory=list)

    @property
    def asset(self) -> Asset:
        """The coin that is paid here."""
        return self.chain.asset

    @property
    def sweeping(self) -> dict[str, str]:
        """The settings of a worker that moves deposits to the hot wallet; others bring to an end what it began."""
        return {f"{self.asset}_SWEEP_TO": "hot"}

    @property
    def node(self) -> Any:
        """The worker's node, with all that only nodes of its kind can do."""
        return self.chain.node

    @node.setter
    def node(self, node: Any) -> None:
        self.chain.node = node

    async def fund(self, **how: int) -> None:
        """Puts coins into the hot wallet, on the chain and in the books."""
        funded_minor = await self.chain.fund(self.hot, self.final_depth, **how)
        await self._post("funded", entries=hot_wallet_funded(self.asset, funded_minor))

    async def person(self, itd: int, *, person: int = PERSON, level: int = 3, role: Role | None = None) -> None:
        """Somebody enrolled with so much whole ITD, bought with coins."""
        coin_minor = coins_out(itd * ITD, RATE_MINOR, self.asset)
        bought = purchase_credited(
            person, self.asset, coin_minor=coin_minor, itd_minor=itd * ITD, fee_minor=0, rate_minor=RATE_MINOR
        )
        enrolled = ChangeGuards(person, lambda g, _: g.with_(secret=b"sealed"))
        await self._post("person", entries=bought if itd else (), changes=(enrolled,))
        await give_role(self.ports, person, role, level=level)

    async def queue(self, count: int, *, itd: int = 10, person: int = PERSON, **fields: Any) -> list[Withdrawal]:
        """Withdrawals to addresses that nobody has used, held and queued as a request does it."""
        return [await self._queue_one(itd, person, fields) for _ in range(count)]

    async def _queue_one(self, itd: int, person: int, fields: Mapping[str, Any]) -> Withdrawal:
        now = await self.ports.store.now()
        withdrawal = Withdrawal(
            id=secrets.token_hex(8),
            person=person,
            state=PayoutState.QUEUED,
            asset=self.asset,
            address=self.chain.fresh_address(),
            amount_minor=itd * ITD,
            fee_minor=ITD // 2,
            coin_minor=coins_out(itd * ITD, RATE_MINOR, self.asset),
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
                TakeLimit(person, Operation.PAYOUT, withdrawal.amount_minor, withdrawal.limit_day, BUILT_IN_LEVELS),
                Insert(withdrawal, stamp="created_at"),
            ),
        )
        return withdrawal

    async def open_rail(self) -> None:
        """Opens the rail where only a worker's first start would."""
        if await self.ports.store.get(Rail, self.asset) is None:
            await self._post("rail_opened", changes=(Insert(Rail(id=self.asset)),))

    async def set_rail(self, state: RailState = RailState.RUNNING, **fields: Any) -> None:
        """Switches the rail, and sets its fields."""
        await self._post("rail", changes=(Move(Rail, self.asset, frozenset(RailState), state, fields),))

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
        unforked = self.unforked_every and len(self.workers) % self.unforked_every == 0
        if self.forks is not None and self.source is None and not unforked:
            process: Process = self.forks.start(environment, log)
        else:
            process = spawn(environment, log, self.source)
        self.workers.append(process)
        self.names.append(name)
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
        """Mines on until all are in this state, and no batch is under way; False when time is over."""
        for _ in range(int(seconds / 0.2)):
            if (await self.states(*withdrawals))[state] == len(withdrawals) and not await self.in_flight():
                return True
            await self.chain.mine()
            await asyncio.sleep(0.2)
        return False

    async def in_flight(self) -> int:
        """How many batches have not come to their end."""
        return await self.ports.store.count(Batch, {"state": BATCHES_IN_FLIGHT})

    async def batches(self) -> list[Batch]:
        """All batches, oldest first."""
        return await self.ports.store.find(Batch, {}, order_by=("created_at", "nonce", "_id"), limit=1_000)

    async def attempts(self) -> list[Attempt]:
        """All attempts, oldest first."""
        return await self.ports.store.find(Attempt, {}, order_by=("created_at", "_id"), limit=1_000)

    async def rail(self) -> Rail:
        """The rail as it is now."""
        found = await self.ports.store.get(Rail, self.asset)
        assert found is not None
        return found

    async def paid(self) -> Paid:
        """Every payment out of the hot wallet that is in the chain, by receiver."""
        return await self.chain.paid(self.hot)

    async def check(self, withdrawals: Sequence[Withdrawal], *, still_held_minor: int = 0) -> Verdict:
        """Compares the chain with what was to be paid, and the books with themselves and with the chain."""
        return await judge(self, withdrawals, still_held_minor)

    async def balance(self, account: str) -> int:
        """An account's balance in minor units."""
        stripes = await self.ports.store.find(Balance, {"account": account})
        return sum(stripe.balance_minor for stripe in stripes)

    async def invoice(self, index: int, itd: int = 100, *, person: int = PERSON, **fields: Any) -> Invoice:
        """An open invoice with the address of an index, its limit taken as the bot does it."""
        now = await self.ports.store.now()
        fee_minor = itd * ITD // 100
        invoice = Invoice(
            id=secrets.token_hex(8),
            person=person,
            asset=self.asset,
            address=self.ports.addresses[self.asset].deposit(index),
            index=index,
            payment_uri="",
            amount_minor=itd * ITD,
            fee_minor=fee_minor,
            fee_basis_points=100,
            coin_minor=coins_out(itd * ITD + fee_minor, RATE_MINOR, self.asset),
            rate_minor=RATE_MINOR,
            created_at=now,
            expires_at=now + timedelta(minutes=30),
            limit_day=day_of(now),
        ).model_copy(update=fields)
        taken = TakeLimit(person, Operation.PURCHASE, invoice.amount_minor, invoice.limit_day, BUILT_IN_LEVELS)
        await self._post("invoice", changes=(taken, Insert(invoice)))
        return invoice


@asynccontextmanager
async def open_world(
    mongo_uri: str,
    database_name: str,
    on: Chain | AnvilRpc,
    folder: Path,
    *,
    final_depth: int = FINAL_DEPTH,
    mass: bool = False,
    **more: str,
) -> AsyncIterator[World]:
    """A fresh wallet; its workers end with it. ``more`` are their settings; with ``mass`` there is the contract."""
    chain = EtherChain(on) if isinstance(on, AnvilRpc) else on
    async with ticking() as ticker, AsyncExitStack() as stack:
        public = make_keys(folder / "keys")
        environment = {
            "MONGODB_URI": mongo_uri,
            "MONGODB_DATABASE": database_name,
            "WALLET_KEYS_DIR": str(folder / "keys"),
            "SEED_PASSPHRASE": PASSPHRASE,
            "WORKER_POLL_SECONDS": "0.2",
            "LEASE_SECONDS": "4",
            **USUAL,
            "RATES_URLS": ticker.url,
            "RATE_JUMP_SECONDS": "0",
            f"{chain.asset}_SWEEP_COLD_ADDRESS": chain.fresh_address(),
            **chain.environment(chain.url, final_depth),
            **more,
        }
        environment |= await chain.deploy(public["hot"][chain.asset], final_depth) if mass else {}
        database = await stack.enter_async_context(open_database(settings := settings_of(environment)))
        http = await stack.enter_async_context(httpx.AsyncClient())
        await migrations.migrate(database)
        await stack.enter_async_context(transactions_end_after(database.client, 2))
        ports, hot = ports_of(settings, database, http), public["hot"][chain.asset]
        world = World(ports, database, chain, folder, hot, {**outside(), **environment}, ticker, final_depth)
        await world.open_rail()
        try:
            yield world
        finally:
            await world.stop_all()
