"""One look at one payment on a chain of coins: it is shown at once, credited at depth, taken back when it is gone.

Each payment is a record with a state of its own, and every step moves it from its old state. So it is credited once for
each time that it was mined, whoever looks at it how often, and whatever was killed in between.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog

from payout_worker.ports import WorkerPorts
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.tenure import Tenure
from payout_worker.watchers.arrivals import Sighting
from payout_worker.watchers.case_lapse import lapse
from payout_worker.watchers.credit import post_credit
from payout_worker.watchers.payment_rate import rate_fields, rate_of
from payout_worker.watchers.take_back import owed_no_more, take_back_payment
from payout_worker.watchers.too_small import is_too_small, set_aside
from wallet_core.domain.case import Case, CaseChoice, CaseKind, CaseState, case_id
from wallet_core.domain.chain import Heights, Standing, Whereabouts
from wallet_core.domain.changes import Insert, Move
from wallet_core.domain.crediting import Crediting
from wallet_core.domain.deposit import Deposit, deposit
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.payment import Payment, PaymentState
from wallet_core.domain.purchase import Invoice
from wallet_core.domain.quote import itd_for
from wallet_core.domain.receipts import InvoiceStep, invoice_message, step_of
from wallet_core.domain.record import Change
from wallet_core.use_cases.cases import cases_awaiting_rest, of_held_money

log = structlog.get_logger(__name__)

_LIVE = (Standing.MINED, Standing.WAITING)
#: Bitcoin Core's ``DEFAULT_MEMPOOL_EXPIRY_HOURS``.
_POOL_KEEPS = timedelta(hours=336)
#: ``COINBASE_MATURITY`` of Bitcoin Core and Litecoin Core: before that the coins could be moved nowhere.
_COINBASE_MATURITY = 100
#: A payment that comes again after it was credited goes back, comes again, and may be deep already.
_MOST_STEPS = 4


async def look_at_payment(ports: WorkerPorts, tenure: Tenure, seen: Sighting, heights: Heights) -> bool:
    """Brings the payment in step with the chain; tells whether it is so now, False where the node cannot tell."""
    where = seen.where
    if where.standing is Standing.UNKNOWN:
        # What is on its way is looked at in every pass.
        return not seen.new and seen.payment.state is PaymentState.PENDING
    if seen.new:
        if where.standing not in _LIVE:
            return True
        await _note(ports, tenure, seen.payment, PaymentState.PENDING, where, new=True)
    for _ in range(_MOST_STEPS):
        payment = await ports.store.get(Payment, seen.id)
        if payment is None:
            raise InvariantViolated(f"payment {seen.id} is gone from the database")
        if not await _step(ports, tenure, payment, where, heights):
            return True
    return False


async def _step(ports: WorkerPorts, tenure: Tenure, payment: Payment, where: Whereabouts, heights: Heights) -> bool:
    """The next step that the payment needs; False when there is none."""
    if payment.state is PaymentState.PENDING:
        return await _step_pending(ports, tenure, payment, where, heights)
    if payment.state in (PaymentState.GONE, PaymentState.REVERSED):
        if where.standing in _LIVE:
            await _note(ports, tenure, payment, PaymentState.PENDING, where)
            return True
        return False
    if where.standing is Standing.MINED:
        if where.block_hash == payment.block_hash:
            return False
        if await _is_deep(ports, payment, where, heights):
            # It was mined again and is as deep as it was: nobody has to be told.
            await _relocate(ports, tenure, payment, where)
            return False
    await _take_back(ports, tenure, payment, heights)
    return True


async def _step_pending(
    ports: WorkerPorts, tenure: Tenure, payment: Payment, where: Whereabouts, heights: Heights
) -> bool:
    if where.standing is Standing.GONE or await _is_forgotten(ports, payment, where):
        await _note(ports, tenure, payment, PaymentState.GONE, where)
        return True
    if (where.height, where.block_hash) != (payment.height, payment.block_hash):
        await _relocate(ports, tenure, payment, where)
        return True
    if where.standing is Standing.MINED and await _is_deep(ports, payment, where, heights):
        return await _finish(ports, tenure, payment)
    return False


async def _is_forgotten(ports: WorkerPorts, payment: Payment, where: Whereabouts) -> bool:
    """Whether it was in no pool for longer than any node keeps one: it may come again, but nobody waits for it."""
    if where.standing is not Standing.FORGOTTEN:
        return False
    return await ports.store.now() > payment.seen_at + _POOL_KEEPS


async def _is_deep(ports: WorkerPorts, payment: Payment, where: Whereabouts, heights: Heights) -> bool:
    """Whether enough blocks stand on it, for all that is on its way to the same invoice: a large one may be divided."""
    invoice = await _invoice_of(ports, payment)
    settings = ports.settings.coins(ports.asset)
    coin_minor = max(payment.coin_minor, invoice.pending_minor)
    worth_minor = itd_for(coin_minor, payment.rate_minor or invoice.rate_minor, ports.asset)
    large = worth_minor > ports.settings.itd("large_deposit")
    needed = settings.large_deposit_confirmations if large else settings.deposit_confirmations
    if payment.is_coinbase:
        needed = max(needed, _COINBASE_MATURITY)
    return where.height is not None and heights.latest - where.height + 1 >= needed


async def _note(
    ports: WorkerPorts,
    tenure: Tenure,
    payment: Payment,
    state: PaymentState,
    where: Whereabouts,
    *,
    new: bool = False,
) -> None:
    """Shows a payment that is on its way, or is not any more; the same card is edited."""
    invoice = await _invoice_of(ports, payment)
    is_pending = state is PaymentState.PENDING
    rated = await rate_fields(ports, invoice, payment, where) if is_pending else {}
    found = {"height": where.height, "block_hash": where.block_hash, **rated}
    moved: Change = (
        Insert(payment.model_copy(update=found))
        if new
        else Move(
            Payment, payment.id, frozenset({payment.state}), state, found, expected={"generation": payment.generation}
        )
    )
    fields = _pending_fields(invoice, payment, payment.coin_minor if is_pending else -payment.coin_minor)
    after = invoice.model_copy(update=fields)
    step = InvoiceStep.GONE if not is_pending and not after.pending_minor else step_of(after)
    expected = {"pending_minor": invoice.pending_minor, "received_minor": invoice.received_minor}
    await ports.ledger.post(
        tenure.posting(
            "purchase_pending",
            payment.id,
            moved,
            Move(Invoice, invoice.id, frozenset({invoice.state}), invoice.state, fields, expected=expected),
            messages=(invoice_message(after, step, txid=payment.txid),),
            people=(invoice.person,),
            facts={"invoice": invoice.id, "txid": payment.txid, "pending_minor": after.pending_minor},
        )
    )
    log.info("pending" if is_pending else "gone", invoice=invoice.id, payment=payment.id)


def _pending_fields(invoice: Invoice, payment: Payment, change_minor: int) -> dict[str, Any]:
    pending_minor = max(0, invoice.pending_minor + change_minor)
    return {
        "pending_minor": pending_minor,
        "pending_since": (invoice.pending_since or payment.seen_at) if pending_minor else None,
        "txid": payment.txid if change_minor > 0 else invoice.txid,
    }


def _pending_of_others(invoice: Invoice, payment: Payment) -> int:
    return max(0, invoice.pending_minor - payment.coin_minor)


async def _relocate(ports: WorkerPorts, tenure: Tenure, payment: Payment, where: Whereabouts) -> None:
    """Notes the block that it is in now, or that it is in none."""
    fields: dict[str, Any] = {"height": where.height, "block_hash": where.block_hash}
    if payment.state is PaymentState.PENDING:
        invoice = await _invoice_of(ports, payment)
        others = invoice.model_copy(update={"pending_minor": _pending_of_others(invoice, payment)})
        fields |= await rate_fields(ports, others, payment, where)
    expected = {"generation": payment.generation, "block_hash": payment.block_hash}
    moved = Move(Payment, payment.id, frozenset({payment.state}), payment.state, fields, expected=expected)
    facts = {"invoice": payment.invoice, "txid": payment.txid, "height": where.height}
    await ports.ledger.post(tenure.posting("payment_mined", payment.id, moved, facts=facts))


async def _finish(ports: WorkerPorts, tenure: Tenure, payment: Payment) -> bool:
    """It is deep enough: credited, with what lay aside for it, or too small. False while a late one has no rate."""
    invoice = await _invoice_of(ports, payment)
    others_minor = _pending_of_others(invoice, payment)
    rate_minor = payment.rate_minor or await rate_of(ports, invoice, payment, others_minor)
    if not rate_minor:
        return False
    paid = [deposit(invoice, payment.coin_minor, rate_minor, late=not payment.timely)]
    cases = await cases_awaiting_rest(ports.core, invoice.id) if invoice.aside_minor else ()
    payments = [payment, *[await _payment_of(ports, case) for case in cases]]
    for waiting in payments[1:]:
        paid.append(_taken_up(paid[-1], waiting, rate_minor))
    subject = f"{payment.id}:{payment.generation}"
    was_credited = payment.credited_minor + payment.held_minor > 0
    whole = replace(paid[0], credited=replace(paid[0].credited, coin_minor=sum(each.coin_minor for each in paid)))
    if not was_credited and is_too_small(ports, whole, sum(each.worth_minor for each in paid)):
        expected = {"generation": payment.generation}
        pending = frozenset({PaymentState.PENDING})
        moved = Move(Payment, payment.id, pending, PaymentState.CASE, {"rate_minor": rate_minor}, expected=expected)
        await set_aside(ports, tenure, paid[0], subject, moved)
        return True
    paid_back = await owed_no_more(ports, f"{payment.id}:{payment.generation - 1}") if was_credited else ()
    credited = Crediting(f"credit:{subject}", tuple(paid), tuple(payments), tuple(cases), payment.txid)
    await post_credit(ports, tenure, credited, over=paid_back)
    return True


def _taken_up(before: Deposit, waiting: Payment, rate_minor: int) -> Deposit:
    """A payment that lay aside, after the one before it."""
    coin_minor = waiting.coin_minor
    return deposit(
        before.invoice_after(),
        coin_minor,
        waiting.rate_minor or rate_minor,
        late=not waiting.timely,
        aside_minor=coin_minor,
    )


async def _take_back(ports: WorkerPorts, tenure: Tenure, payment: Payment, heights: Heights) -> None:
    if payment.height is not None and heights.latest - payment.height > ports.final_depth:
        await raise_alarm(ports, tenure, "deposit_gone", f"{payment.id}:{payment.generation}", freeze=True)
    undo = _unheld if payment.state is PaymentState.CREDITED else _unset
    if not await undo(ports, tenure, payment):
        # It was refunded or kept: no rule can undo that.
        await raise_alarm(ports, tenure, "deposit_gone", f"{payment.id}:{payment.generation}", freeze=True)
        await _relocate(ports, tenure, payment, Whereabouts(Standing.GONE))


async def _unset(ports: WorkerPorts, tenure: Tenure, payment: Payment) -> bool:
    """Ends the case of a payment that lay aside; False when its coins were given away."""
    case = await ports.store.get(Case, case_id(CaseKind.TOO_SMALL, f"{payment.id}:{payment.generation}"))
    if case is None:
        return False
    fields = {"generation": payment.generation + 1, "height": None, "block_hash": None}
    aside, expected = frozenset({PaymentState.CASE}), {"generation": payment.generation}
    moved = Move(Payment, payment.id, aside, PaymentState.GONE, fields, expected=expected)
    return await lapse(ports, tenure, await _invoice_of(ports, payment), case, moved)


async def _unheld(ports: WorkerPorts, tenure: Tenure, payment: Payment) -> bool:
    """Takes a credited payment back; False when coins of it, above the limit, were sent back to the payer."""
    for case in await of_held_money(ports.core, [payment.invoice]):
        is_over = case.state is CaseState.CLOSED and case.choice is not CaseChoice.REFUND
        is_of_it = payment.id in case.payments and not is_over
        if is_of_it and not await lapse(ports, tenure, await _invoice_of(ports, payment), case):
            return False
    await take_back_payment(ports, tenure, await _invoice_of(ports, payment), payment)
    return True


async def _payment_of(ports: WorkerPorts, case: Case) -> Payment:
    (payment_id,) = case.payments
    payment = await ports.store.get(Payment, payment_id)
    if payment is None:
        raise InvariantViolated(f"case {case.id} is about a payment that is gone from the database")
    return payment


async def _invoice_of(ports: WorkerPorts, payment: Payment) -> Invoice:
    invoice = await ports.store.get(Invoice, payment.invoice)
    if invoice is None or invoice.asset is not payment.asset:
        raise InvariantViolated(f"payment {payment.id} is of no invoice")
    return invoice
