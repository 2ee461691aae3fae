"""Signs for Bitcoin or Litecoin by a wallet of the node: the second way, where the key must not be in this process.

It refuses and records the same as the seed's signer. The wallet gets a PSBT, never the choice of what it is of. The
keys of the deposits are the seed's, so deposits cannot be swept here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from payout_worker.signers.coin_signer import CoinSigner, CoinSigning
from payout_worker.signers.psbt import Psbt
from wallet_core.domain.errors import InvariantViolated


class PsbtWallet(Protocol):
    """Whoever holds the key."""

    async def process_psbt(self, psbt: str) -> tuple[str, bool]:
        """The PSBT in base 64 with its signatures, and whether none is missing. Raises ``Unavailable``."""


class NodeWalletSigner(CoinSigner):
    """The hot wallet's address, whose key is in a wallet of the node."""

    def __init__(self, wallet: PsbtWallet, address: str, signing: CoinSigning, *, cold: str = "") -> None:
        super().__init__(address, signing, cold=cold)
        self._wallet = wallet

    async def _sign(self, psbt: Psbt, indices: Sequence[int]) -> Psbt:
        returned, complete = await self._wallet.process_psbt(psbt.encode())
        if not complete:
            raise InvariantViolated("the node's wallet has not all the keys")
        return psbt.signed_by(returned)
