"""A whole wallet in memory: real use cases, vault, codes and addresses; only the ledger's storage is a dictionary."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest

from tests.support.roles import give_role
from wallet_core.adapters.chains.bitcoin_like_addresses import BitcoinLikeAddresses
from wallet_core.adapters.chains.ethereum_addresses import EthereumAddresses
from wallet_core.adapters.in_memory import DocumentsInMemory, InMemory
from wallet_core.adapters.seed_file import REGTEST, public_info
from wallet_core.adapters.totp import PyotpTotp
from wallet_core.adapters.vault import KeyFileVault
from wallet_core.domain.accounts import Side, asset_of, available, grows_on, held
from wallet_core.domain.changes import Insert
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.ledger import Balance, Posting
from wallet_core.domain.money import Asset, one_coin_minor
from wallet_core.domain.movements import purchase_credited
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.purchase import Rail
from wallet_core.domain.quote import Rate, coins_for
from wallet_core.ports import Ports
from wallet_core.settings import Settings
from wallet_core.use_cases.balances import balance_minor
from wallet_core.use_cases.begin_enrolment import begin_enrolment
from wallet_core.use_cases.codes import new_id, secret_bound_to
from wallet_core.use_cases.confirm_enrolment import confirm_enrolment
from wallet_core.use_cases.remember_person import remember_person

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ITD = one_coin_minor(Asset.ITD)
ETH = one_coin_minor(Asset.ETH)
#: 2,000 ITD for one ether.
ETH_RATE_MINOR = 2_000 * ITD
SEED = bytes(range(32))
#: Addresses of nobody: the examples of EIP-55.
ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
OTHER_ADDRESS = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"
#: The key hash of BIP 173's example, on the local test networks of Bitcoin and Litecoin.
BTC_ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"
LTC_ADDRESS = "rltc1qw508d6qejxtdg4y5r3zarvary0c5xw7k693xs3"


class Clock:
    """The database's time, turned by hand."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        """Lets time pass: ``turn(hours=1)``."""
        self.now += timedelta(**by)


class FixedRates:
    """Rates that stay where a test puts them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.itd_minor = {Asset.ETH: ETH_RATE_MINOR, Asset.BTC: 60_000 * ITD, Asset.LTC: 80 * ITD, Asset.USD: ITD}
        self.spread_basis_points = 0

    async def rate(self, asset: Asset) -> Rate:
        return Rate(asset, self.itd_minor[asset], "ticker.example", self._clock(), self.spread_basis_points)


class PlainRecoveryCodes:
    """Recovery codes that are their own hashes, because Argon2 takes its time on purpose."""

    async def make(self) -> tuple[tuple[str, ...], dict[str, str]]:
        codes = tuple(f"{number}-{new_id()[:8].upper()}" for number in range(1, 9))
        return codes, {code[0]: code for code in codes}

    async def number_of(self, code: str, hashes: Mapping[str, str]) -> str | None:
        return code[:1] if code and hashes.get(code[:1]) == code else None


class World:
    """The ports, and shortcuts to states that a test starts from."""

    def __init__(self, **settings: Any) -> None:
        self.clock = Clock()
        vault = KeyFileVault({"00000001": b"v" * 32}, b"m" * 32)
        self.memory = InMemory(self.clock, vault.mac)
        self.documents = DocumentsInMemory()
        self.rates = FixedRates(self.clock)
        public = public_info(SEED)
        hot = frozenset(public["hot"].values())
        self.ports = Ports(
            # Asking for the same twice is no mistake in most tests.
            settings=Settings(**{"duplicate_within_seconds": 0, **settings}),
            ledger=self.memory,
            store=self.memory,
            vault=vault,
            totp=PyotpTotp(),
            recovery_codes=PlainRecoveryCodes(),
            rates=self.rates,
            addresses={
                Asset.ETH: EthereumAddresses(public["deposits"]["ETH"], 31337, hot),
                **{n.asset: BitcoinLikeAddresses(public["deposits"][n.asset], n, hot) for n in REGTEST},
            },
            documents=self.documents,
        )

    async def person(self, person: int, username: str | None = None, *, role: Role | None = None) -> Caller:
        """Somebody with a profile, a second factor, and a role if they are an admin."""
        caller = Caller(person)
        name = username or f"user{person}"
        await remember_person(self.ports, caller, display_name=name.title(), username=name, language="en")
        secret = (await begin_enrolment(self.ports, caller)).secret
        await confirm_enrolment(self.ports, caller, self.code_of(secret))
        if role is not None:
            await self.set_role(person, role)
        return caller

    async def set_role(self, person: int, role: Role | None) -> None:
        """As an operator does it, without telling anybody."""
        await give_role(self.ports, person, role)

    async def code(self, caller: Caller) -> str:
        """A good code that was never used: time passes until the next step."""
        self.clock.turn(seconds=30)
        sealed = (await self.guards(caller)).secret
        assert sealed is not None, "this person has not enrolled"
        secret = self.ports.vault.open(sealed, bound_to=secret_bound_to(caller.person))
        return self.code_of(secret.decode())

    def code_of(self, secret: str) -> str:
        """The code that an authenticator with this secret shows now."""
        return pyotp.TOTP(secret).at(self.clock())

    async def fund(self, caller: Caller, itd: float) -> None:
        """So many ITD on the person's balance, bought with ether."""
        minor = round(itd * ITD)
        terms = {"itd_minor": minor, "fee_minor": 0, "rate_minor": ETH_RATE_MINOR}
        coins = coins_for(minor, ETH_RATE_MINOR, Asset.ETH)
        await self.post(entries=purchase_credited(caller.person, Asset.ETH, coin_minor=coins, **terms))

    async def open_rail(self, **fields: Any) -> None:
        """The Ethereum rail, with a thousand watched deposit addresses unless told otherwise."""
        await self.post(changes=(Insert(Rail(id=Asset.ETH, **{"watched_through": 1_000, **fields})),))

    async def open_payouts(self, asset: Asset, **fields: Any) -> None:
        """A rail as the worker of Bitcoin or Litecoin leaves it: it pays, and watches no deposit addresses."""
        await self.post(changes=(Insert(Rail(id=asset, **{"genesis": "00", **fields})),))

    async def post(self, **parts: Any) -> None:
        """A posting of the test's own."""
        await self.memory.post(Posting(f"test:{new_id()}", "test", "test", **parts))

    async def guards(self, caller: Caller) -> Guards:
        """The person's guards as they are stored."""
        guards = await self.memory.get(Guards, caller.person)
        assert guards is not None, "this person has no guards"
        return guards

    async def money(self, caller: Caller) -> tuple[int, int]:
        """What the person may spend and what is held of it, in ITD minor units."""
        spendable, waiting = available(caller.person), held(caller.person)
        return await balance_minor(self.memory, spendable), await balance_minor(self.memory, waiting)

    def sums(self) -> dict[str, int]:
        """Debits minus credits of all balances by asset: zero each, if the books are right."""
        sums: dict[str, int] = {}
        for target, document in self.memory.documents.items():
            if target.collection == Balance.collection:
                asset, minor = asset_of(document["account"]), document["balance_minor"]
                signed = minor if grows_on(document["account"]) is Side.DEBIT else -minor
                sums[asset] = sums.get(asset, 0) + signed
        return sums


async def refusal(call: Awaitable[object]) -> Refused:
    """The refusal that a call must end in."""
    with pytest.raises(Refused) as refused:
        await call
    return refused.value


async def reason_of(call: Awaitable[object]) -> Reason:
    """Why a call was refused."""
    return (await refusal(call)).reason
