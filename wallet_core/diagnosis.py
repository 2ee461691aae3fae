"""``wallet doctor``: one check a part, each with the way to mend it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import httpx
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from wallet_core.adapters.chains.bitcoin_like_node import BitcoinLikeNode
from wallet_core.adapters.chains.ethereum_balances import EthereumBalances
from wallet_core.adapters.chains.ethereum_node import EthereumNode
from wallet_core.adapters.mongo import migrations
from wallet_core.adapters.mongo.store import MongoStore, database_time
from wallet_core.adapters.stripe_checkout import open_stripe
from wallet_core.bootstrap import hot_address, open_database, ports_of
from wallet_core.domain.card import CardAccount
from wallet_core.domain.chain import Identity
from wallet_core.domain.errors import InvariantViolated, Refused, Unavailable
from wallet_core.domain.lease import MASS_LEASE, SEAL_LEASE, Heartbeat
from wallet_core.domain.money import Asset, plain
from wallet_core.domain.purchase import Rail
from wallet_core.domain.record import Document
from wallet_core.settings import Environment, Process, Settings
from wallet_core.use_cases.seals import tail_of_chain

_LONGEST_TAIL_SECONDS: Final = 30
_LARGEST_CLOCK_ERROR_SECONDS: Final = 5
_TIMEOUT_SECONDS: Final = 5.0
#: As the nodes' RPC writes it. Litecoin Core 0.21.5.4 is the oldest release that may look after real coins.
_OLDEST_VERSION: Final = {Asset.BTC: 0, Asset.LTC: 210_504}


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how it is, and, where it is wrong, how to mend it."""

    what: str
    state: str
    mend: str = ""

    @property
    def fault(self) -> bool:
        """Whether something has to be mended."""
        return bool(self.mend)

    def as_dict(self) -> dict[str, Any]:
        """For a program to read."""
        return {"what": self.what, "ok": not self.fault, "state": self.state, "mend": self.mend}


@dataclass(frozen=True, slots=True)
class _Patient:
    settings: Settings
    database: AsyncDatabase[Document]
    http: httpx.AsyncClient


async def diagnose(settings: Settings) -> list[Check]:
    """Runs every check; one that fails does not stop the others."""
    async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as http, open_database(settings) as database:
        patient = _Patient(settings, database, http)
        return [await _checked(what, check, patient) for what, check in _CHECKS]


async def _checked(what: str, check: Callable[[_Patient], Awaitable[Check]], patient: _Patient) -> Check:
    try:
        return await check(patient)
    except (PyMongoError, httpx.HTTPError, Unavailable, OSError, ValueError, InvariantViolated) as error:
        return Check(what, f"no answer: {str(error)[:120]}", "see that it runs and that its address is right")


async def _configuration(patient: _Patient) -> Check:
    unsafe = patient.settings.unsafe_in_production(Process.OPERATOR)
    return Check("configuration", "; ".join(unsafe) or str(patient.settings.wallet_env), "set them" if unsafe else "")


async def _replica_set(patient: _Patient) -> Check:
    hello = await patient.database.command("hello")
    members = hello.get("hosts", [])
    if "setName" not in hello:
        return Check("replica set", "a single mongod", "start mongod with --replSet and run rs.initiate()")
    alone = len(members) < 3 and patient.settings.wallet_env is Environment.PRODUCTION
    mend = "one member can be lost with its disk: use three" if alone else ""
    return Check("replica set", f"{hello['setName']}, {len(members)} member(s)", mend)


async def _clock(patient: _Patient) -> Check:
    skew = abs((datetime.now(UTC) - await database_time(patient.database)).total_seconds())
    mend = "run a time service: two-factor codes depend on it" if skew > _LARGEST_CLOCK_ERROR_SECONDS else ""
    return Check("clock", f"{skew:.1f} s from the database's", mend)


