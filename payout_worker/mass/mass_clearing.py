"""Ends previews whose rates are too old, and removes the lines of what never ran."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import structlog

from payout_worker.mass.mass_ports import MassPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.changes import Move
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.mass_row import MassRow
from wallet_core.domain.mass_send import MassSend, MassState, mass_message
from wallet_core.ports import Before

log = structlog.get_logger(__name__)

_MOST_PER_PASS: Final = 20
_WAITING: Final = (MassState.UPLOADING, MassState.PREVIEW, MassState.APPROVAL)


async def clear_up(ports: MassPorts, tenure: Tenure) -> None:
    """Also what is left of an upload that nobody finished. Raises ``Refused`` LEASE_LOST."""
    over = {"state": _WAITING, "expires_at": Before(await ports.store.now())}
    for send in await ports.store.find(MassSend, over, order_by=("created_at",), limit=_MOST_PER_PASS):
        await _expire(ports, tenure, send)
    gone = {"state": (MassState.CANCELLED, MassState.EXPIRED), "cleared": False}
    for send in await ports.store.find(MassSend, gone, order_by=("created_at",), limit=_MOST_PER_PASS):
        # Nothing can bring it back from where it is, so its lines are nobody's.
        await ports.store.remove_all(MassRow, {"mass_send": send.id})
        cleared = Move(MassSend, send.id, frozenset({send.state}), send.state, {"cleared": True})
        await ports.ledger.post(tenure.posting("mass_send_cleared", send.id, cleared, facts={"mass_send": send.id}))


async def _expire(ports: MassPorts, tenure: Tenure, send: MassSend) -> None:
    expired = Move(MassSend, send.id, frozenset({send.state}), MassState.EXPIRED, stamp="ended_at")
    posting = tenure.posting("mass_send_expired", send.id, expired, facts={"mass_send": send.id})
    if send.state is not MassState.UPLOADING:
        card = mass_message(send.model_copy(update={"state": MassState.EXPIRED}))
        posting = replace(posting, messages=(card,))
    try:
        await ports.ledger.post(posting)
    except Refused as refused:
        if refused.reason is Reason.LEASE_LOST:
            raise
        # It was started, or complete, in the same moment.
        log.info("mass_send_not_expired", mass_send=send.id, reason=refused.reason)
