"""Pays the next thousand lines, each by a posting of its own with a key for ever.

Killed at any instant, the next run takes up the lines that are still pending; what was posted is answered with its
first result. A line, its money and the counters change in one posting.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import structlog

from payout_worker.mass.mass_checks import check_rows
from payout_worker.mass.mass_ports import MassPorts
from payout_worker.mass.mass_postings import Piece, Recipients, paying
from payout_worker.tenure import Tenure
from wallet_core.domain.errors import InvariantViolated, Reason, Refused, WalletError
from wallet_core.domain.hold import Hold
from wallet_core.domain.kyc import LEVELS_READ
from wallet_core.domain.ledger import Posting, Receipt
from wallet_core.domain.mass_row import GIVEN_UP, MassRow, RowState, move_row
from wallet_core.domain.mass_send import PIECE, CountRows, MassSend, MassState, Remark
from wallet_core.domain.mode import Mode
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Person
from wallet_core.use_cases.limits import limits_today
from wallet_core.use_cases.mass_policies import piece_decisions
from wallet_core.use_cases.switchboard import switchboard

log = structlog.get_logger(__name__)

#: What is no fault of the line: it stays pending.
_NOT_NOW: Final = (Reason.CHANGED_MEANWHILE, Reason.WITHDRAW_ONLY, Reason.ALL_PAUSED, Reason.RAIL_OFF)
#: What keeps all lines of this payer.
_FOR_ALL: Final = (Reason.NOT_ALLOWED, Reason.FROZEN, Reason.IN_DEBT, Reason.DISPUTED)


async def pay_piece(ports: MassPorts, tenure: Tenure, send: MassSend, most: int = PIECE) -> bool:
    """Whether any of the next so many lines came further.

    They wait while sends are switched off, and those of a coin while its rail is. Raises ``InvariantViolated`` for
    lines that somebody changed in the database, and ``Refused(CHANGED_MEANWHILE)`` when the database took so long for
    so many that the limits were read too long ago.
    """
    board = await switchboard(ports.core)
    if board.mode is not Mode.OPEN:
        return False
    # What was given up is refused, whatever its rail does.
    closed = frozenset[Asset]() if send.given_up else frozenset(board.shut)
    while rows := await _pending(ports, send, closed, most):
        check_rows(ports, rows)
        if send.given_up:
            await _refuse(ports, tenure, send, [(row, GIVEN_UP) for row in rows])
            return True
        piece = await _piece(ports, send, rows)
        if piece.forbidden:
            await halt(ports, tenure, send, piece.forbidden)
            return False
        closed |= {row.asset for row in rows if piece.waits(row)}
        # Where all of them wait, the lines of other coins may stand behind them.
        if payable := [row for row in rows if row.asset not in closed]:
            return await _pay(ports, tenure, piece, payable)
    return False


async def _pending(ports: MassPorts, send: MassSend, closed: frozenset[Asset], most: int) -> list[MassRow]:
    coins = tuple(total.asset for total in send.totals if total.asset not in closed)
    pending = {"mass_send": send.id, "state": RowState.PENDING, "asset": coins}
    return await ports.store.find(MassRow, pending, order_by=("line",), limit=most) if coins else []


async def _pay(ports: MassPorts, tenure: Tenure, piece: Piece, rows: Sequence[MassRow]) -> bool:
    barred = [(row, Remark.SCREENED.value) for row in rows if piece.is_barred(row)]
    payable = [row for row in rows if not piece.is_barred(row)]
    outcomes = await ports.ledger.post_many([paying(tenure, piece, row) for row in payable]) if payable else []
    return await _take_up(ports, tenure, piece.send, zip(payable, outcomes, strict=True), barred)


async def _piece(ports: MassPorts, send: MassSend, rows: Sequence[MassRow]) -> Piece:
    payer = await ports.store.get(Person, send.person)
    decisions = await piece_decisions(ports.core, send, rows)
    return Piece(
        send=send,
        payer_name=payer.display_name if payer else str(send.person),
        limits=Recipients(await limits_today(ports.core), ports.settings.itd("receive_counted_from")),
        decisions=decisions,
        quote_seconds=ports.settings.withdrawal_quote_seconds,
        mac=ports.vault.mac,
        fits=ports.vault.mac_fits,
    )


async def _take_up(
    ports: MassPorts,
    tenure: Tenure,
    send: MassSend,
    outcomes: Iterable[tuple[MassRow, Receipt | WalletError]],
    barred: Sequence[tuple[MassRow, str]],
) -> bool:
    """Writes down which lines were refused, each for its own reason; or stops where it was the payer's."""
    moved, refused, too_late = False, list(barred), list[Refused]()
    for row, outcome in outcomes:
        if isinstance(outcome, Receipt):
            # What was posted before, and is called pending all the same, must not keep the pass going for ever.
            moved |= not outcome.replayed
        elif not isinstance(outcome, Refused) or outcome.reason is Reason.LEASE_LOST:
            raise outcome
        elif outcome.reason in _FOR_ALL:
            await halt(ports, tenure, send, outcome.reason.value)
            return False
        elif outcome.facts.get("what") == MassSend.collection:
            # Stopped, or given up: what is pending waits for that.
            return False
        elif outcome.facts.get("what") == LEVELS_READ:
            too_late.append(outcome)
        elif outcome.reason not in _NOT_NOW:
            refused.append((row, _why(outcome)))
    if refused:
        await _refuse(ports, tenure, send, refused)
    if too_late and not moved and not refused:
        raise too_late[0]
    return moved or bool(refused)


def _why(outcome: Refused) -> str:
    """Whose hold is over, their time is: whatever state it says that it is in."""
    return (Reason.EXPIRED if outcome.facts.get("what") == Hold.collection else outcome.reason).value


async def _refuse(ports: MassPorts, tenure: Tenure, send: MassSend, refused: Sequence[tuple[MassRow, str]]) -> None:
    """Their money stays in the hold and goes back with its rest."""
    moves = (move_row(row, RowState.REFUSED, reason) for row, reason in refused)
    counted = CountRows(send.id, {"refused": len(refused)})
    facts = {"mass_send": send.id, "refused": len(refused)}
    await ports.ledger.post(tenure.posting("mass_rows_ended", send.id, counted, *moves, facts=facts))
    log.info("lines_refused", count=len(refused), first=refused[0][0].line, reason=refused[0][1])


async def halt(ports: MassPorts, tenure: Tenure, send: MassSend, why: str) -> None:
    """Stops it, because its payer may not pay now; somebody resumes it once that is mended."""
    await ports.ledger.post(halting(tenure, send, why))
    log.warning("mass_send_halted", why=why)


def halting(tenure: Tenure, send: MassSend, why: str) -> Posting:
    """RUNNING -> STOPPED by the worker."""
    if send.state is not MassState.RUNNING:
        raise InvariantViolated(f"mass send {send.id} does not run")
    return tenure.posting("mass_send_halted", send.id, send.halted(why), facts={"mass_send": send.id, "why": why})
