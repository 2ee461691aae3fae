"""The hot wallet's coins: which of them a batch may spend, and what a transaction of theirs is like."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from payout_worker.ports import CoinNode, Output, RailPorts
from wallet_core.adapters.chains.scripts import script_pubkey
from wallet_core.domain.chain import FeeRates, Utxo
from wallet_core.domain.coin_transaction import Payment, Selection, Terms
from wallet_core.domain.network import NETWORKS, Network
from wallet_core.domain.payout import Attempt, Batch, BatchState, Withdrawal
from wallet_core.domain.reservation import Reservation, Reserve
from wallet_core.domain.transaction_size import P2WPKH_OUTPUT_BYTES, dust_minor, output_bytes, transaction_vsize

Ports = RailPorts[CoinNode]

#: Our own outputs: version 0 and a push of 20 bytes (BIP 141).
_OWN_SCRIPT: Final = b"\x00\x14" + bytes(20)
#: Below this rate, in minor units for a virtual byte, small coins are gathered.
_LOW_RATE_MINOR: Final = 3
_ENDED: Final = (BatchState.SETTLED, BatchState.ABANDONED)


@dataclass(frozen=True, slots=True)
class Spendable:
    """A coin that a new batch may have; ``before`` is the batch that had it and can never spend it any more."""

    utxo: Utxo
    before: str | None = None


async def spendable(ports: Ports) -> list[Spendable]:
    """Coins in final blocks that no live batch has a claim to."""
    final = (await ports.node.heights()).final(ports.final_depth)
    there = await ports.node.utxos(ports.signer.address)
    utxos = [utxo for utxo in there if utxo.height is not None and utxo.height <= final]
    had = await _had(ports, utxos)
    free = await _free_again(ports, set(had.values()), final)
    return [Spendable(utxo, had.get(utxo.id)) for utxo in utxos if utxo.id not in had or had[utxo.id] in free]


async def own_change(ports: Ports, batch: Batch, utxos: Sequence[Utxo]) -> list[Spendable]:
    """Those of a batch's own outputs that its children may spend: whatever no other batch was ever given."""
    owners = await _had(ports, utxos)
    return [Spendable(utxo, owners.get(utxo.id)) for utxo in utxos if owners.get(utxo.id, batch.id) == batch.id]


async def _had(ports: Ports, utxos: Sequence[Utxo]) -> dict[str, str]:
    """The batch that each of these coins was ever given to."""
    ids = tuple(reservation_id(ports, utxo.id) for utxo in utxos)
    found = await ports.store.find(Reservation, {"_id": ids}, limit=len(ids)) if ids else []
    return {reserved.id.partition(":")[2]: reserved.batch for reserved in found}


async def _free_again(ports: Ports, batches: Iterable[str], final: int) -> set[str]:
    """Batches that ended for good by an attempt that left some of their coins alone."""
    ids = tuple(batches)
    found = await ports.store.find(Batch, {"_id": ids, "state": _ENDED}, limit=len(ids)) if ids else []
    return {batch.id for batch in found if batch.height is not None and batch.height <= final}


def reservation_id(ports: Ports, utxo: str) -> str:
    """Under which exactly one batch may have a coin."""
    return f"{ports.asset}:{utxo}"


def reserve(ports: Ports, batch: str, coins: Iterable[Spendable]) -> tuple[Reserve, ...]:
    """The changes that give coins to a batch."""
    return tuple(
        Reserve(Reservation(id=reservation_id(ports, coin.utxo.id), asset=ports.asset, batch=batch), coin.before)
        for coin in coins
    )


def terms_of(ports: Ports, rate_minor: int) -> Terms:
    """What a transaction at this rate must keep to."""
    settings = ports.settings.coins(ports.asset)
    return Terms(
        rate_minor=rate_minor,
        max_rate_minor=settings.max_fee_rate,
        max_fee_minor=settings.max_batch_fee_minor,
        dust_minor=dust_minor(_OWN_SCRIPT, ports.asset),
        change_outputs=settings.change_outputs,
        low_rate_minor=_LOW_RATE_MINOR,
    )


def rate_now(ports: Ports, rates: FeeRates) -> int:
    """What is offered for a virtual byte now: the node's estimate, or the setting where it has none."""
    usual_minor = rates.market_minor or ports.settings.coins(ports.asset).fallback_fee_rate
    return max(usual_minor, rates.least_minor)


def outputs_of(payouts: Iterable[Withdrawal]) -> list[Output]:
    """The outputs that pay people."""
    return [Output(payout.id, payout.address, payout.coin_minor) for payout in payouts]


def payments_of(ports: Ports, outputs: Iterable[Output]) -> list[Payment]:
    """Outputs as coin selection sees them."""
    network = NETWORKS[ports.asset, ports.settings.networks[ports.asset]]
    return [Payment(bytes_at(output.address, network), output.value_minor) for output in outputs]


def vsize_of(attempt: Attempt, paid: Sequence[Payment]) -> int:
    """The most virtual bytes that an attempt has; ``paid`` are its outputs that do not come back to us."""
    size = sum(payment.size for payment in paid) + len(attempt.change_minor) * P2WPKH_OUTPUT_BYTES
    return transaction_vsize(len(attempt.inputs), len(paid) + len(attempt.change_minor), size)


def spent_by(found: Selection) -> dict[str, tuple[str, ...] | tuple[int, ...]]:
    """The fields of a batch that say what its transaction spends, and what comes back."""
    return {
        "inputs": tuple(utxo.id for utxo in found.inputs),
        "inputs_minor": tuple(utxo.value_minor for utxo in found.inputs),
        "change_minor": found.change_minor,
    }


def inputs_of(batch: Batch) -> tuple[Utxo, ...]:
    """The coins of a batch."""
    parts = (utxo.partition(":") for utxo in batch.inputs)
    values = batch.inputs_minor
    return tuple(Utxo(txid, int(at), value, None) for (txid, _, at), value in zip(parts, values, strict=True))


def change_of(attempt: Attempt, payouts: int) -> list[Utxo]:
    """The outputs of an attempt that come back to us: they follow those of its payouts."""
    return [Utxo(attempt.txid, payouts + at, value, None) for at, value in enumerate(attempt.change_minor)]


def bytes_at(address: str, network: Network) -> int:
    """Bytes of an output at an address, as ``output_bytes`` of its script, which takes long to find out for thousands.

    8 of value, a length, and the script: a witness program, 5 bits a character (BIP 173). Raises ``Refused`` for what
    is no address.
    """
    if not address.lower().startswith(f"{network.hrp}1"):
        return output_bytes(script_pubkey(address, network))
    version_and_checksum = 1 + 6
    program = (len(address) - len(network.hrp) - 1 - version_and_checksum) * 5 // 8
    return 8 + 1 + 2 + program
