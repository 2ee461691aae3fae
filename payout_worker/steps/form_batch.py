"""Form: give queued payouts a nonce or coins of the hot wallet, for ever. Nothing is signed when this is committed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog

from payout_worker.families import Allotted, Refusing, Room, family_of
from payout_worker.ports import WorkerPorts
from payout_worker.steps.admission import refund_end_or_alarm, unchanged
from payout_worker.steps.open_rail import open_rail, stays_open
from payout_worker.steps.return_payout import returning
from payout_worker.tenure import Tenure
from wallet_core.domain.case import CaseState
from wallet_core.domain.changes import Insert
from wallet_core.domain.guards import unless_frozen
from wallet_core.domain.ledger import Posting
from wallet_core.domain.payout import Batch, PayoutState, Withdrawal, move_payout
from wallet_core.domain.receipts import WithdrawalStep, withdrawal_messages
from wallet_core.domain.record import Change
from wallet_core.ports import After, Before, Where

log = structlog.get_logger(__name__)

#: More people than this are told when their batch is sent, a moment later, and not that it is formed as well.
_MOST_TOLD: Final = 100
#: Read and admitted together: a tenth of a second of work, after which others have a turn.
_PAGE: Final = 500


async def queued(ports: WorkerPorts) -> AsyncIterator[list[Withdrawal]]:
    """The queue, oldest first, page by page, without what has to wait for a while yet."""
    page = await _page(ports, {}, _PAGE)
    while page:
        yield page
        last = page[-1]
        # The queue shrinks and grows meanwhile: it is read on from a place, not from a number.
        page = await _page(ports, {"created_at": last.created_at, "_id": After(last.id)}, _PAGE)
        page += await _page(ports, {"created_at": After(last.created_at)}, _PAGE - len(page))


async def _page(ports: WorkerPorts, place: Where, size: int) -> list[Withdrawal]:
    if not size:
        return []
    now = await ports.store.now()
    due = {"asset": ports.asset, "state": PayoutState.QUEUED, "not_before": Before(now, inclusive=True)}
    return await ports.store.find(Withdrawal, {**due, **place}, order_by=("created_at", "_id"), limit=size)


async def room_now(ports: WorkerPorts, tenure: Tenure) -> Room:
    """What a batch may use. Raises ``Refused(RAIL_OFF)`` with ``waits_for`` while no payout at all can be formed."""
    await open_rail(ports, forms=True)
    return await family_of(ports.asset).room(ports, tenure)


@dataclass(frozen=True, slots=True)
class Formed:
    """A batch, None when nobody was left for it; and those who take nothing in company, and are to be tried alone."""

    batch: Batch | None
    apart: tuple[Withdrawal, ...] = ()


async def form_batch(ports: WorkerPorts, tenure: Tenure, room: Room, payouts: Sequence[Withdrawal]) -> Formed:
    """Makes a batch of admitted payouts, without those whose addresses take nothing: they are returned, or set apart.

    Raises ``Refused``: RAIL_OFF, HOT_WALLET_SHORT, NODE_UNCLEAR, or whatever was changed about a payout meanwhile.
    """
    rail = await open_rail(ports, forms=True)
    family, apart = family_of(ports.asset), tuple[Withdrawal, ...]()
    while payouts:
        allotted = await family.allot(ports, tenure, rail, room, payouts)
        if not isinstance(allotted, Refusing):
            await _post(ports, tenure, allotted, payouts)
            return Formed(allotted.batch, apart)
        if allotted.in_company:
            apart += allotted.payouts
        else:
            for payout in allotted.payouts:
                await _return(ports, tenure, payout)
        payouts = [payout for payout in payouts if payout not in allotted.payouts]
    return Formed(None, apart)


async def _return(ports: WorkerPorts, tenure: Tenure, payout: Withdrawal) -> None:
    end = await refund_end_or_alarm(ports, tenure, payout, CaseState.OPEN)
    if end is None:
        return
    await ports.ledger.post(returning(tenure, payout, unchanged(payout), end=end, facts={"reason": "would_revert"}))
    log.info("returned", payout=payout.id, reason="would_revert")


async def _post(ports: WorkerPorts, tenure: Tenure, allotted: Allotted, payouts: Sequence[Withdrawal]) -> None:
    batch = allotted.batch
    people = tuple(dict.fromkeys(payout.person for payout in payouts))
    told = payouts if len(payouts) <= _MOST_TOLD else ()
    await ports.ledger.post(
        forming(
            tenure,
            allotted,
            {"payouts": len(payouts)},
            *(unless_frozen(person) for person in people),
            *(change for payout in payouts for change in _batched(payout, batch)),
            messages=tuple(
                message
                for payout in told
                for message in withdrawal_messages(payout, WithdrawalStep.BATCHED, count=len(payouts))
            ),
            people=people,
        )
    )
    log.info("formed", batch=batch.id, payouts=list(batch.payouts), nonce=batch.nonce, inputs=batch.inputs)


def forming(tenure: Tenure, allotted: Allotted, size: dict[str, int], *changes: Change, **parts: Any) -> Posting:
    """The posting that makes a batch, or a sweep, unless its rail was closed; ``size`` is among its facts."""
    batch = allotted.batch
    return tenure.posting_once(
        "batch_formed",
        f"form:{batch.id}",
        *stays_open(batch.asset, forms=True),
        *allotted.changes,
        Insert(batch, stamp="created_at"),
        *changes,
        facts={"batch": batch.id, **size, "nonce": batch.nonce, "inputs": batch.inputs},
        **parts,
    )


def _batched(payout: Withdrawal, batch: Batch) -> tuple[Change, ...]:
    moved = move_payout(payout.id, PayoutState.QUEUED, PayoutState.BATCHED, batch=batch.id)
    return unchanged(payout), moved
