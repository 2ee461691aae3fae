"""The one card that follows a mass send: written now and then while it runs, and always when it stands still."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from payout_worker.mass.mass_ports import MassPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.changes import Move
from wallet_core.domain.mass_send import MassSend, MassState, mass_message

#: Telegram edits a message about once a second at most, and people read no faster.
_BETWEEN_EDITS: Final = timedelta(seconds=4)


async def tell(ports: MassPorts, tenure: Tenure, mass_send: str) -> None:
    """Writes the card of it as it is now, unless it says so already or was written a moment ago."""
    send = await ports.store.get(MassSend, mass_send)
    if send is None or send.told == send.card or send.state not in (MassState.RUNNING, MassState.STOPPED):
        return
    recently = send.told_at is not None and await ports.store.now() - send.told_at < _BETWEEN_EDITS
    if recently and send.state is MassState.RUNNING:
        return
    # Counters only grow, and only the holder of the lease lets them: so no card ever goes back.
    expected = {name: getattr(send, name) for name in ("paid", "refused", "returned", "queued", "given_up")}
    told = Move(MassSend, send.id, frozenset({send.state}), send.state, {"told": send.card}, expected, stamp="told_at")
    await ports.ledger.post(
        tenure.posting(
            "mass_send_told",
            send.id,
            told,
            messages=(mass_message(send),),
            facts={"mass_send": send.id, "done": send.done},
        )
    )
