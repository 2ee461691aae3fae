"""Turn an accepted offer into an invoice with an address of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from wallet_core.domain.changes import Advance, Insert
from wallet_core.domain.debt import unless_disputed
from wallet_core.domain.errors import AlreadyDone, InvariantViolated, Reason, Refused, Unavailable
from wallet_core.domain.intent import Intent, IntentKind, IntentState, confirmed
from wallet_core.domain.kyc import DAY, LEVELS_READ, purchases_with
from wallet_core.domain.ledger import Posting
from wallet_core.domain.mode import Doing, WhileOpen
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.purchase import Invoice, Rail
from wallet_core.domain.receipts import InvoiceStep, invoice_message
from wallet_core.domain.record import Change
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.intents import own_intent
from wallet_core.use_cases.limits import LimitsToday, limits_today

#: How often another purchase may take the same address index first.
_TRIES: Final = 100
#: What moves in between and makes it be tried again.
_READ: Final = frozenset({"next_index", DAY, LEVELS_READ})


@use_case(Access.ENROLLED)
async def confirm_purchase(ports: Ports, caller: Caller, intent_id: str) -> Invoice:
    """Allots an address, takes the day's limits, and sends the invoice. Raises ``AlreadyDone`` with the invoice.

    Raises ``Refused``: EXPIRED, a limit, LEVELS_UNSOUND, RAIL_OFF while nobody watches further addresses, or DISPUTED.
    """
    intent = await own_intent(ports, caller, intent_id, IntentKind.PURCHASE)
    if intent.state is IntentState.CONFIRMED:
        raise AlreadyDone(await ports.store.get(Invoice, intent.id))
    for _ in range(_TRIES):
        try:
            return await _allot(ports, caller, intent)
        except Refused as refused:
            if refused.reason is not Reason.CHANGED_MEANWHILE or refused.facts.get("what") not in _READ:
                raise
    raise Unavailable("too many purchases at once")


async def _allot(ports: Ports, caller: Caller, intent: Intent) -> Invoice:
    asset = intent.asset
    rail = await ports.store.get(Rail, asset)
    if asset is None or rail is None:
        raise InvariantViolated(f"purchase {intent.id} has no rail")
    # An address that the worker does not watch yet would take money that nobody sees.
    if not rail.sells:
        raise Refused(Reason.RAIL_OFF, asset=asset, assets=())
    limits = await limits_today(ports)
    invoice = _invoice(ports, intent, asset, rail.next_index, limits)
    receipt = await ports.ledger.post(
        Posting(
            f"invoice:{intent.id}",
            "invoice_issued",
            caller.name,
            changes=(
                confirmed(intent.id),
                WhileOpen(Doing.PURCHASE, asset if asset is Asset.USD else None),
                *(limits.take(caller.person, each, intent.amount_minor) for each in purchases_with(asset)),
                *_of_rail(invoice, rail),
                Insert(invoice),
            ),
            messages=(invoice_message(invoice, InvoiceStep.OPEN),),
            people=(caller.person,),
            facts={"intent": intent.id, "asset": asset, "amount_minor": intent.amount_minor},
        )
    )
    return invoice if not receipt.replayed else (await ports.store.get(Invoice, intent.id) or invoice)


def _of_rail(invoice: Invoice, rail: Rail) -> tuple[Change, ...]:
    """A coin's address is allotted; a card has none, but disputes."""
    if invoice.asset is not Asset.USD:
        return (Advance(Rail, rail.id, "next_index", rail.next_index, rail.next_index + 1),)
    return (unless_disputed(invoice.person),)


def _invoice(ports: Ports, intent: Intent, asset: Asset, index: int, limits: LimitsToday) -> Invoice:
    when = limits.when
    is_card = asset is Asset.USD
    # The page of a card payment is opened by the worker, which alone has the key.
    address = "" if is_card else ports.addresses[asset].deposit(index)
    seconds = ports.settings.card_session_seconds if is_card else ports.settings.invoice_seconds
    return Invoice(
        id=intent.id,
        person=intent.person,
        asset=asset,
        address=address,
        index=index,
        payment_uri="" if is_card else ports.addresses[asset].payment_uri(address, intent.coin_minor),
        amount_minor=intent.amount_minor,
        fee_minor=intent.fee_minor,
        fee_basis_points=ports.settings.purchase_fee_basis_points,
        coin_minor=intent.coin_minor,
        rate_minor=intent.rate_minor,
        created_at=when.now,
        expires_at=when.now + timedelta(seconds=seconds),
        limit_day=when.day,
        coin_limit_taken=not is_card,
    )
