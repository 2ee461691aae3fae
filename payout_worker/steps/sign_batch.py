"""Sign: the first and only place where private keys are used.

What is signed is rebuilt from people's own intents, whose seals are checked again; the batch contributes its nonce or
its coins. A batch with a payout that cannot be signed gets a no-op, which uses them up: its payouts queue again when
that is final. A sweep, or a surplus, has no intents: its signer lets it lead to our own wallets alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import structlog

from payout_worker.families import Plan, family_of
from payout_worker.ports import NonceOrder, Output, Signed, WorkerPorts
from payout_worker.signers.opening import open_signer
from payout_worker.steps.admission import has_sound_intent, unchanged
from payout_worker.steps.end_batch import unbatched
from payout_worker.steps.open_rail import open_rail, stays_open
from payout_worker.steps.payouts_of import attempts_of, payouts_of
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.tenure import Tenure
from wallet_core.domain.changes import Insert
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.guards import Guards, unless_frozen
from wallet_core.domain.multi_send import most_gas
from wallet_core.domain.payout import Attempt, AttemptKind, Batch, BatchState, Withdrawal, move_batch, signed_terms
from wallet_core.domain.record import Change
from wallet_core.domain.sweep import Own
from wallet_core.ports import After

__all__ = ["open_signer", "sign_batch"]

log = structlog.get_logger(__name__)

#: Any time is later.
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


async def sign_batch(ports: WorkerPorts, tenure: Tenure, batch: Batch) -> bool:
    """To SIGNED, with the attempt that the batch wants. Signing again after a crash is free: nothing was sent.

    Raises ``Refused(RAIL_OFF)`` while the rail is paused or frozen, or fees are above the ceiling.
    """
    await open_rail(ports)
    payouts = await payouts_of(ports, batch)
    attempts = await attempts_of(ports, batch)
    guards: tuple[Change, ...] = ()
    if batch.wants is AttemptKind.PAYMENT:
        payable = await _payable(ports, tenure, payouts, first=not attempts)
        if batch.contract and not attempts and 0 < len(payable) < len(payouts):
            batch, payouts = await _without_others(ports, tenure, batch, payouts, payable), payable
        if len(payable) == len(payouts):
            guards = _guards(payouts, first=not attempts)
        elif attempts:
            return await _forgo(ports, tenure, batch)
        else:
            batch = batch.model_copy(update={"wants": AttemptKind.NO_OP})
    return await _sign_unless_refused(ports, tenure, batch, payouts, attempts, *guards)


async def _payable(
    ports: WorkerPorts, tenure: Tenure, payouts: Sequence[Withdrawal], *, first: bool
) -> list[Withdrawal]:
    """Those whose intents are sound, and whose people were not frozen before any of it was signed."""
    sound = [payout for payout in payouts if await has_sound_intent(ports, tenure, payout)]
    if not first:
        return sound
    people = tuple({payout.person for payout in payouts})
    those = {"_id": people, "frozen_at": After(_NEVER)}
    now = await ports.store.now()
    frozen = {person.id for person in await ports.store.find(Guards, those, limit=len(people)) if person.freeze(now)}
    return [payout for payout in sound if payout.person not in frozen]


async def _without_others(
    ports: WorkerPorts, tenure: Tenure, batch: Batch, payouts: Sequence[Withdrawal], payable: Sequence[Withdrawal]
) -> Batch:
    """A call of which nothing is signed goes on with those that may be paid: one of hundreds keeps no others."""
    posting = unbatched(tenure, batch, [payout for payout in payouts if payout not in payable])
    await ports.ledger.post(posting)
    log.info(posting.kind, **posting.facts)
    left = tuple(payout.id for payout in payable)
    return batch.model_copy(update={"payouts": left, "gas_limit": most_gas(len(left))})


def _guards(payouts: Sequence[Withdrawal], *, first: bool) -> tuple[Change, ...]:
    same = tuple(unchanged(payout) for payout in payouts)
    if not first:
        return same
    return (*same, *(unless_frozen(person) for person in dict.fromkeys(payout.person for payout in payouts)))


async def _sign_unless_refused(
    ports: WorkerPorts,
    tenure: Tenure,
    batch: Batch,
    payouts: Sequence[Withdrawal],
    attempts: Sequence[Attempt],
    *guards: Change,
) -> bool:
    """A first payment that the signer refuses becomes a no-op; whatever was wanted later is forgone.

    So does a first surplus: others wait for its nonce, or may use its coins. Coins that were to be gathered get a no-op
    that is reckoned anew. A first sweep stays as it is: what it has is at our own addresses, and nobody waits for it.
    """
    try:
        return await _sign(ports, tenure, batch, payouts, attempts, *guards)
    except InvariantViolated as violation:
        if not attempts and (batch.sweep or (batch.wants is AttemptKind.NO_OP and batch.own is not Own.SMALL)):
            raise
        log.error("signer_refused", batch=batch.id, error=str(violation))
        await raise_alarm(ports, tenure, "signer_refused", batch.id, freeze=False)
    if attempts:
        return await _forgo(ports, tenure, batch)
    plain = batch.model_copy(update={"wants": AttemptKind.NO_OP, "change_minor": ()})
    return await _sign(ports, tenure, plain, payouts, attempts)


async def _sign(
    ports: WorkerPorts,
    tenure: Tenure,
    batch: Batch,
    payouts: Sequence[Withdrawal],
    attempts: Sequence[Attempt],
    *guards: Change,
) -> bool:
    family = family_of(ports.asset)
    plan = await family.plan(ports, batch, payouts, attempts)
    if plan is None:
        return await _forgo(ports, tenure, batch)
    signed = await ports.signer.sign(plan.order)
    await family.check(ports, signed.raw)
    attempt = _attempt(batch, len(attempts) + 1, plan, signed, ports.vault.mac(signed_terms(signed.entry)))
    await ports.ledger.post(
        tenure.posting(
            "batch_signed",
            batch.id,
            *stays_open(ports.asset),
            *guards,
            move_batch(batch.id, batch.state, BatchState.SIGNED, wants=None),
            Insert(attempt, stamp="created_at"),
            facts={"batch": batch.id, "attempt": attempt.id, "kind": attempt.kind, "txid": attempt.txid},
        )
    )
    log.info("signed", batch=batch.id, attempt=attempt.id, kind=attempt.kind, txid=attempt.txid)
    return True


def _attempt(batch: Batch, number: int, plan: Plan, signed: Signed, signed_mac: str) -> Attempt:
    order = plan.order
    outputs = (Output(None, order.to, order.value_minor),) if isinstance(order, NonceOrder) else order.outputs
    made = Attempt(
        id=f"{batch.id}:{number}",
        batch=batch.id,
        asset=batch.asset,
        number=number,
        txid=signed.txid,
        raw=signed.raw,
        kind=batch.wants or AttemptKind.PAYMENT,
        price_minor=plan.price_minor,
        tip_minor=plan.tip_minor,
        signed=signed.entry,
        signed_mac=signed_mac,
    )
    if batch.wants is AttemptKind.SWEEP:
        made = made.model_copy(update={"target": outputs[0].address})
    if batch.sweep and batch.wants is AttemptKind.SWEEP:
        (output,) = outputs
        made = made.model_copy(update={"change_minor": (output.value_minor,)})
    if isinstance(order, NonceOrder):
        return made
    change = made.change_minor or tuple(output.value_minor for output in outputs if output.payout is None)
    spent = {"fee_minor": order.fee_minor, "inputs": tuple(utxo.id for utxo in order.inputs), "change_minor": change}
    return made.model_copy(update=spent)


async def _forgo(ports: WorkerPorts, tenure: Tenure, batch: Batch) -> bool:
    """What is out stays as it is: nothing is signed that was changed since, or that the ceilings do not allow."""
    forgone = move_batch(batch.id, batch.state, batch.state, wants=None)
    await ports.ledger.post(tenure.posting("batch_marked", batch.id, forgone, facts={"batch": batch.id}))
    return False
