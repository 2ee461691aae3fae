"""Find where a payment of the caller's stands, by its transaction or by its purchase."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from wallet_core.domain.case import Case
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import Payment, PaymentState
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.purchase import Invoice, Rail
from wallet_core.domain.quote import itd_for
from wallet_core.ports import Ports, Where
from wallet_core.use_cases.cases import of_held_money
from wallet_core.use_cases.gate import use_case

#: A transaction may pay several invoices, and an invoice may be paid several times.
_MOST: Final = 10
_HASH: Final = re.compile(r"(?:0x)?([0-9a-f]{64})", re.ASCII)
#: A purchase's reference, a payment's own number, or one of the card company's.
_NUMBER: Final = re.compile(r"[0-9A-Za-z:_]{8,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class FoundPayment:
    """A payment with its purchase and its case, and how deep it is: ``confirmations`` of ``needed``.

    Both are None where there is nothing to be counted: cards, and a chain whose depth is not known.
    """

    payment: Payment
    invoice: Invoice
    case: Case | None
    confirmations: int | None
    needed: int | None


@dataclass(frozen=True, slots=True)
class Lookup:
    """What was asked for, the payments that were found, and a purchase of the caller's that none has come to yet."""

    text: str
    payments: list[FoundPayment]
    unpaid: Invoice | None = None


@use_case(Access.ENROLLED)
async def find_payment(ports: Ports, caller: Caller, text: str) -> Lookup:
    """The caller's own payments alone: one of somebody else's is answered like one that nobody has seen.

    Raises ``Refused(BAD_TXID)`` for what is no number of a transaction, a payment or a purchase.
    """
    asked = text.strip()
    if not _NUMBER.fullmatch(asked):
        raise Refused(Reason.BAD_TXID)
    found = await _payments(ports, {**_named(asked), "person": caller.person})
    if found:
        return Lookup(asked, found)
    invoice = await ports.store.get(Invoice, asked.lower())
    if invoice is None or invoice.person != caller.person:
        return Lookup(asked, [])
    paid = await _payments(ports, {"invoice": invoice.id})
    return Lookup(asked, paid, None if paid else invoice)


def _named(asked: str) -> Where:
    """Hashes are written with or without ``0x``, and in either case; other numbers are as they are."""
    is_hash = _HASH.fullmatch(asked.lower())
    if is_hash:
        return {"txid": (is_hash.group(1), f"0x{is_hash.group(1)}")}
    return {"_id": asked} if ":" in asked else {"txid": asked}


async def _payments(ports: Ports, where: Where) -> list[FoundPayment]:
    payments = await ports.store.find(Payment, where, order_by=("seen_at", "_id"), limit=_MOST)
    found = [await _found(ports, payment) for payment in payments]
    return [each for each in found if each is not None]


async def _found(ports: Ports, payment: Payment) -> FoundPayment | None:
    invoice = await ports.store.get(Invoice, payment.invoice)
    if invoice is None:
        return None
    case = await _case(ports, payment)
    return FoundPayment(payment, invoice, case, *await _depth(ports, payment, invoice))


async def _case(ports: Ports, payment: Payment) -> Case | None:
    """The last one about it; on Ethereum, of what is above the limit, about its purchase."""
    cases = await ports.store.find(Case, {"payments": payment.id, "person": payment.person}, order_by=("-opened_at",))
    if not cases and payment.asset is Asset.ETH:
        held = [case for case in await of_held_money(ports, (payment.invoice,)) if case.coin_minor]
        return held[-1] if held else None
    return cases[0] if cases else None


async def _depth(ports: Ports, payment: Payment, invoice: Invoice) -> tuple[int | None, int | None]:
    if payment.asset is Asset.USD or payment.state is not PaymentState.PENDING:
        return None, None
    rail = await ports.store.get(Rail, payment.asset)
    if rail is None:
        return None, None
    done = max(0, rail.seen_height - payment.height + 1) if payment.height is not None else 0
    return done, _needed(ports, payment, invoice)


def _needed(ports: Ports, payment: Payment, invoice: Invoice) -> int:
    """Blocks after which it is credited, as the worker counts them."""
    if payment.asset is Asset.ETH:
        return ports.settings.eth_final_depth + 1
    coins = ports.settings.coins(payment.asset)
    coin_minor = max(payment.coin_minor, invoice.pending_minor)
    worth_minor = itd_for(coin_minor, payment.rate_minor or invoice.rate_minor, payment.asset)
    large = worth_minor > ports.settings.itd("large_deposit")
    return coins.large_deposit_confirmations if large else coins.deposit_confirmations
