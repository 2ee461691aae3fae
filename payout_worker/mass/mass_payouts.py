"""What became of the payouts of a mass send: each of its lines ends as its payout did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from payout_worker.mass.mass_ports import MassPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.mass_row import MassRow, RowState, move_row, payout_id
from wallet_core.domain.mass_send import PIECE, CountRows, MassSend, MassState
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.ports import After

_ENDS: Final = (PayoutState.SETTLED, PayoutState.RETURNED, PayoutState.CANCELLED, PayoutState.REFUSED)
_ALIVE: Final = frozenset({MassState.RUNNING, MassState.STOPPED})
#: Why a payout came back whose posting has no word for it: its transactions reverted.
_REVERTED: Final = "reverted"


async def note_endings(ports: MassPorts, tenure: Tenure, send: MassSend) -> None:
    """Writes down those that have ended since the last look, also while it is stopped; nothing of it moves money."""
    known, last = send.payouts_ended, 0
    # Once the last of them is known to have ended, nothing is counted any more.
    under_way = known < send.queued
    ended = await ports.store.count(Withdrawal, {"mass_send": send.id, "state": _ENDS}) if under_way else known
    while known < ended:
        queued = {"mass_send": send.id, "state": RowState.QUEUED, "line": After(last)}
        rows = await ports.store.find(MassRow, queued, order_by=("line",), limit=PIECE)
        if not rows:
            return
        known += await _note(ports, tenure, send, rows)
        last = rows[-1].line


async def _note(ports: MassPorts, tenure: Tenure, send: MassSend, rows: Sequence[MassRow]) -> int:
    ids = {payout_id(send.id, row.line): row for row in rows}
    found = await ports.store.find(Withdrawal, {"_id": tuple(ids), "state": _ENDS}, limit=PIECE)
    if not found:
        return 0
    whys = await _reasons(ports, [p for p in found if p.state is not PayoutState.SETTLED])
    counts: Counter[str] = Counter({"payouts_ended": len(found)})
    moves = []
    for payout in found:
        is_paid = payout.state is PayoutState.SETTLED
        counts["paid" if is_paid else "returned"] += 1
        counts["paid_minor"] += payout.amount_minor if is_paid else 0
        to = RowState.PAID if is_paid else RowState.RETURNED
        moves.append(move_row(ids[payout.id], to, None if is_paid else whys[payout.id]))
    counted = CountRows(send.id, counts, _ALIVE)
    facts = {"mass_send": send.id, "paid": counts["paid"], "returned": counts["returned"]}
    await ports.ledger.post(tenure.posting("mass_rows_ended", send.id, counted, *moves, facts=facts))
    return len(found)


async def _reasons(ports: MassPorts, payouts: Sequence[Withdrawal]) -> dict[str, str]:
    """Why each came back, as its own posting has it."""
    if not payouts:
        return {}
    keys = tuple(f"return:{payout.id}" for payout in payouts)
    records = await ports.store.find(JournalRecord, {"_id": keys}, limit=len(keys))
    said = {record.id: str(record.facts.get("reason", _REVERTED)) for record in records}
    return {payout.id: said.get(f"return:{payout.id}", payout.state.value) for payout in payouts}
