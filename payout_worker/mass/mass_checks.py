"""Whether people set a mass send going, and what they were shown is what stands in the database."""

from __future__ import annotations

from collections.abc import Sequence

from payout_worker.mass.mass_ports import MassPorts
from wallet_core.domain.approval import Approval
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.mass_row import MassRow, row_id
from wallet_core.domain.mass_send import MassSend


async def check_authority(ports: MassPorts, send: MassSend) -> None:
    """Raises ``InvariantViolated`` for one that no code, or above the limit no second admin, set going."""
    if not ports.vault.mac_fits(send.terms(), send.mac):
        raise InvariantViolated(f"the terms of mass send {send.id} were changed")
    if not ports.vault.mac_fits(send.start_terms(), send.start_mac):
        raise InvariantViolated(f"nobody started mass send {send.id}")
    if send.started_at is None or send.started_at > send.expires_at:
        raise InvariantViolated(f"mass send {send.id} was started when its rates were too old")
    if send.approval is not None or send.total_minor > send.approval_above_minor:
        await _check_approved(ports, send)


async def _check_approved(ports: MassPorts, send: MassSend) -> None:
    approval = await ports.store.get(Approval, send.approval)
    by = approval.decided_by if approval else None
    if approval is None or by is None or by == send.person:
        raise InvariantViolated(f"no second admin approved mass send {send.id}")
    asked = (approval.subject, approval.digest, approval.amount_minor, approval.asked_by)
    if asked != (send.id, send.digest, send.total_minor, send.person):
        raise InvariantViolated(f"something else was approved than mass send {send.id}")
    if not ports.vault.mac_fits(approval.decided_terms(by), approval.decided_mac):
        raise InvariantViolated(f"the approval of mass send {send.id} was changed")


def check_rows(ports: MassPorts, rows: Sequence[MassRow]) -> None:
    """Raises ``InvariantViolated`` for a line that was not in what the payer was shown, and for the copy of one."""
    for row in rows:
        # Its id is the key by which it is paid once, and no part of what its MAC covers.
        is_itself = row.id == row_id(row.mass_send, row.line)
        if not is_itself or not ports.vault.mac_fits(row.terms(), row.mac):
            raise InvariantViolated(f"line {row.line} of mass send {row.mass_send} was changed")
