"""The Purchase unit on the card rail: pages for new invoices, and what becomes of those that have one."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

import structlog

from payout_worker import metrics
from payout_worker.cards.card_claims import look_at_reversal
from payout_worker.cards.card_events import look_into, read_events, waiting_events
from payout_worker.cards.card_sessions import look_at_session, open_session
from payout_worker.failures import Failures
from payout_worker.ports import CardPorts
from payout_worker.signals import Stop
from payout_worker.tenure import Tenure
from payout_worker.unit import RailItems
from payout_worker.watchers.debts import repay_debts
from payout_worker.watchers.holds import expire_holds
from wallet_core.domain.card_reversal import UNDECIDED, CardReversal, ReversalState
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.ports import After

log = structlog.get_logger(__name__)

T = TypeVar("T")

#: In the state file's cursors: up to when events were read (Unix seconds; the truth is in MongoDB), and where the turns
#: of the open pages and of the debts stand.
_READ_TO: Final = "events_read_to"
_OPEN_FROM: Final = "open_from"
_DEBTS_FROM: Final = "debts_from"
#: Looks of one kind in one turn: what happens is noticed by an event, this is for one that got lost, and the card
#: company answers only so many questions a second (https://docs.stripe.com/rate-limits).
_LOOKS_PER_TURN: Final = 20
_MOST_IN_FLIGHT: Final = 200
#: So many looks of one kind without an answer, and the others of that kind are left for the next pass.
_MOST_UNANSWERED: Final = 3


@dataclass(frozen=True, slots=True)
class _Look:
    """A look at one thing; what it answers is true when something changed."""

    item: str
    at: Callable[[CardPorts, Tenure], Awaitable[object]]


class CardPurchases:
    """Credits what is paid by card, and takes back what is refunded or disputed."""

    def __init__(self, ports: CardPorts, items: RailItems, stop: Stop) -> None:
        self._ports = ports
        self._items = items
        self._stop = stop
        self._failures = Failures(items.name)
        self._epoch = 0
        self._next_turn = 0.0
        #: Where the turn of what is pending stands, what was not answered when it was looked at last, and the newest
        #: such error of this pass.
        self._pending_from = 0
        self._unanswered: set[str] = set()
        self._error: Unavailable | None = None

    async def run_pass(self, tenure: Tenure) -> None:
        """What is pending first, in the state file's order. Raises ``Unavailable`` and ``LeaseLostError``."""
        self._error = None
        # What needs no card company is done also while it does not answer.
        skip = self._items.cursors.get(_DEBTS_FROM, 0)
        self._items.cursors[_DEBTS_FROM] = await repay_debts(self._ports, tenure, skip)
        await expire_holds(self._ports, tenure)
        is_turn = tenure.epoch != self._epoch or time.monotonic() >= self._next_turn
        if is_turn:
            await self._look_at_pending(tenure)
        await self._open_pages(tenure)
        if is_turn:
            self._items.cursors[_READ_TO] = await read_events(self._ports)
        events = await waiting_events(self._ports, self._failures.stopped)
        await self._look_at(tenure, [_Look(event.id, partial(look_into, event=event)) for event in events])
        if is_turn and not self._stop.name:
            await self._look_at_pages(tenure)
            self._epoch, self._next_turn = tenure.epoch, time.monotonic() + self._ports.settings.card_poll_seconds
        if self._error is not None:
            raise self._error

    async def _look_at_pending(self, tenure: Tenure) -> None:
        """Money that is on its way in either direction: after a start all of it, later some of it in turn."""
        in_flight = self._items.in_order(await self._in_flight())
        self._items.keep_only(record.id for record in in_flight)
        for record in in_flight:
            self._items.note("invoice" if isinstance(record, Invoice) else "reversal", record.id, record.state.value)
        # Nobody but us makes the card company begin with a refund.
        asked = [record for record in in_flight if record.state is ReversalState.WANTED]
        others = [record for record in in_flight if record.state is not ReversalState.WANTED]
        await self._look_at(tenure, [_pending(record) for record in (*asked, *self._in_turn(others, tenure))])

    async def _in_flight(self) -> list[Invoice | CardReversal]:
        find = self._ports.store.find
        pending = {"asset": self._ports.asset, "state": InvoiceState.OPEN, "pending_minor": After(0)}
        invoices = await find(Invoice, pending, order_by=("created_at",), limit=_MOST_IN_FLIGHT)
        found: list[Invoice | CardReversal] = []
        for state in UNDECIDED:
            found += await find(CardReversal, {"state": state}, order_by=("opened_at",), limit=_MOST_IN_FLIGHT)
        return [*found, *invoices]

    def _in_turn(self, records: list[T], tenure: Tenure) -> list[T]:
        if tenure.epoch != self._epoch or len(records) <= _LOOKS_PER_TURN:
            return records
        start = self._pending_from % len(records)
        self._pending_from = start + _LOOKS_PER_TURN
        return [*records[start:], *records[:start]][:_LOOKS_PER_TURN]

    async def _open_pages(self, tenure: Tenure) -> None:
        """Invoices that have none yet, the oldest first."""
        new = {"asset": self._ports.asset, "state": InvoiceState.OPEN, "address": ""}
        found = await self._ports.store.find(Invoice, new, order_by=("created_at",), limit=_MOST_IN_FLIGHT)
        looks = [_Look(invoice.id, partial(open_session, invoice=invoice)) for invoice in found]
        await self._look_at(tenure, looks, _LOOKS_PER_TURN)

    async def _look_at_pages(self, tenure: Tenure) -> None:
        """Some of the open pages, in turn."""
        skip = self._items.cursors.get(_OPEN_FROM, 0)
        shown = {"asset": self._ports.asset, "state": InvoiceState.OPEN, "pending_minor": 0, "address": After("")}
        pages = await self._ports.store.find(Invoice, shown, order_by=("created_at",), limit=_LOOKS_PER_TURN, skip=skip)
        await self._look_at(tenure, [_Look(page.id, partial(look_at_session, invoice_id=page.id)) for page in pages])
        self._items.cursors[_OPEN_FROM] = skip + _LOOKS_PER_TURN if len(pages) == _LOOKS_PER_TURN else 0

    async def _look_at(self, tenure: Tenure, looks: Sequence[_Look], most: int | None = None) -> None:
        """At most so many looks, or all; what was not answered before comes last, because it may stay so for a day.

        Stripe answers a request that failed with the same failure for as long as it knows its idempotency key.
        """
        unanswered = 0
        going = [look for look in looks if not self._failures.has_stopped(look.item)]
        for look in sorted(going, key=lambda look: look.item in self._unanswered)[:most]:
            if self._stop.name or unanswered == _MOST_UNANSWERED:
                return
            try:
                await self._look(tenure, look)
            except Unavailable as error:
                self._unanswered.add(look.item)
                self._error, unanswered = error, unanswered + 1
                log.warning("unanswered", item=look.item, error=str(error))
            else:
                self._unanswered.discard(look.item)

    async def _look(self, tenure: Tenure, look: _Look) -> None:
        """What fails stops nothing else. Raises ``Unavailable`` and ``LeaseLostError``."""
        try:
            changed = await look.at(self._ports, tenure)
        except Exception as error:
            await self._failures.after(self._ports, tenure, look.item, error)
            return
        self._failures.went_on(look.item)
        if changed:
            metrics.STEPS.labels(self._ports.asset, "card").inc()
            self._items.save()


def _pending(record: Invoice | CardReversal) -> _Look:
    if isinstance(record, Invoice):
        return _Look(record.id, partial(look_at_session, invoice_id=record.id))
    return _Look(record.id, partial(look_at_reversal, reversal_id=record.id))
