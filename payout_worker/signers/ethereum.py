"""Signs plain transfers from the hot wallet's one key (EIP-1559), and refuses to give a payout a second meaning."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog
from bip32 import BIP32
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address

from payout_worker.ports import Node, Order, Signed
from payout_worker.signers.record import RECORD_FILE, Entry, SigningRecord
from wallet_core.adapters.seed_file import ETHEREUM_HOT_PATH
from wallet_core.domain.chain import GAS_CEILING
from wallet_core.domain.errors import InvariantViolated

log = structlog.get_logger(__name__)


class EthereumSigner:
    """The hot wallet's key, with its record in a folder of the worker's own."""

    def __init__(
        self, seed: bytes, *, chain_id: int, folder: Path, node: Node, final_depth: int, max_fee_minor: int
    ) -> None:
        key = BIP32.from_seed(seed).get_privkey_from_path(ETHEREUM_HOT_PATH)
        self._account: LocalAccount = Account.from_key(key)
        self._record = SigningRecord(folder / RECORD_FILE)
        self._chain_id = chain_id
        self._node = node
        self._final_depth = final_depth
        self._max_fee_minor = max_fee_minor

    @property
    def address(self) -> str:
        """See ``ports.Signer.address``."""
        return str(self._account.address)

    async def check(self, payout: str) -> None:
        """See ``ports.Signer.check``."""
        for nonce in {entry.nonce for entry in self._of(payout)}:
            await self._refuse_unless_dead(payout, nonce)

    async def sign(self, order: Order) -> Signed:
        """See ``ports.Signer.sign``."""
        self._refuse_excess(order)
        digest = self._digest(order)
        if order.payout is not None:
            await self._refuse_second_meaning(order.payout, order.nonce, digest)
        signed = self._account.sign_transaction(self._transaction(order))
        txid = signed.hash.to_0x_hex()
        self._record.add(Entry(order.payout, self.address, order.nonce, digest, txid))
        return Signed(bytes(signed.raw_transaction), txid)

    def _transaction(self, order: Order) -> dict[str, Any]:
        return {
            "type": 2,
            "chainId": self._chain_id,
            "nonce": order.nonce,
            "to": to_checksum_address(order.to),
            "value": order.value_minor,
            "data": b"",
            "gas": order.gas_limit,
            "maxFeePerGas": order.max_fee_minor,
            "maxPriorityFeePerGas": order.tip_minor,
        }

    def _refuse_excess(self, order: Order) -> None:
        """The database names the gas and the node the fee; neither is trusted beyond our own ceilings."""
        if order.gas_limit > GAS_CEILING or order.max_fee_minor > self._max_fee_minor:
            raise InvariantViolated(f"nonce {order.nonce}: gas or fee above the ceiling")
        if order.payout is None and (order.value_minor or order.to != self.address):
            raise InvariantViolated(f"nonce {order.nonce}: a no-op pays nobody")

    async def _refuse_second_meaning(self, payout: str, nonce: int, digest: str) -> None:
        for other in self._of(payout):
            if other.nonce == nonce and other.digest != digest:
                raise InvariantViolated(f"payout {payout} was signed with nonce {nonce} for something else")
        if any(other.payout not in (None, payout) for other in self._record.of_nonce(self.address, nonce)):
            raise InvariantViolated(f"nonce {nonce} was signed for another payout than {payout}")
        for earlier in {entry.nonce for entry in self._of(payout)} - {nonce}:
            await self._refuse_unless_dead(payout, earlier)

    async def _refuse_unless_dead(self, payout: str, nonce: int) -> None:
        """What was signed with that nonce must finally have reverted, or finally have lost to a no-op of ours."""
        signed = self._record.of_nonce(self.address, nonce)
        heights = await self._node.heights()
        for entry in signed:
            found = await self._node.inclusion(entry.txid)
            if found is None or found.height > heights.final(self._final_depth):
                continue
            if entry.payout is None or not found.succeeded:
                return
        raise InvariantViolated(f"payout {payout} was signed with nonce {nonce} and may have been paid by it")

    def _of(self, payout: str) -> Sequence[Entry]:
        return [entry for entry in self._record.of_payout(payout) if entry.sender == self.address]

    def _digest(self, order: Order) -> str:
        """SHA-256 of what a nonce stands for: chain, receiver, value, data. Fees may rise, these never change."""
        meaning = [self._chain_id, to_checksum_address(order.to), order.value_minor, ""]
        return hashlib.sha256(repr(meaning).encode()).hexdigest()
