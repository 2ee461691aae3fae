"""Opens the signer of a chain's hot wallet, as the settings say."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

from payout_worker.ports import CoinNode, Node, NonceNode, Signer
from payout_worker.signers.bitcoin_like import BitcoinLikeSigner
from payout_worker.signers.coin_signer import CoinSigning, FeeCeiling
from payout_worker.signers.ethereum import EthereumSigner
from payout_worker.signers.node_wallet import NodeWalletSigner
from wallet_core.adapters.chains.node_wallet import NodeWallet
from wallet_core.adapters.seed_file import SEED_FILE, open_seed_file
from wallet_core.domain.money import Asset
from wallet_core.domain.network import NETWORKS
from wallet_core.settings import Settings, Signing


async def open_signer(settings: Settings, asset: Asset, folder: Path, node: Node) -> Signer:
    """The signer, with its record in the folder. Takes a good part of a second where it opens the seed: scrypt.

    Raises ``InvariantViolated``, ``OSError``, and ``Unavailable`` while a node that signs does not answer.
    """
    if asset is Asset.ETH:
        return EthereumSigner(
            await _seed(settings),
            chain_id=settings.eth_chain_id,
            folder=folder,
            node=cast(NonceNode, node),
            final_depth=settings.eth_final_depth,
            max_fee_minor=settings.eth_max_fee_minor,
            max_batch_fee_minor=settings.eth_max_batch_fee_minor,
            cold=settings.eth_sweep.cold_address,
        )
    coins = settings.coins(asset)
    ceiling = FeeCeiling(coins.max_batch_fee_minor, coins.max_fee_rate)
    network = NETWORKS[asset, coins.network]
    signing = CoinSigning(network, folder, cast(CoinNode, node), coins.final_depth, ceiling)
    if coins.signer is Signing.NODE:
        wallet = NodeWallet.of(coins)
        return NodeWalletSigner(wallet, await wallet.address(), signing, cold=settings.sweep(asset).cold_address)
    return BitcoinLikeSigner(await _seed(settings), signing, cold=settings.sweep(asset).cold_address)


async def _seed(settings: Settings) -> bytes:
    # scrypt takes its time on purpose, and other chains are at work already.
    return await asyncio.to_thread(open_seed_file, settings.wallet_keys_dir / SEED_FILE, settings.seed_passphrase)
