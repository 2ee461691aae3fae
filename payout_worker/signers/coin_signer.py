"""What both signers of coins have in common: what they refuse, what they write down, how a transaction looks.

A sweep leads to a wallet of our own, whatever the database says. Who holds the key is left to ``bitcoin_like`` (the
seed) and ``node_wallet`` (a wallet of the node). Amounts in satoshi.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from btclib.exceptions import BTClibException
from btclib.hashes import hash160
from btclib.script import sig_hash
from btclib.script.script_pub_key import ScriptPubKey
from btclib.tx import OutPoint, Tx, TxIn, TxOut
from coincurve import PublicKey

from payout_worker.ports import CoinNode, CoinOrder, Order, Signed
from payout_worker.signers.psbt import Psbt
from payout_worker.signers.record import Entry, SigningRecord
from payout_worker.signers.recorded import RecordedSigner
from wallet_core.adapters.chains.scripts import script_pubkey
from wallet_core.domain.coin_transaction import most_fee
from wallet_core.domain.errors import InvariantViolated, Refused
from wallet_core.domain.network import Network
from wallet_core.domain.sweep import is_sweep
from wallet_core.domain.transaction_size import dust_minor, output_bytes, transaction_vsize

#: With it any input tells that the transaction may be replaced (BIP 125), and none is locked by its age (BIP 68).
_SEQUENCE: Final = 0xFFFFFFFD
#: Now: the same order gives the same bytes again, whatever block is the newest.
_LOCK_TIME: Final = 0
_VERSION: Final = 2


@dataclass(frozen=True, slots=True)
class FeeCeiling:
    """What a signer pays at most, whoever asks: for a transaction, and for a virtual byte."""

    max_fee_minor: int
    max_fee_rate: int


@dataclass(frozen=True, slots=True)
class CoinSigning:
    """What a signer of coins has whoever holds the key. Its record is kept in the folder, the worker's own."""

    network: Network
    folder: Path
    node: CoinNode
    final_depth: int
    ceiling: FeeCeiling


