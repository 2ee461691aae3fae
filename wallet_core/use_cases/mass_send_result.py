"""What became of each line of a mass send, as a file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final

from wallet_core.domain.mass_result import Outcome, ResultLine, result_heading, result_lines
from wallet_core.domain.mass_row import MassRow, RowState, payout_id
from wallet_core.domain.mass_send import PIECE
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.mass_sends import lines_of, mass_send_of

_OUTCOMES: Final = {
    RowState.PENDING: Outcome.WAITING,
    RowState.QUEUED: Outcome.UNDER_WAY,
    RowState.PAID: Outcome.PAID,
    RowState.RETURNED: Outcome.RETURNED,
    RowState.REFUSED: Outcome.REFUSED,
}


@use_case(Access.FINANCE)
async def mass_send_result(ports: Ports, caller: Caller, mass_send_id: str) -> AsyncIterator[bytes]:
    """A table with each line's outcome so far, as ``domain/mass_result`` has it, a thousand lines at a time.

    Raises ``Refused(NOT_FOUND)``.
    """
    await mass_send_of(ports, mass_send_id)
    return _result(ports, mass_send_id)


async def _result(ports: Ports, mass_send: str) -> AsyncIterator[bytes]:
    yield result_heading()
    async for rows in lines_of(ports, mass_send):
        payouts = await _payouts(ports, rows)
        yield result_lines(_line(row, payouts.get(payout_id(mass_send, row.line))) for row in rows)


async def _payouts(ports: Ports, rows: Sequence[MassRow]) -> dict[str, Withdrawal]:
    """Those that the rows became; a transaction may still change by a reorganisation, so it is read from there."""
    ids = tuple(payout_id(row.mass_send, row.line) for row in rows if row.address is not None)
    found = await ports.store.find(Withdrawal, {"_id": ids}, limit=PIECE) if ids else []
    return {payout.id: payout for payout in found}


def _line(row: MassRow, payout: Withdrawal | None) -> ResultLine:
    if payout is None:
        return ResultLine(row, _OUTCOMES[row.state])
    # The last transaction of one that came back was no payment.
    paid = payout.state is not PayoutState.RETURNED
    return ResultLine(row, _OUTCOMES[row.state], payout.id, (payout.txid or "") if paid else "")
