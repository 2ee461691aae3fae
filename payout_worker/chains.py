"""The chains that a process serves: which they are, where their nodes are, and which network each node must follow."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from payout_worker.ports import CoinNode, Node, NonceNode
from payout_worker.ready_node import check_chain
from wallet_core.adapters.chains.bitcoin_like_node import BitcoinLikeNode
from wallet_core.adapters.chains.ethereum_node import EthereumNode
from wallet_core.domain.chain import Identity
from wallet_core.domain.changes import Insert
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.network import NETWORKS
from wallet_core.domain.purchase import MarkRail, Rail
from wallet_core.ports import Ports
from wallet_core.settings import Settings


def served_chains(settings: Settings) -> tuple[Asset, ...]:
    """The chains whose node has an address, and that are this worker's to serve."""
    return tuple(asset for asset in settings.served if settings.has_rail(asset))


@asynccontextmanager
async def open_node(settings: Settings, asset: Asset) -> AsyncIterator[NonceNode | CoinNode]:
    """The node of a chain, not asked yet."""
    node = _node(settings, asset)
    try:
        yield node
    finally:
        await node.close()


def _node(settings: Settings, asset: Asset) -> EthereumNode | BitcoinLikeNode:
    return EthereumNode(settings.eth_rpc_url) if asset is Asset.ETH else BitcoinLikeNode.of(settings.coins(asset))


async def check_node(core: Ports, node: Node, asset: Asset) -> Identity:
    """Which chain the node follows now. Raises ``WrongChainError`` and ``Unavailable``."""
    rail = await core.store.get(Rail, asset)
    adopted = rail.genesis if rail else None
    return await check_chain(node, core.settings.networks[asset], _known_genesis(core.settings, asset), adopted)


async def adopt_chain(core: Ports, node: Node, asset: Asset) -> Rail:
    """The chain's rail, made if it is missing. The first start notes the genesis, every later one insists on it.

    Raises ``WrongChainError`` and ``Unavailable``.
    """
    identity = await check_node(core, node, asset)
    rail = await core.store.get(Rail, asset)
    if rail is None or rail.genesis is None:
        await _note_genesis(core, asset, rail, identity.genesis)
        rail = await core.store.get(Rail, asset)
    if rail is None:
        raise InvariantViolated(f"the rail of {asset} was opened before and is gone")
    return rail


def _known_genesis(settings: Settings, asset: Asset) -> str | None:
    if asset is Asset.ETH:
        return settings.eth_genesis or None
    coins = settings.coins(asset)
    return coins.genesis or NETWORKS[asset, coins.network].genesis


async def _note_genesis(core: Ports, asset: Asset, rail: Rail | None, genesis: str) -> None:
    facts = {"asset": asset, "genesis": genesis}
    if rail is None:
        opened = Insert(Rail(id=asset, genesis=genesis))
        posting = Posting(f"rail:{asset}", "rail_opened", "worker", changes=(opened,), facts=facts)
    else:
        mark = MarkRail(asset, "genesis", genesis)
        posting = Posting(f"genesis:{asset}", "genesis_noted", "worker", changes=(mark,), facts=facts)
    try:
        await core.ledger.post(posting)
    except Refused as refused:
        # Another worker was faster; what it noted is compared at every pass.
        if refused.reason is not Reason.CHANGED_MEANWHILE:
            raise