async def _migrations(patient: _Patient) -> Check:
    missing = await migrations.pending(patient.database)
    return Check("migrations", f"missing: {missing}" if missing else "up to date", "wallet migrate" if missing else "")


async def _keys(patient: _Patient) -> Check:
    try:
        ports_of(patient.settings, patient.database, patient.http)
    except FileNotFoundError as missing:
        return Check("keys", f"{missing.filename} is missing", "wallet keys new, and set WALLET_KEYS_DIR")
    except InvariantViolated as stale:
        return Check("keys", str(stale), "make public.json anew with wallet keys public")
    return Check("keys", str(patient.settings.wallet_keys_dir))


async def _rate(patient: _Patient) -> Check:
    try:
        rates = ports_of(patient.settings, patient.database, patient.http).rates
        known = [await rates.rate(asset) for asset in patient.settings.served]
    except Refused as refused:
        facts = refused.facts
        return Check("rates", f"none for {facts['asset']}, prices are {facts['why']}", "check RATES_URLS")
    except FileNotFoundError:
        return Check("rates", "not looked at without keys", "wallet keys new, and set WALLET_KEYS_DIR")
    told = (f"1 {rate.asset} is {plain(rate.itd_minor, Asset.ITD)} ITD, from {rate.source}" for rate in known)
    return Check("rates", "; ".join(told))


async def _telegram(patient: _Patient) -> Check:
    token = patient.settings.telegram_bot_token.get_secret_value()
    answer = (await patient.http.get(f"{patient.settings.telegram_api_base_url}{token}/getMe")).json()
    if not answer.get("ok"):
        return Check("Telegram", "the token is refused", "set TELEGRAM_BOT_TOKEN to the one from @BotFather")
    return Check("Telegram", f"@{answer['result'].get('username')}")


async def _ethereum(patient: _Patient) -> Check:
    if Asset.ETH not in patient.settings.served:
        return Check("Ethereum node", "not served")
    chain_id = await EthereumBalances(patient.settings.eth_rpc_url, patient.http).chain_id()
    wanted = patient.settings.eth_chain_id
    return Check("Ethereum node", f"chain {chain_id}", "" if chain_id == wanted else f"it should be chain {wanted}")


async def _contract(patient: _Patient) -> Check:
    what, settings = "mass payouts in ether", patient.settings
    address = settings.eth_multisend_address
    if Asset.ETH not in settings.served or not address:
        return Check(what, "one transaction for each")
    node = EthereumNode(settings.eth_rpc_url)
    try:
        final = max(0, (await node.heights()).final(settings.eth_final_depth))
        is_ours = await node.has_multi_send(address, await hot_address(settings, Asset.ETH), final)
    finally:
        await node.close()
    mend = (
        "no final block has our contract there: deploy what `wallet contract` prints, or correct ETH_MULTISEND_ADDRESS"
    )
    return Check(what, f"by {address}", "" if is_ours else mend)


async def _cold_wallets(patient: _Patient) -> Check:
    what, settings = "cold wallets", patient.settings
    cold = {asset: settings.sweep(asset).cold_address for asset in settings.served}
    known = {asset: address for asset, address in cold.items() if address}
    for asset, address in known.items():
        # A hot wallet's address is the same one in capital letters (EIP-55, BIP 173).
        if address.lower() == (await hot_address(settings, asset)).lower():
            own = f"{address} is the hot wallet's own"
            return Check(what, own, f"set {asset}_SWEEP_COLD_ADDRESS to an address whose key no worker has")
    return Check(what, ", ".join(known) or "none")


async def _bitcoin(patient: _Patient) -> Check:
    return await _coins("Bitcoin node", patient.settings, Asset.BTC)


async def _litecoin(patient: _Patient) -> Check:
    return await _coins("Litecoin node", patient.settings, Asset.LTC)


