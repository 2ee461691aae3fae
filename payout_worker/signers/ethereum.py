"""Signs transfers and calls of our contract (EIP-1559), and refuses to give a payout a second meaning.

Transfers come from the hot wallet's one key, or from a deposit address: then they lead to a wallet of our own. A call
pays many at once; its data is made here from the payouts, and the contract's code is looked at before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

from bip32 import BIP32
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.address import is_address, is_checksum_address, to_checksum_address

from payout_worker.ports import NonceNode, NonceOrder, Order, Signed, taken_nonce
from payout_worker.signers.record import RECORD_FILE, Entry, SigningRecord
from payout_worker.signers.recorded import RecordedSigner
from wallet_core.adapters.chains import multi_send
from wallet_core.adapters.chains.ethereum_addresses import RECEIVING
from wallet_core.adapters.seed_file import ETHEREUM_DEPOSITS_PATH, ETHEREUM_HOT_PATH
from wallet_core.domain.chain import GAS_CEILING
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.multi_send import MultiSend, most_gas
from wallet_core.domain.sweep import is_sweep


class EthereumSigner(RecordedSigner):
    """The hot wallet's key and those of the deposits, with a record in a folder of the worker's own.

    ``cold`` is the address of the cold wallet, if there is one. Raises ``InvariantViolated`` for what is no address, or
    the hot wallet's own.
    """

    def __init__(
        self,
        seed: bytes,
        *,
        chain_id: int,
        folder: Path,
        node: NonceNode,
        final_depth: int,
        max_fee_minor: int,
        max_batch_fee_minor: int,
        cold: str = "",
    ) -> None:
        root = BIP32.from_seed(seed)
        self._account: LocalAccount = Account.from_key(root.get_privkey_from_path(ETHEREUM_HOT_PATH))
        self._deposits = BIP32.from_xpriv(root.get_xpriv_from_path(f"{ETHEREUM_DEPOSITS_PATH}/{RECEIVING}"))
        self._cold = {_checked(cold)} if cold else set[str]()
        self._sweep_to = {str(self._account.address), *self._cold}
        if self._account.address in self._cold:
            raise InvariantViolated(
                f"{cold} is the hot wallet's own address, and no cold wallet: ETH_SWEEP_COLD_ADDRESS"
            )
        record = SigningRecord(folder / RECORD_FILE)
        super().__init__(str(self._account.address), record, _NonceFate(record, node, final_depth))
        self._node = node
        self._final_depth = final_depth
        self._chain_id = chain_id
        self._max_fee_minor = max_fee_minor
        self._max_batch_fee_minor = max_batch_fee_minor

    async def sign(self, order: Order) -> Signed:
        """See ``ports.Signer.sign``; of an order with a nonce."""
        if not isinstance(order, NonceOrder):
            raise InvariantViolated("an order of coins for Ethereum")
        self._refuse_excess(order)
        if order.many is not None:
            await self._refuse_other_contract(order.many)
        signed = self._account_of(order).sign_transaction(self._transaction(order))
        txid = signed.hash.to_0x_hex()
        entry = self._entry(order, txid)
        await self._admit(entry)
        return Signed(bytes(signed.raw_transaction), txid, entry.line)

    def _account_of(self, order: NonceOrder) -> LocalAccount:
        if order.index is None:
            return self._account
        account: LocalAccount = Account.from_key(self._deposits.get_privkey_from_path([order.index]))
        return account

    def _entry(self, order: NonceOrder, txid: str) -> Entry:
        taken = taken_nonce(order.nonce, None if order.index is None else str(self._account_of(order).address))
        contract = order.many.contract if order.many else ""
        return Entry(_payouts(order), self.address, (taken,), self._digest(order), txid, contract=contract)

    def _is_raise(self, order: NonceOrder) -> bool:
        return is_address(order.to) and self._meaning.raises(self._entry(order, txid=""))

    def _transaction(self, order: NonceOrder) -> dict[str, Any]:
        return {
            "type": 2,
            "chainId": self._chain_id,
            "nonce": order.nonce,
            "to": to_checksum_address(order.to),
            "value": order.value_minor,
            "data": multi_send.call_data(order.many) if order.many else b"",
            "gas": order.gas_limit,
            "maxFeePerGas": order.max_fee_minor,
            "maxPriorityFeePerGas": order.tip_minor,
        }

    def _refuse_excess(self, order: NonceOrder) -> None:
        """The database names the gas and the node the fee; neither is trusted beyond our own ceilings."""
        ceiling = most_gas(len(order.many.payments)) if order.many else GAS_CEILING
        if order.gas_limit > ceiling or order.max_fee_minor > self._max_fee_minor:
            raise InvariantViolated(f"nonce {order.nonce}: gas or fee above the ceiling")
        if order.gas_limit * order.max_fee_minor > self._max_batch_fee_minor:
            raise InvariantViolated(f"nonce {order.nonce}: more for all of its gas than one transaction may offer")
        if order.many is not None:
            _refuse_other_call(order, order.many)
        elif order.index is not None:
            self._refuse_other_sweep(order)
        elif is_sweep(order.payout):
            self._refuse_other_store(order)
        elif order.payout is None and (order.value_minor or order.to != self.address):
            raise InvariantViolated(f"nonce {order.nonce}: a no-op pays nobody")

    def _refuse_other_store(self, order: NonceOrder) -> None:
        """What the hot wallet has too much goes to the cold wallet, and never more to the network than to it."""
        is_known = order.to in self._cold or self._is_raise(order)
        if not is_known or order.payout is None or not order.payout.endswith(f":{order.to}"):
            raise InvariantViolated(f"a surplus for {order.to}, which is not the cold wallet")
        if order.gas_limit * order.max_fee_minor > order.value_minor:
            raise InvariantViolated(f"a surplus of {order.value_minor} that may cost more than that")

    def _refuse_other_sweep(self, order: NonceOrder) -> None:
        """What a deposit address has goes to a wallet of ours, and never more to the network than to it."""
        if order.payout is None or not (order.to in self._sweep_to or self._is_raise(order)):
            raise InvariantViolated(f"a sweep to {order.to}, which is no wallet of ours")
        if order.gas_limit * order.max_fee_minor > order.value_minor:
            raise InvariantViolated(f"a sweep of {order.value_minor} that may cost more than that")

    async def _refuse_other_contract(self, send: MultiSend) -> None:
        """The database names the contract. Only one that a final block has keeps its code."""
        if not is_address(send.contract):
            raise InvariantViolated(f"{send.contract!r} is no address of a contract")
        final = max(0, (await self._node.heights()).final(self._final_depth))
        if not await self._node.has_multi_send(send.contract, self.address, final):
            raise InvariantViolated(f"the code at {send.contract} is not that of our contract with our owner")

    def _digest(self, order: NonceOrder) -> str:
        """SHA-256 of what a nonce stands for: chain, receiver, value, data. Fees may rise, these never change.

        The data of a call stands for its contract, its batch, and each payout with its address and value. A sweep moves
        what the fee leaves of the balance: the sum is no part of what it means.
        """
        meaning = [self._chain_id, to_checksum_address(order.to), order.value_minor, ""]
        if order.index is not None:
            meaning[2:] = ["swept"]
        elif order.many is not None:
            meaning[3] = multi_send.call_data(order.many).hex()
        return hashlib.sha256(repr(meaning).encode()).hexdigest()


def _payouts(order: NonceOrder) -> tuple[str, ...]:
    if order.many is not None:
        return tuple(payment.payout for payment in order.many.payments)
    return () if order.payout is None else (order.payout,)


def _refuse_other_call(order: NonceOrder, send: MultiSend) -> None:
    """A call carries what its payouts get, to the contract, and pays each of them once."""
    if order.payout is not None or order.index is not None or not send.payments:
        raise InvariantViolated(f"nonce {order.nonce}: a call that is something else as well, or pays nobody")
    if (order.to, order.value_minor) != (send.contract, send.value_minor):
        raise InvariantViolated(f"nonce {order.nonce}: a call that carries something else than its payouts get")
    if len(set(_payouts(order))) != len(send.payments) or min(p.value_minor for p in send.payments) <= 0:
        raise InvariantViolated(f"nonce {order.nonce}: a call that pays a payout twice, or nothing")


def _checked(address: str) -> str:
    if not is_checksum_address(address):
        raise InvariantViolated(f"{address!r} is no Ethereum address with its checksum (EIP-55)")
    return address


class _NonceFate:
    """What became of a signature on Ethereum: see ``one_meaning.Fate``."""

    def __init__(self, record: SigningRecord, node: NonceNode, final_depth: int) -> None:
        self._record = record
        self._node = node
        self._final_depth = final_depth

    async def dead(self, entry: Entry, payouts: Collection[str]) -> bool:
        """What was signed with its nonce must finally have reverted, or finally have lost to a no-op of ours.

        Of a call that went through, the contract's own events must say of each of the payouts that it failed.
        """
        heights = await self._node.heights()
        for rival in self._record.of_taken(entry.sender, entry.takes):
            found = await self._node.inclusion(rival.txid)
            if found is None or found.height > heights.final(self._final_depth):
                continue
            if not rival.payouts or not found.succeeded:
                return True
            if rival.contract and set(payouts) <= await self._failed(rival):
                return True
        return False

    async def _failed(self, call: Entry) -> set[str]:
        """Payouts of a call that its events say failed; none where they are unclear."""
        results = await self._node.results(call.txid, call.contract)
        try:
            return set(results.failed_of(call.payouts)) if results else set()
        except ValueError:
            return set()
