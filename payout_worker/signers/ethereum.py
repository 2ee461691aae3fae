"""Signs plain transfers from the hot wallet's one key (EIP-1559), and refuses to give a payout a second meaning."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from bip32 import BIP32
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address

from payout_worker.ports import Node, NonceOrder, Order, Signed, taken_nonce
from payout_worker.signers.record import RECORD_FILE, Entry, SigningRecord
from payout_worker.signers.recorded import RecordedSigner
from wallet_core.adapters.seed_file import ETHEREUM_HOT_PATH
from wallet_core.domain.chain import GAS_CEILING
from wallet_core.domain.errors import InvariantViolated


class EthereumSigner(RecordedSigner):
    """The hot wallet's key, with its record in a folder of the worker's own."""

    def __init__(
        self, seed: bytes, *, chain_id: int, folder: Path, node: Node, final_depth: int, max_fee_minor: int
    ) -> None:
        key = BIP32.from_seed(seed).get_privkey_from_path(ETHEREUM_HOT_PATH)
        self._account: LocalAccount = Account.from_key(key)
        record = SigningRecord(folder / RECORD_FILE)
        super().__init__(str(self._account.address), record, _NonceFate(record, node, final_depth))
        self._chain_id = chain_id
        self._max_fee_minor = max_fee_minor

    async def sign(self, order: Order) -> Signed:
        """See ``ports.Signer.sign``; of an order with a nonce."""
        if not isinstance(order, NonceOrder):
            raise InvariantViolated("an order of coins for Ethereum")
        self._refuse_excess(order)
        signed = self._account.sign_transaction(self._transaction(order))
        txid = signed.hash.to_0x_hex()
        payouts = () if order.payout is None else (order.payout,)
        entry = Entry(payouts, self.address, (taken_nonce(order.nonce),), self._digest(order), txid)
        await self._admit(entry)
        return Signed(bytes(signed.raw_transaction), txid, entry.line)

    def _transaction(self, order: NonceOrder) -> dict[str, Any]:
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

    def _refuse_excess(self, order: NonceOrder) -> None:
        """The database names the gas and the node the fee; neither is trusted beyond our own ceilings."""
        if order.gas_limit > GAS_CEILING or order.max_fee_minor > self._max_fee_minor:
            raise InvariantViolated(f"nonce {order.nonce}: gas or fee above the ceiling")
        if order.payout is None and (order.value_minor or order.to != self.address):
            raise InvariantViolated(f"nonce {order.nonce}: a no-op pays nobody")

    def _digest(self, order: NonceOrder) -> str:
        """SHA-256 of what a nonce stands for: chain, receiver, value, data. Fees may rise, these never change."""
        meaning = [self._chain_id, to_checksum_address(order.to), order.value_minor, ""]
        return hashlib.sha256(repr(meaning).encode()).hexdigest()


class _NonceFate:
    """What became of a signature on Ethereum: see ``one_meaning.Fate``."""

    def __init__(self, record: SigningRecord, node: Node, final_depth: int) -> None:
        self._record = record
        self._node = node
        self._final_depth = final_depth

    async def dead(self, entry: Entry) -> bool:
        """What was signed with its nonce must finally have reverted, or finally have lost to a no-op of ours."""
        heights = await self._node.heights()
        for rival in self._record.of_taken(entry.sender, entry.takes):
            found = await self._node.inclusion(rival.txid)
            if found is None or found.height > heights.final(self._final_depth):
                continue
            if not rival.payouts or not found.succeeded:
                return True
        return False