async def _coins(what: str, settings: Settings, asset: Asset) -> Check:
    if asset not in settings.served:
        return Check(what, "not served")
    node = BitcoinLikeNode.of(settings.coins(asset))
    try:
        identity, heights, version = await node.identity(), await node.heights(), await node.version()
        state = f"{identity.network}, block {heights.latest}, version {version}"
        return Check(what, state, await _mend_coins(node, settings, asset, identity, version))
    finally:
        await node.close()


async def _mend_coins(node: BitcoinLikeNode, settings: Settings, asset: Asset, is_: Identity, version: int) -> str:
    wanted = settings.network(asset)
    if is_ != Identity(wanted.name, wanted.genesis):
        return f"it should be {wanted.name} with the genesis {wanted.genesis}: another node, or {asset}_NETWORK"
    if await node.syncing():
        return "wait until it has caught up"
    if version < _OLDEST_VERSION[asset] and settings.wallet_env is Environment.PRODUCTION:
        return f"install version {_OLDEST_VERSION[asset]} or newer"
    if not await node.watches(await hot_address(settings, asset)):
        return "start python -m payout_worker: it has the node watch the hot wallet's address, which takes hours"
    return ""


async def _card_company(patient: _Patient) -> Check:
    what, settings = "card company", patient.settings
    if not settings.takes_cards:
        return Check(what, "no purchases by card")
    async with open_stripe(settings) as cards:
        account = await cards.account()
    rail = await MongoStore(patient.database).get(Rail, Asset.USD)
    return Check(what, f"account {account.name}", _mend_cards(settings, account, rail))


def _mend_cards(settings: Settings, account: CardAccount, rail: Rail | None) -> str:
    if account.live is not (settings.wallet_env is Environment.PRODUCTION):
        return "set STRIPE_API_KEY to a live key in production, and to a test key in a sandbox"
    if rail is not None and rail.genesis != account.name:
        return f"STRIPE_API_KEY is of another account than this wallet's, {rail.genesis}"
    return ""


async def _worker(patient: _Patient) -> Check:
    beat = await patient.database[Heartbeat.collection].find_one(
        {"_id": {"$nin": [SEAL_LEASE, MASS_LEASE]}}, sort=[("at", -1)]
    )
    if beat is None:
        return Check("worker", "never ran on this database", "start python -m payout_worker")
    age = (await database_time(patient.database) - beat["at"]).total_seconds()
    silent = age > patient.settings.lease_seconds
    return Check("worker", f"last alive {age:.0f} s ago", "start python -m payout_worker" if silent else "")


async def _sealing(patient: _Patient) -> Check:
    tail = await tail_of_chain(MongoStore(patient.database))
    late = tail.seconds > _LONGEST_TAIL_SECONDS
    state = f"{tail.groups} groups wait, the oldest for {tail.seconds:.0f} s" if tail.groups else "up to date"
    return Check("seals", state, "start python -m payout_worker, look for its alarm seals_lost" if late else "")


async def _alarms(patient: _Patient) -> Check:
    rails = patient.database[Rail.collection].find({"alarm": {"$ne": None}})
    alarms = [f"{rail['_id']}: {rail['alarm']}" async for rail in rails]
    mend = "look into it, then an owner clears it in /admin" if alarms else ""
    return Check("alarms", "; ".join(alarms) or "none", mend)


_CHECKS: Final[tuple[tuple[str, Callable[[_Patient], Awaitable[Check]]], ...]] = (
    ("configuration", _configuration),
    ("replica set", _replica_set),
    ("clock", _clock),
    ("migrations", _migrations),
    ("keys", _keys),
    ("rates", _rate),
    ("Telegram", _telegram),
    ("Ethereum node", _ethereum),
    ("mass payouts in ether", _contract),
    ("Bitcoin node", _bitcoin),
    ("Litecoin node", _litecoin),
    ("cold wallets", _cold_wallets),
    ("card company", _card_company),
    ("worker", _worker),
    ("seals", _sealing),
    ("alarms", _alarms),
)
