"""Bugs of the card rail that are put in on purpose: a verdict that sees none of them proves nothing.

Each replaces a part of the product by a test's ``monkeypatch.setattr``.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import stripe

from payout_worker import card_purchases
from payout_worker.cards import card_claims, card_credit, card_events, card_sessions
from payout_worker.ports import CardPorts
from payout_worker.tenure import Tenure
from tests.integration.cards.lives import KilledError
from wallet_core.domain.card import CardClaim
from wallet_core.domain.card_lots import lot_added
from wallet_core.domain.card_reversal import CardReversal
from wallet_core.domain.changes import Insert, Move
from wallet_core.domain.kyc import GiveBackLimit
from wallet_core.domain.ledger import Posting, Receipt
from wallet_core.domain.payment import Payment

Patch = Callable[[Any, str, Any], None]
_event: ContextVar[str] = ContextVar("event", default="")


def credit_before_it_is_saved(patch: Patch) -> None:
    """The ITD first, and then, that the payment is credited; the worker dies in between, once."""
    deaths: list[str] = []

    class Ledger:
        def __init__(self, behind: Any) -> None:
            self._behind = behind

        async def post(self, posting: Posting) -> Receipt:
            money = replace(posting, key=_random(), changes=posting.changes[:1], messages=())
            await self._behind.post(money)
            if not deaths:
                deaths.append(posting.key)
                raise KilledError(posting.key)
            receipt: Receipt = await self._behind.post(replace(posting, kind="noted", entries=()))
            return receipt

    credit = card_credit.credit_card

    async def credit_card(ports: CardPorts, *rest: Any) -> bool:
        return await credit(replace(ports, ledger=cast(Any, Ledger(ports.ledger))), *rest)

    patch(card_sessions, "credit_card", credit_card)


def key_by_event_only(patch: Patch) -> None:
    """Each event credits once, and nothing else is looked at or written down: two tell of the same payment."""
    look = card_events.look_into

    async def look_into(ports: CardPorts, tenure: Tenure, event: Any) -> None:
        _event.set(event.id)
        await look(ports, tenure, event)

    patch(card_purchases, "look_into", look_into)
    _edit(patch, "purchase_credited", lambda posting: replace(_unguarded(posting), key=f"credit:{_event.get()}"))


def random_credit_key(patch: Patch) -> None:
    """Nothing but the states of two records keeps a payment from being credited again."""
    _edit(patch, "purchase_credited", lambda posting: replace(posting, key=_random()))


def ignored_claim_id(patch: Patch) -> None:
    """What is written on a refund is believed, whichever refund it was that we had asked for."""

    def is_answer(reversal: CardReversal, claim: CardClaim) -> bool:
        return claim.reversal == reversal.id and claim.amount_minor == reversal.coin_minor

    patch(card_claims, "is_answer", is_answer)


def refunded_twice(patch: Patch) -> None:
    """The refund is asked for again, without a look and without an idempotency key."""

    async def asked(ports: CardPorts, _tenure: Tenure, payment: Payment, reversal: CardReversal) -> CardClaim:
        return await ports.cards.refund(reversal.id, payment.txid, reversal.coin_minor)

    create = stripe.RefundService.create_async

    async def create_async(self: Any, params: Any = None, options: Any = None) -> Any:
        return await create(self, params, {})

    patch(card_claims, "_asked", asked)
    patch(stripe.RefundService, "create_async", create_async)


def given_back_twice(patch: Patch) -> None:
    """What ended in our favour is given back at every look."""
    _edit(patch, "card_claim_returned", lambda posting: replace(_unguarded(posting), key=_random()))


def loss_not_booked(patch: Patch) -> None:
    """A claim takes no more than what is left of the payment, whatever it took."""
    patch(card_claims, "lost_beyond", lambda _reversal, _claim: 0)


def loss_kept(patch: Patch) -> None:
    """What the house bore stays its loss, although the dollars came back to the person."""

    async def divide_anew(*_rest: Any) -> bool:
        return False

    patch(card_claims, "_divide_anew", divide_anew)


def matured_early(patch: Patch) -> None:
    """Money of a card may be withdrawn at once."""
    early = timedelta(0)
    patch(card_credit, "lot_added", lambda person, invoice, minor, _: lot_added(person, invoice, minor, early))


def limit_not_given_back(patch: Patch) -> None:
    """An order that ends unpaid leaves the day's limit of cards taken."""

    def edit(posting: Posting) -> Posting:
        kept = tuple(c for c in posting.changes if not (isinstance(c, GiveBackLimit) and c.operation == "card"))
        return replace(posting, changes=kept)

    _edit(patch, "invoice_expired", edit)


def event_ticked_off_first(patch: Patch) -> None:
    """An event counts as looked into before it was."""
    look = card_events.look_into

    async def look_into(ports: CardPorts, tenure: Tenure, event: Any) -> None:
        await ports.store.swap(type(event), event.id, {}, {"handled_at": await ports.store.now()})
        await look(ports, tenure, event)

    patch(card_purchases, "look_into", look_into)


def session_asked_for_without_a_key(patch: Patch) -> None:
    """Every try opens another page, of which the person sees the last."""
    create = stripe.checkout.SessionService.create_async

    async def create_async(self: Any, params: Any = None, options: Any = None) -> Any:
        return await create(self, params, {})

    patch(stripe.checkout.SessionService, "create_async", create_async)


def _edit(patch: Patch, kind: str, edit: Callable[[Posting], Posting]) -> None:
    """Changes every posting of a kind."""
    make = Tenure.posting_once

    def posting_once(self: Tenure, of: str, *rest: Any, **parts: Any) -> Posting:
        posting = make(self, of, *rest, **parts)
        return edit(posting) if of == kind else posting

    patch(Tenure, "posting_once", posting_once)


def _unguarded(posting: Posting) -> Posting:
    """The same without what it writes down of invoices, payments and reversals."""
    return replace(posting, changes=tuple(c for c in posting.changes if not isinstance(c, Move | Insert)))


def _random() -> str:
    return f"random:{secrets.token_hex(8)}"
