"""Sign: the first and only place where private keys are used.

What is signed is rebuilt from the person's own intent, whose seal is checked again; the batch contributes its nonce. A
batch whose payout cannot be signed gets a no-op at its nonce, or every later payout would wait for ever.
"""

from __future__ import annotations

from pathlib import Path

import structlog

from payout_worker.ports import Node, Order, Signed, Signer, WorkerPorts
from payout_worker.signers.ethereum import EthereumSigner
from payout_worker.steps.admission import has_sound_intent, unchanged
from payout_worker.steps.fees import Offer, offer
from payout_worker.steps.open_rail import open_rail, stays_open
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.steps.the_payout import the_payout
from payout_worker.tenure import Tenure
from wallet_core.adapters.seed_file import SEED_FILE, open_seed_file
from wallet_core.domain.chain import TRANSFER_GAS
from wallet_core.domain.changes import Insert
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.guards import Guards, unless_frozen
from wallet_core.domain.payout import Attempt, Batch, BatchState, Withdrawal, move_batch
from wallet_core.domain.record import Change
from wallet_core.settings import Settings

log = structlog.get_logger(__name__)


def open_signer(settings: Settings, folder: Path, node: Node) -> Signer:
    """The hot wallet's signer. Takes a good part of a second: scrypt. Raises ``InvariantViolated``, ``OSError``."""
    return EthereumSigner(
        open_seed_file(settings.wallet_keys_dir / SEED_FILE, settings.seed_passphrase),
        chain_id=settings.eth_chain_id,
        folder=folder,
        node=node,
        final_depth=settings.eth_final_depth,
        max_fee_minor=settings.eth_max_fee_gwei * 10**9,
    )


async def sign_batch(ports: WorkerPorts, tenure: Tenure, batch: Batch) -> bool:
    """FORMED -> SIGNED, with the attempt. Signing again after a crash is free: nothing was sent.

    Raises ``Refused(RAIL_OFF)`` while the rail is paused or frozen, or fees are above the ceiling.
    """
    await open_rail(ports)
    payout = await the_payout(ports, batch)
    offered = offer(await ports.node.fees(), ports.max_fee_minor)
    signed = await _signed(ports, tenure, batch, payout, offered)
    if signed is not None:
        await _save(ports, tenure, batch, signed, unchanged(payout), unless_frozen(payout.person), fills=False)
        return True
    no_op = Order(None, batch.nonce, batch.sender, 0, TRANSFER_GAS, offered.max_fee_minor, offered.tip_minor)
    await _save(ports, tenure, batch, await ports.signer.sign(no_op), fills=True)
    return True


async def _signed(
    ports: WorkerPorts, tenure: Tenure, batch: Batch, payout: Withdrawal, offered: Offer
) -> Signed | None:
    """The payment, or None when its person is frozen, its intent unsound, or the signer's own record against it."""
    guards = await ports.store.get(Guards, payout.person)
    frozen = guards is not None and guards.frozen_at is not None
    if frozen or not await has_sound_intent(ports, tenure, payout):
        return None
    order = Order(
        payout=payout.id,
        nonce=batch.nonce,
        to=payout.address,
        value_minor=payout.coin_minor,
        gas_limit=batch.gas_limit,
        max_fee_minor=offered.max_fee_minor,
        tip_minor=offered.tip_minor,
    )
    try:
        return await ports.signer.sign(order)
    except InvariantViolated as violation:
        log.error("signer_refused", payout=payout.id, batch=batch.id, error=str(violation))
        await raise_alarm(ports, tenure, "signer_refused", batch.id, freeze=False)
        return None


async def _save(ports: WorkerPorts, tenure: Tenure, batch: Batch, signed: Signed, *guards: Change, fills: bool) -> None:
    attempt = Attempt(id=f"{batch.id}:1", batch=batch.id, number=1, txid=signed.txid, raw=signed.raw, fills=fills)
    await ports.ledger.post(
        tenure.posting(
            "batch_signed",
            batch.id,
            stays_open(ports.asset),
            *guards,
            move_batch(batch.id, BatchState.FORMED, BatchState.SIGNED),
            Insert(attempt, stamp="created_at"),
            facts={"batch": batch.id, "attempt": attempt.id, "txid": attempt.txid},
        )
    )
    log.info("signed", payout=batch.payouts[0], batch=batch.id, attempt=attempt.id, txid=attempt.txid, fills=fills)
