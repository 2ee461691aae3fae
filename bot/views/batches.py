"""One batch, as admins see it: where it stands, what was tried, and whom it pays."""

from __future__ import annotations

from datetime import datetime

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Button, Card
from bot.views.desk import age, batch_state, payout_state
from bot.views.words import Words
from wallet_core.domain.payout import Attempt, AttemptKind, Batch
from wallet_core.use_cases.show_batch import BatchView

_GWEI = 10**9


def batch(_: Words, view: BatchView) -> Card:
    """The batch with its attempts, newest first, and a page of its payouts."""
    one = view.batch
    blocks = [
        "\n".join(line for line in _lines(_, one, view) if line),
        "\n".join(_attempt(_, attempt, view.now) for attempt in view.attempts) or _("Nothing is signed yet."),
        "\n".join(
            _(
                "{coins} to {address}, person {person}: {state}",
                coins=_.amount(payout.coin_minor, payout.asset),
                address=_.code(payout.address),
                person=_.ltr(str(payout.person)),
                state=payout_state(_, payout.state),
            )
            for payout in view.payouts
        ),
    ]
    turn = keyboards.pages(_, Action.BATCH, view.number, has_more=view.has_more)
    pages = tuple(tuple(Button(b.label, b.action, f"{one.id} {b.argument}") for b in row) for row in turn)
    refresh = (Button(_("Refresh"), Action.BATCH, f"{one.id} {view.number}"),)
    text = "\n\n".join(block for block in blocks if block)
    return Card(text, (*pages, refresh, keyboards.back(_, Action.BATCHES, "1")))


def _lines(_: Words, one: Batch, view: BatchView) -> tuple[str, ...]:
    return (
        _.bold(_("{asset} batch {id}", asset=_.ltr(one.asset), id=one.id)),
        _("State: {state}", state=batch_state(_, one.state)),
        _("UNKNOWN: it is looked up until it is clear.") if one.unknown else "",
        _("Formed {age} ago", age=age(_, view.now - one.created_at)) if one.created_at else "",
        _confirmations(_, one, view.seen_height),
        _("Payouts: {count}", count=len(one.payouts)) if one.payouts else "",
        _("The network took {fee}", fee=_.amount(one.network_fee_minor, one.asset)) if one.network_fee_minor else "",
    )


def _confirmations(_: Words, one: Batch, seen_height: int) -> str:
    if one.height is None:
        return ""
    there = max(0, seen_height - one.height + 1)
    return _(
        "Block {height}, confirmations {there}, settled at {needed}", height=one.height, there=there, needed=one.needed
    )


def _attempt(_: Words, attempt: Attempt, now: datetime) -> str:
    kinds = {
        AttemptKind.PAYMENT: _("payment"),
        AttemptKind.SWEEP: _("sweep"),
        AttemptKind.NO_OP: _("pays nobody"),
        AttemptKind.CHILD: _("child that pays for its parent"),
    }
    since = attempt.broadcast_at or attempt.created_at
    facts = {
        "number": attempt.number,
        "kind": kinds[attempt.kind],
        "txid": _.code(attempt.txid),
        "price": _price(attempt),
        "age": age(_, now - since) if since else "?",
    }
    if attempt.broadcast_at is None:
        return _("Attempt {number}, {kind}, {price}, not sent, for {age}: {txid}", **facts)
    return _("Attempt {number}, {kind}, {price}, sent {age} ago: {txid}", **facts)


def _price(attempt: Attempt) -> str:
    """Satoshi per virtual byte, or gwei for gas: whatever is too large for the one is the other."""
    if attempt.price_minor >= _GWEI // 10:
        return f"{attempt.price_minor // _GWEI}.{attempt.price_minor % _GWEI // 10**7:02d} gwei"
    return f"{attempt.price_minor} sat/vB"