class CoinSigner(RecordedSigner, ABC):
    """The hot wallet of Bitcoin or Litecoin: one P2WPKH address.

    ``cold`` is the address of the cold wallet, if there is one. Raises ``InvariantViolated`` for what is no address, or
    the hot wallet's own.
    """

    def __init__(self, address: str, signing: CoinSigning, *, cold: str = "") -> None:
        self._network = signing.network
        record = SigningRecord(signing.folder / f"signed-{self._network.asset.lower()}.jsonl")
        self._fate = _CoinFate(signing.node, signing.final_depth)
        super().__init__(address, record, self._fate)
        self._script = script_pubkey(address, self._network)
        self._cold = {self._script_of(cold)} if cold else set[bytes]()
        if self._script in self._cold:
            setting = f"{self._network.asset}_SWEEP_COLD_ADDRESS"
            raise InvariantViolated(f"{cold} is the hot wallet's own address, and no cold wallet: {setting}")
        self._sweep_to = {self._script, *self._cold}
        self._ceiling = signing.ceiling

    async def sign(self, order: Order) -> Signed:
        """See ``ports.Signer.sign``; of an order of coins.

        What the inputs are worth is believed once, and written down: a signature covers it, so that a lie makes the
        transaction invalid (BIP 143), and no second lie about the same coin is signed.
        """
        if not isinstance(order, CoinOrder):
            raise InvariantViolated(f"an order with a nonce for {self._network.asset}")
        scripts = [self._script_of(output.address) for output in order.outputs]
        vsize = await self._paid_for(order, scripts)
        self._refuse_excess(order, scripts, vsize)
        if order.indices:
            self._refuse_other_sweep(order, scripts)
        elif any(is_sweep(output.payout) for output in order.outputs):
            self._refuse_other_store(order, scripts)
        psbt = self._unsigned(order, scripts)
        txid = psbt.tx.id.hex()
        entry = self._entry(order, scripts, txid, vsize)
        await self._admit(entry)
        signed = await self._sign(psbt, order.indices)
        _verify(signed)
        return Signed(signed.extract().serialize(include_witness=True), txid, entry.line)

    @abstractmethod
    async def _sign(self, psbt: Psbt, indices: Sequence[int]) -> Psbt:
        """The same transaction with all its witnesses. What was admitted before may fail here: it never left.

        ``indices`` are those of the deposit addresses of the inputs; none where the hot wallet has them.
        """

    def _deposit_script(self, index: int) -> bytes:
        """The script of a deposit address. Raises ``InvariantViolated`` where somebody else holds those keys."""
        raise InvariantViolated(f"this signer has no key of deposit address {index}")

    def _script_of(self, address: str) -> bytes:
        try:
            return script_pubkey(address, self._network)
        except Refused as refused:
            raise InvariantViolated(f"{address!r} is no address of this network") from refused

    def _refuse_excess(self, order: CoinOrder, scripts: list[bytes], vsize: int) -> None:
        """The database names the inputs and the outputs, and neither is trusted to be sensible."""
        payouts = [output.payout for output in order.outputs if output.payout is not None]
        if len({utxo.id for utxo in order.inputs}) != len(order.inputs) or not order.inputs:
            raise InvariantViolated("an order without inputs, or with one twice")
        if len(set(payouts)) != len(payouts):
            raise InvariantViolated("an order that pays a payout twice")
        for output, script in zip(order.outputs, scripts, strict=True):
            if output.payout is None and script != self._script:
                raise InvariantViolated(f"change for {output.address}, which is not ours")
            if output.value_minor < dust_minor(script, self._network.asset):
                raise InvariantViolated(f"{output.value_minor} for {output.address} is below the dust limit")
        if not 0 <= order.fee_minor <= self._most_minor(vsize):
            raise InvariantViolated(f"a fee of {order.fee_minor} is negative or above the ceiling")

    def _refuse_other_sweep(self, order: CoinOrder, scripts: list[bytes]) -> None:
        """All that deposits have goes to one wallet of ours, and never more to the network than to it."""
        if len(order.indices) != len(order.inputs) or len(order.outputs) != 1:
            raise InvariantViolated("a sweep has an index for each input, and one output")
        (output,), (script,) = order.outputs, scripts
        if output.payout is None or not (script in self._sweep_to or self._is_raise(order, scripts)):
            raise InvariantViolated(f"a sweep to {output.address}, which is no wallet of ours")
        if order.fee_minor > output.value_minor:
            raise InvariantViolated(f"a sweep of {output.value_minor} that costs {order.fee_minor}")

    def _refuse_other_store(self, order: CoinOrder, scripts: list[bytes]) -> None:
        """What the hot wallet has too much goes to the cold wallet, and never more to the network than to it."""
        (stored, script), *others = [
            (output, script) for output, script in zip(order.outputs, scripts, strict=True) if output.payout is not None
        ]
        is_known = script in self._cold or self._is_raise(order, scripts)
        if others or not is_known or not str(stored.payout).endswith(f":{stored.address}"):
            raise InvariantViolated(f"a surplus for {stored.address}, which is not the cold wallet alone")
        if order.fee_minor > stored.value_minor:
            raise InvariantViolated(f"a surplus of {stored.value_minor} that costs {order.fee_minor}")

    def _is_raise(self, order: CoinOrder, scripts: list[bytes]) -> bool:
        return self._meaning.raises(self._entry(order, scripts, txid="", vsize=0))

    async def _paid_for(self, order: CoinOrder, scripts: list[bytes]) -> int:
        """Virtual bytes that it may pay for: its own, and as a child those that what it spends could pay for.

        Only a child spends what is not final, and only what this key signed counts; the database may claim anything.
        """
        vsize = transaction_vsize(len(order.inputs), len(scripts), sum(map(output_bytes, scripts)))
        if any(output.payout is not None for output in order.outputs):
            return vsize
        for txid in {utxo.txid for utxo in order.inputs}:
            parent = self._record.of_txid(txid)
            if parent is not None and not await self._fate.final(txid):
                vsize += parent.vsize
        return vsize

    def _most_minor(self, vsize: int) -> int:
        """As coin selection reckons it, or what that makes would be refused here."""
        dust = dust_minor(self._script, self._network.asset)
        return min(self._ceiling.max_fee_minor, most_fee(vsize, self._ceiling.max_fee_rate, dust))

    def _unsigned(self, order: CoinOrder, scripts: list[bytes]) -> Psbt:
        try:
            vin = [TxIn(OutPoint(utxo.txid, utxo.index), b"", _SEQUENCE) for utxo in order.inputs]
            vout = [TxOut(o.value_minor, ScriptPubKey(s)) for o, s in zip(order.outputs, scripts, strict=True)]
            owners = [self._deposit_script(index) for index in order.indices] or [self._script] * len(order.inputs)
            spent = [TxOut(u.value_minor, ScriptPubKey(s)) for u, s in zip(order.inputs, owners, strict=True)]
            return Psbt(Tx(_VERSION, _LOCK_TIME, vin, vout), spent)
        except BTClibException as error:
            raise InvariantViolated(f"an order that is no transaction: {error}") from error

    def _entry(self, order: CoinOrder, scripts: list[bytes], txid: str, vsize: int) -> Entry:
        # A sweep moves what the fee leaves of its coins: the sum is no part of what it means.
        paid = [
            (output.payout, script.hex(), 0 if order.indices else output.value_minor)
            for output, script in zip(order.outputs, scripts, strict=True)
            if output.payout is not None
        ]
        meaning = json.dumps([self._network.asset, self._network.genesis, sorted(paid)])
        digest = hashlib.sha256(meaning.encode()).hexdigest()
        payouts = tuple(payout for payout, *_ in paid)
        takes, worth = tuple(utxo.id for utxo in order.inputs), tuple(utxo.value_minor for utxo in order.inputs)
        return Entry(payouts, self.address, takes, digest, txid, worth, vsize)


