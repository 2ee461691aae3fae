"""A wallet for tests: the real core on a real database, with people who are enrolled and have money."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
from pydantic import SecretStr
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from tests.support.roles import give_role
from wallet_core.adapters.chains.bitcoin_like_addresses import BitcoinLikeAddresses
from wallet_core.adapters.chains.ethereum_addresses import EthereumAddresses
from wallet_core.adapters.mongo import migrations
from wallet_core.adapters.mongo.documents import MongoDocuments
from wallet_core.adapters.mongo.ledger import MongoLedger
from wallet_core.adapters.mongo.store import MongoStore
from wallet_core.adapters.recovery_codes import Argon2RecoveryCodes
from wallet_core.adapters.seed_file import REGTEST, public_info
from wallet_core.adapters.totp import PyotpTotp
from wallet_core.adapters.vault import KeyFileVault
from wallet_core.domain.accounts import Account, available, held
from wallet_core.domain.changes import Insert, Move
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.ledger import Entry, Posting, credit, debit
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Caller, Person, Role
from wallet_core.domain.purchase import Rail, RailState
from wallet_core.domain.quote import Rate
from wallet_core.ports import Ports
from wallet_core.settings import Settings
from wallet_core.use_cases.balances import balance_minor
from wallet_core.use_cases.codes import secret_bound_to

ITD = 10**6
SEED = bytes(range(32))
PUBLIC = public_info(SEED)
#: A valid address that is nobody's here.
ELSEWHERE = "0x52908400098527886E0F7030069857D2E4169EE7"
#: The key hash of BIP 173's example, on the local test networks of Bitcoin and Litecoin.
BTC_ELSEWHERE = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"
LTC_ELSEWHERE = "rltc1qw508d6qejxtdg4y5r3zarvary0c5xw7k693xs3"
#: Every two-factor secret of the test people; a code is made for any time step.
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
#: So many codes can be given in one test, each of a later time step; a person would have to wait 30 s for each.
STEPS_AHEAD = 20
#: Nobody waits, and nobody looks at what is young, large for the hot wallet or asked for twice, unless a test says so.
NO_WAITS = {
    "new_address_wait_seconds": 0,
    "unfreeze_delay_seconds": 0,
    "pace_looks": 10_000,
    "pace_money": 10_000,
    "pace_heavy": 10_000,
    "pace_strangers": 10_000,
    "two_factor_wait_seconds": 0,
    "account_young_seconds": 0,
    "duplicate_within_seconds": 0,
    "review_hot_share_percent": 0,
}
VAULT = KeyFileVault({"00000001": bytes(32)}, b"mac")
_numbers = itertools.count(1)


class PatientTotp(PyotpTotp):
    """Accepts codes of later steps as well, as if the time had passed."""

    def step_of(self, secret: str, code: str, at: datetime) -> int | None:
        """See ``ports.Totp.step_of``."""
        steps = (
            super(PatientTotp, self).step_of(secret, code, at + timedelta(seconds=30 * n)) for n in range(STEPS_AHEAD)
        )
        return next((step for step in steps if step is not None), None)


@dataclass
class FixedRates:
    """Rates that a test sets."""

    itd_minor: dict[Asset, int] = field(
        default_factory=lambda: {
            Asset.ETH: 2_500 * ITD,
            Asset.BTC: 60_000 * ITD,
            Asset.LTC: 80 * ITD,
            Asset.USD: ITD,
        }
    )

    async def rate(self, asset: Asset) -> Rate:
        """See ``ports.Rates.rate``."""
        return Rate(asset, self.itd_minor[asset], "test", datetime.now(UTC))


@dataclass
class Wallet:
    """The ports, and shortcuts to states that people would reach by tapping."""

    ports: Ports
    rates: FixedRates
    database: AsyncDatabase[dict[str, Any]]
    _used_steps: dict[int, int] = field(default_factory=dict)

    async def person(self, itd: int = 0, *, role: Role | None = None, level: int = 1) -> Caller:
        """Somebody enrolled, with so much whole ITD; found as ``@person<id>``."""
        person = 1_000 + next(_numbers)
        name = f"person{person}"
        await self.ports.store.put(
            Person(id=person, display_name=name, username=name, username_key=name, seen_at=datetime.now(UTC))
        )
        sealed = self.ports.vault.seal(SECRET.encode(), bound_to=secret_bound_to(person))
        entries = _issued(person, itd * ITD) if itd else ()
        await self.ports.ledger.post(
            Posting(
                f"test:{person}",
                "test_person",
                "test",
                entries=entries,
                changes=(ChangeGuards(person, lambda g, _: g.with_(secret=sealed)),),
                people=(person,),
            )
        )
        await give_role(self.ports, person, role, level=level)
        return Caller(person)

    async def code(self, caller: Caller) -> str:
        """A code of the person's that was not given before."""
        now = int((await self.ports.store.now()).timestamp()) // 30
        # Not of the step before, which is no longer taken once the present one is over.
        step = max(now, self._used_steps.get(caller.person, 0) + 1)
        self._used_steps[caller.person] = step
        return pyotp.TOTP(SECRET).generate_otp(step)

    async def balance(self, caller: Caller) -> tuple[int, int]:
        """Available and held, in ITD minor units."""
        spendable, waiting = available(caller.person), held(caller.person)
        return await balance_minor(self.ports.store, spendable), await balance_minor(self.ports.store, waiting)

    async def open_payouts(self, asset: Asset) -> None:
        """A rail as the worker of Bitcoin or Litecoin leaves it: it pays, and watches no deposit addresses."""
        opened = Insert(Rail(id=asset, genesis="00"))
        await self.ports.ledger.post(Posting(f"test:rail:{next(_numbers)}", "test", "test", changes=(opened,)))

    async def set_rail(self, state: RailState = RailState.RUNNING, **fields: Any) -> None:
        """Switches the ETH rail and sets what the worker would."""
        moved = Move(Rail, Asset.ETH, frozenset(RailState), state, fields)
        await self.ports.ledger.post(Posting(f"test:rail:{next(_numbers)}", "test", "test", changes=(moved,)))


def _issued(person: int, itd_minor: int) -> tuple[Entry, ...]:
    return (debit(Account(Asset.ITD, "trading"), itd_minor), credit(available(person), itd_minor))


@asynccontextmanager
async def open_wallet(uri: str, database_name: str, **settings: Any) -> AsyncIterator[Wallet]:
    """A wallet on a database; two of them on the same database are two processes."""
    async with AsyncMongoClient[dict[str, Any]](uri, tz_aware=True, w="majority") as client:
        database = client[database_name]
        await migrations.migrate(database)
        rates, hot = FixedRates(), frozenset(PUBLIC["hot"].values())
        chosen = Settings(**{"seed_passphrase": SecretStr("test"), **NO_WAITS, **settings})
        ports = Ports(
            settings=chosen,
            ledger=MongoLedger(database, VAULT.mac),
            store=MongoStore(database),
            vault=VAULT,
            totp=PatientTotp(),
            recovery_codes=Argon2RecoveryCodes(),
            rates=rates,
            addresses={
                Asset.ETH: EthereumAddresses(PUBLIC["deposits"][Asset.ETH], chosen.eth_chain_id, hot),
                **{n.asset: BitcoinLikeAddresses(PUBLIC["deposits"][n.asset], n, hot) for n in REGTEST},
            },
            documents=MongoDocuments(database),
        )
        yield Wallet(ports, rates, database)
