"""What is still in the queue of a mass send that was given up: its payouts come back, a thousand at a time."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from payout_worker.mass.mass_ports import MassPorts
from payout_worker.steps.admission import unchanged
from payout_worker.steps.end_batch import settle_key
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.steps.return_payout import returning
from payout_worker.tenure import Tenure
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.ledger import Receipt
from wallet_core.domain.mass_row import GIVEN_UP, MassRow, RowState, payout_id
from wallet_core.domain.mass_send import PIECE, MassSend
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.ports import After

log = structlog.get_logger(__name__)


async def return_queued(ports: MassPorts, tenure: Tenure, send: MassSend) -> bool:
    """QUEUED -> RETURNED of the next that wait; whether any did. What is in a batch goes its way."""
    if not await ports.store.count(Withdrawal, {"mass_send": send.id, "state": PayoutState.QUEUED}):
        return False
    last = 0
    while True:
        queued = {"mass_send": send.id, "state": RowState.QUEUED, "line": After(last)}
        rows = await ports.store.find(MassRow, queued, order_by=("line",), limit=PIECE)
        if not rows:
            return False
        if await _return(ports, tenure, send, rows):
            return True
        last = rows[-1].line


async def _return(ports: MassPorts, tenure: Tenure, send: MassSend, rows: Sequence[MassRow]) -> bool:
    ids = tuple(payout_id(send.id, row.line) for row in rows)
    found = await ports.store.find(Withdrawal, {"_id": ids, "state": PayoutState.QUEUED}, limit=PIECE)
    sound = await _sound(ports, tenure, send, found)
    facts = {"reason": GIVEN_UP, "mass_send": send.id}
    postings = [returning(tenure, payout, unchanged(payout), facts=facts) for payout in sound]
    moved = 0
    for outcome in await ports.ledger.post_many(postings) if postings else ():
        if isinstance(outcome, Receipt):
            moved += not outcome.replayed
        elif not isinstance(outcome, Refused) or outcome.reason is Reason.LEASE_LOST:
            raise outcome
        # Or it came into a batch in this very moment: then it is paid.
    log.info("payouts_returned", count=moved, of=len(found))
    return moved > 0


async def _sound(ports: MassPorts, tenure: Tenure, send: MassSend, payouts: Sequence[Withdrawal]) -> list[Withdrawal]:
    """Those whose money is there to come back: as it was sealed, of this mass send, and paid to nobody."""
    settled = {settle_key(payout): payout.id for payout in payouts}
    records = await ports.store.find(JournalRecord, {"_id": tuple(settled)}, limit=PIECE) if settled else []
    paid, sound = {settled[record.id] for record in records}, list[Withdrawal]()
    for payout in payouts:
        is_whole = ports.vault.mac_fits(payout.terms(), payout.mac)
        if is_whole and payout.id not in paid and (payout.mass_send, payout.person) == (send.id, send.person):
            sound.append(payout)
        else:
            await raise_alarm(ports, tenure, "payout_tampered", payout.id, freeze=False)
    return sound