class _CoinFate:
    """What became of a signature on a chain of coins: see ``one_meaning.Fate``."""

    def __init__(self, node: CoinNode, final_depth: int) -> None:
        self._node = node
        self._final_depth = final_depth

    async def dead(self, entry: Entry, payouts: Collection[str]) -> bool:
        """Another transaction must finally spend an input of it. Whether that one pays the same is its own entry's."""
        final = await self._newest_final()
        for outpoint in entry.takes:
            spender = await self._node.spender(outpoint)
            if spender is not None and spender.txid != entry.txid and spender.height <= final:
                return True
        return False

    async def final(self, txid: str) -> bool:
        """Whether a final block has a transaction."""
        found = await self._node.inclusion(txid)
        return found is not None and found.height <= await self._newest_final()

    async def _newest_final(self) -> int:
        return (await self._node.heights()).final(self._final_depth)


def segwit_hashes(psbt: Psbt) -> list[bytes]:
    """What each input's signature is of (BIP 143): all of them spend P2WPKH outputs."""
    shared = sig_hash.PrecomputedTxData(psbt.tx, list(psbt.spent))
    return [
        sig_hash.segwit_v0(_code(spent), psbt.tx, index, sig_hash.ALL, spent.value, shared)
        for index, spent in enumerate(psbt.spent)
    ]


def _code(spent: TxOut) -> bytes:
    """The script that a P2WPKH output is spent by (BIP 143)."""
    return b"\x76\xa9\x14" + _key_hash(spent) + b"\x88\xac"


def _key_hash(spent: TxOut) -> bytes:
    return spent.script_pub_key.script[2:]


def _verify(psbt: Psbt) -> None:
    """Nothing leaves that nodes would refuse: each input has our key's signature of everything, with a low S."""
    for index, hashed in enumerate(segwit_hashes(psbt)):
        signature, key = _signature(psbt.witnesses.get(index, ()))
        if signature[-1] != sig_hash.ALL or hash160(key) != _key_hash(psbt.spent[index]):
            raise InvariantViolated(f"input {index} is signed by another key, or not for all of the transaction")
        if not _is_signature(signature[:-1], hashed, key):
            raise InvariantViolated(f"the signature of input {index} is wrong")


def _signature(witness: tuple[bytes, ...]) -> tuple[bytes, bytes]:
    if len(witness) != 2 or not all(witness):
        raise InvariantViolated("an input is not signed")
    signature, key = witness
    return signature, key


def _is_signature(signature: bytes, hashed: bytes, key: bytes) -> bool:
    try:
        return PublicKey(key).verify(signature, hashed, hasher=None)
    except ValueError:
        return False
