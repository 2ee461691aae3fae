"""The one card that follows a mass send: written now and then while it runs, and always when it stands still."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from payout_worker.mass.mass_ports import MassPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.changes import Move
from wallet_core.domain.mass_row import MassRow, RowState
from wallet_core.domain.mass_send import MassSend, MassState, mass_message
from wallet_core.domain.money import Asset
from wallet_core.use_cases.switchboard import switchboard

#: Telegram edits a message about once a second at most, and people read no faster.
_BETWEEN_EDITS: Final = timedelta(seconds=4)


async def tell(ports: MassPorts, tenure: Tenure, mass_send: str) -> None:
    """Writes the card of it as it is now, unless it says so already or was written a moment ago."""
    found = await ports.store.get(MassSend, mass_send)
    if found is None or found.state not in (MassState.RUNNING, MassState.STOPPED):
        return
    send = found.model_copy(update={"waits_for": await _waits_for(ports, found)})
    if send.told == send.card:
        return
    recently = send.told_at is not None and await ports.store.now() - send.told_at < _BETWEEN_EDITS
    if recently and send.state is MassState.RUNNING:
        return
    # Counters only grow, and only the holder of the lease lets them: so no card ever goes back.
    expected = {name: getattr(send, name) for name in ("paid", "refused", "returned", "queued", "given_up")}
    fields = {"told": send.card, "waits_for": send.waits_for}
    told = Move(MassSend, send.id, frozenset({send.state}), send.state, fields, expected, stamp="told_at")
    await ports.ledger.post(
        tenure.posting(
            "mass_send_told",
            send.id,
            told,
            messages=(mass_message(send),),
            facts={"mass_send": send.id, "done": send.done},
        )
    )


async def _waits_for(ports: MassPorts, send: MassSend) -> tuple[Asset, ...]:
    """Its coins whose rails take nothing new and which have lines yet to be begun."""
    if send.state is not MassState.RUNNING or send.given_up:
        return ()
    shut = frozenset((await switchboard(ports.core)).shut)
    waiting = {"mass_send": send.id, "state": RowState.PENDING}
    coins = (total.asset for total in send.totals if total.asset in shut)
    return tuple([coin for coin in coins if await ports.store.find(MassRow, {**waiting, "asset": coin}, limit=1)])
