"""The end of a mass send: no line waits any more, so what is left of its money goes back."""

from __future__ import annotations

from dataclasses import replace

import structlog

from payout_worker.mass.mass_ports import MassPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.changes import Move
from wallet_core.domain.errors import Reason
from wallet_core.domain.hold import Hold, HoldState
from wallet_core.domain.lease import HoldLease
from wallet_core.domain.mass_row import MassRow, RowState
from wallet_core.domain.mass_send import MassSend, MassState, mass_message
from wallet_core.use_cases.release_hold import release_posting
from wallet_core.use_cases.steering import steered_to

log = structlog.get_logger(__name__)

_UNDER_WAY = (RowState.PENDING, RowState.QUEUED)


async def give_up_in_time(ports: MassPorts, tenure: Tenure, send: MassSend) -> bool:
    """Gives up the rest of one that nobody resumed until its hold was over. Whether it did."""
    hold = await ports.store.get(Hold, send.id)
    if hold is None or await ports.store.now() < hold.expires_at:
        return False
    ending = steered_to(send, MassState.STOPPED, MassState.RUNNING, given_up=True, stopped_by=None)
    facts = {"mass_send": send.id, "why": Reason.EXPIRED}
    await ports.ledger.post(tenure.posting("mass_send_cancelled", send.id, ending, facts=facts))
    log.info("mass_send_given_up", why=Reason.EXPIRED)
    return True


async def end_mass_send(ports: MassPorts, tenure: Tenure, mass_send: str) -> bool:
    """RUNNING -> DONE once every line has its end. Whether it did."""
    send = await ports.store.get(MassSend, mass_send)
    if send is None or send.state is not MassState.RUNNING:
        return False
    if await ports.store.find(MassRow, {"mass_send": send.id, "state": _UNDER_WAY}, limit=1):
        return False
    await _give_back(ports, tenure, send)
    done = send.model_copy(update={"state": MassState.DONE, "waits_for": ()})
    counted = {"paid": send.paid, "refused": send.refused, "returned": send.returned}
    fields = {"told": done.card, "waits_for": done.waits_for}
    ended = Move(MassSend, send.id, frozenset({MassState.RUNNING}), MassState.DONE, fields, counted, stamp="ended_at")
    await ports.ledger.post(
        tenure.posting_once(
            "mass_send_ended",
            f"mass_end:{send.id}",
            ended,
            messages=(mass_message(done),),
            facts={"mass_send": send.id, **counted},
        )
    )
    log.info("mass_send_ended", **counted)
    return True


async def _give_back(ports: MassPorts, tenure: Tenure, send: MassSend) -> None:
    """What refused lines left. Whoever expires holds may be faster; then there is nothing left."""
    hold = await ports.store.get(Hold, send.id)
    if hold is None or hold.state is not HoldState.OPEN:
        return
    posting = release_posting(hold, HoldState.VOIDED, f"worker:{tenure.holder}", told=False)
    lease = HoldLease(tenure.lease, tenure.epoch)
    await ports.ledger.post(replace(posting, changes=(lease, *posting.changes)))
    log.info("rest_given_back", left_minor=hold.left_minor)
