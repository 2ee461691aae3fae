"""Builds the real ``Ports`` out of the settings. The only place that knows which adapter serves which port."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

import httpx
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from wallet_core.adapters.chains.bitcoin_like_addresses import BitcoinLikeAddresses
from wallet_core.adapters.chains.bitcoin_like_balances import BitcoinLikeBalances
from wallet_core.adapters.chains.ethereum_addresses import EthereumAddresses
from wallet_core.adapters.chains.ethereum_balances import EthereumBalances
from wallet_core.adapters.chains.node_wallet import NodeWallet
from wallet_core.adapters.mongo.documents import MongoDocuments
from wallet_core.adapters.mongo.embedded import EmbeddedMongo
from wallet_core.adapters.mongo.ledger import MongoLedger
from wallet_core.adapters.mongo.seals import MongoSeals
from wallet_core.adapters.mongo.store import MongoStore
from wallet_core.adapters.rates import HttpRates
from wallet_core.adapters.recovery_codes import Argon2RecoveryCodes
from wallet_core.adapters.totp import PyotpTotp
from wallet_core.adapters.vault import VAULT_KEYS_FILE, KeyFileVault
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.key_register import fingerprint
from wallet_core.domain.money import Asset
from wallet_core.domain.policies import check_set
from wallet_core.domain.record import Document
from wallet_core.ports import Addresses, Ports, Seals
from wallet_core.settings import Settings, Signing
from wallet_core.use_cases.nodes import Chain
from wallet_core.use_cases.policy_sets import built_in_set

PUBLIC_FILE: Final = "public.json"
_CONNECT_MS: Final = 5_000
_CLOSE_SECONDS: Final = 0.5


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[AsyncDatabase[Document]]:
    """The wallet's database; starts the embedded mongod when no ``MONGODB_URI`` is set."""
    async with AsyncExitStack() as stack:
        uri = settings.mongodb_uri
        if not uri:
            uri = (await stack.enter_async_context(EmbeddedMongo(settings.wallet_data_dir / "mongodb"))).uri
        client: AsyncMongoClient[Document] = AsyncMongoClient(
            uri, tz_aware=True, readConcernLevel="majority", w="majority", serverSelectionTimeoutMS=_CONNECT_MS
        )
        stack.push_async_callback(_close, client)
        yield client[settings.mongodb_database]


async def _close(client: AsyncMongoClient[Document]) -> None:
    """A server that does not answer is not waited for: it forgets a client's sessions by itself."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_CLOSE_SECONDS):
            await client.close()


@asynccontextmanager
async def open_ports(settings: Settings) -> AsyncIterator[Ports]:
    """Everything that use cases reach, for the life of a process. Bound to the running event loop."""
    async with open_database(settings) as database, httpx.AsyncClient() as http:
        yield ports_of(settings, database, http)


@asynccontextmanager
async def open_worker(settings: Settings) -> AsyncIterator[tuple[Ports, Seals]]:
    """The same for the worker, which seals what all processes post."""
    async with open_database(settings) as database, httpx.AsyncClient() as http:
        ports = ports_of(settings, database, http)
        yield ports, MongoSeals(database, ports.vault)


def ports_of(settings: Settings, database: AsyncDatabase[Document], http: httpx.AsyncClient) -> Ports:
    """The ports on a given database. Raises ``FileNotFoundError`` when the key folder lacks a file.

    ``InvariantViolated`` for settings that make no set of policies: better now than with every withdrawal.
    """
    check_set(built_in_set(settings))
    vault = KeyFileVault.of_folder(settings.wallet_keys_dir)
    return Ports(
        settings=settings,
        ledger=MongoLedger(database, vault.mac),
        store=MongoStore(database),
        vault=vault,
        totp=PyotpTotp(),
        recovery_codes=Argon2RecoveryCodes(),
        rates=HttpRates(settings, http),
        addresses=_addresses(settings, public_keys(settings.wallet_keys_dir)),
        documents=MongoDocuments(database),
    )


@asynccontextmanager
async def chains_to_verify(settings: Settings) -> AsyncIterator[dict[Asset, Chain]]:
    """The nodes that the books are compared with: those that an address is set for. Raises ``Unavailable``."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient())
        chains: dict[Asset, Chain] = {}
        for asset in settings.served:
            hot = await hot_address(settings, asset)
            if asset is Asset.ETH:
                node = EthereumBalances(settings.eth_rpc_url, http)
                chains[asset] = Chain(node, hot, max_gas_price_minor=settings.eth_max_fee_minor)
            else:
                coins = settings.coins(asset)
                balances = BitcoinLikeBalances.of(coins)
                stack.push_async_callback(balances.close)
                chains[asset] = Chain(balances, hot, max_batch_fee_minor=coins.max_batch_fee_minor)
        yield chains


async def hot_address(settings: Settings, asset: Asset) -> str:
    """The address of a hot wallet: the seed's, or that of the node's wallet that signs. Raises ``Unavailable``.

    ``InvariantViolated`` when the key folder is older than the chain, or of another network.
    """
    if asset is not Asset.ETH and settings.coins(asset).signer is Signing.NODE:
        wallet = NodeWallet.of(settings.coins(asset))
        try:
            return await wallet.address()
        finally:
            await wallet.close()
    hot: Mapping[str, str] = public_keys(settings.wallet_keys_dir)["hot"]
    if asset not in hot:
        raise InvariantViolated(f"{PUBLIC_FILE} is older than {asset}: make it anew with `wallet keys public`")
    return hot[asset]


def public_keys(folder: Path) -> Mapping[str, Any]:
    """The public half of ``wallet keys new``: extended public keys of the deposits, addresses of the hot wallets."""
    keys: Mapping[str, Any] = json.loads((folder / PUBLIC_FILE).read_text())
    return keys


def key_parts_of_bot(folder: Path) -> dict[str, str]:
    """Fingerprints of what the bot's key folder has beside the worker's: extended public keys, keys of the vault."""
    ring = folder / VAULT_KEYS_FILE
    sealing = json.loads(ring.read_text()) if ring.exists() else {}
    deposits = {f"{asset} deposits": fingerprint(key) for asset, key in public_keys(folder)["deposits"].items()}
    return deposits | {f"vault key {key_id}": fingerprint(key) for key_id, key in sealing.items()}


def _addresses(settings: Settings, public: Mapping[str, Any]) -> dict[Asset, Addresses]:
    """Those of Bitcoin and Litecoin where the key folder has them: older ones do not."""
    deposits, hot = public["deposits"], public["hot"]
    made: dict[Asset, Addresses] = {
        Asset.ETH: EthereumAddresses(deposits[Asset.ETH], settings.eth_chain_id, frozenset({hot[Asset.ETH]}))
    }
    for asset in (Asset.BTC, Asset.LTC):
        if asset in hot:
            made[asset] = _coin_addresses(settings, asset, deposits[asset], hot[asset])
    return made


def _coin_addresses(settings: Settings, asset: Asset, deposits: str, hot: str) -> BitcoinLikeAddresses:
    network = settings.network(asset)
    if not hot.startswith(f"{network.hrp}1"):
        raise InvariantViolated(
            f"{PUBLIC_FILE} has {asset} keys of another network than {asset}_NETWORK={network.name}"
        )
    return BitcoinLikeAddresses(deposits, network, frozenset({hot}))
