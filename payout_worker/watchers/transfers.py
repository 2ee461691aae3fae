"""Records of the transfers that led to Ethereum's deposit addresses, so that a person can look one up by its hash.

They are told, never booked: the books follow the balances, which know also what comes out of contracts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from payout_worker.ports import WorkerPorts
from wallet_core.domain.chain import Transfer
from wallet_core.domain.changes import Insert, Move
from wallet_core.domain.payment import Payment, PaymentState, payment_id
from wallet_core.domain.purchase import Invoice
from wallet_core.domain.record import Change

#: Of one invoice, in one posting.
_MOST: Final = 100
_ENDED: Final = (PaymentState.GONE, PaymentState.REVERSED)


async def seen(
    ports: WorkerPorts, invoice: Invoice, transfers: Sequence[Transfer], locked_until: datetime, booked_to: int
) -> tuple[Change, ...]:
    """Writes down transfers in blocks that were read now; one that was in a block before is on its way again.

    What is in blocks up to ``booked_to`` was booked before its block was read.
    """
    by_id = {payment_id(ports.asset, transfer.txid): transfer for transfer in transfers[-_MOST:]}
    known = await ports.store.find(Payment, {"_id": tuple(by_id)}, limit=len(by_id)) if by_id else []
    again = [payment for payment in known if payment.state in _ENDED]
    changes: list[Change] = [
        _moved(
            payment,
            _state(by_id[payment.id], booked_to),
            height=by_id[payment.id].height,
            block_hash=by_id[payment.id].block_hash,
        )
        for payment in again
    ]
    there = {payment.id for payment in known}
    changes += [
        Insert(_record(name, invoice, transfer, locked_until, booked_to))
        for name, transfer in by_id.items()
        if name not in there
    ]
    return tuple(changes)


async def booked(ports: WorkerPorts, invoice: Invoice, height: int) -> tuple[Change, ...]:
    """Those in blocks up to a final one, once the balance of that block was booked."""
    pending = await _of(ports, invoice, PaymentState.PENDING)
    final = [payment for payment in pending if payment.height is not None and payment.height <= height]
    return tuple(_moved(payment, PaymentState.CREDITED) for payment in final)


async def lost(ports: WorkerPorts, invoice: Invoice) -> tuple[Change, ...]:
    """Those whose block left the chain after they were booked."""
    changes: list[Change] = []
    for payment in await _of(ports, invoice, PaymentState.CREDITED):
        if await ports.node.inclusion(payment.txid) is None:
            fields = {"generation": payment.generation + 1, "height": None, "block_hash": None}
            changes.append(_moved(payment, PaymentState.REVERSED, **fields))
    return tuple(changes)


async def _of(ports: WorkerPorts, invoice: Invoice, state: PaymentState) -> list[Payment]:
    return await ports.store.find(
        Payment, {"invoice": invoice.id, "state": state}, order_by=("-seen_at", "_id"), limit=_MOST
    )


def _moved(payment: Payment, state: PaymentState, **fields: Any) -> Move:
    expected = {"generation": payment.generation}
    return Move(Payment, payment.id, frozenset({payment.state}), state, fields, expected=expected)


def _state(transfer: Transfer, booked_to: int) -> PaymentState:
    is_booked = transfer.height is not None and transfer.height <= booked_to
    return PaymentState.CREDITED if is_booked else PaymentState.PENDING


def _record(name: str, invoice: Invoice, transfer: Transfer, locked_until: datetime, booked_to: int) -> Payment:
    return Payment(
        id=name,
        asset=invoice.asset,
        invoice=invoice.id,
        person=invoice.person,
        txid=transfer.txid,
        index=0,
        coin_minor=transfer.value_minor,
        state=_state(transfer, booked_to),
        height=transfer.height,
        block_hash=transfer.block_hash,
        seen_at=transfer.at,
        timely=transfer.at <= locked_until,
    )
