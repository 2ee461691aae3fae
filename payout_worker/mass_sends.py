"""The mass sends: one pass takes each of them a thousand lines further, in turn, until none of them moves."""

from __future__ import annotations

import structlog
from structlog.contextvars import bound_contextvars

from payout_worker import metrics
from payout_worker.failures import Failures
from payout_worker.mass.mass_card import tell
from payout_worker.mass.mass_checks import check_authority
from payout_worker.mass.mass_clearing import clear_up
from payout_worker.mass.mass_end import end_mass_send, give_up_in_time
from payout_worker.mass.mass_payouts import note_endings
from payout_worker.mass.mass_piece import pay_piece
from payout_worker.mass.mass_ports import MassPorts
from payout_worker.mass.mass_returns import return_queued
from payout_worker.signals import Stop
from payout_worker.tenure import Tenure
from payout_worker.unit import RailItems
from wallet_core.domain.mass_send import PIECE, MassSend, MassState

log = structlog.get_logger(__name__)

_ALIVE = (MassState.RUNNING, MassState.STOPPED)


class MassSends:
    """Runs what admins started."""

    def __init__(self, ports: MassPorts, items: RailItems, stop: Stop) -> None:
        self._ports = ports
        self._items = items
        self._stop = stop
        self._failures = Failures(items.name)
        #: A database that is too slow for so many lines at once would never take any.
        self._most = PIECE

    async def run_pass(self, tenure: Tenure) -> None:
        """Those of the state file first. Raises ``Unavailable`` and ``LeaseLostError``."""
        moved, is_first = True, True
        while moved and not self._stop.name:
            moved = False
            for send in await self._in_flight():
                if self._stop.name:
                    return
                # What stands still, and whose card says so, is looked at once a pass.
                if is_first or send.state is MassState.RUNNING or send.told != send.card:
                    moved |= await self._advance(tenure, send.id)
            is_first = False
        await clear_up(self._ports, tenure)

    async def _in_flight(self) -> list[MassSend]:
        """All of them: none waits behind however many that stand still."""
        found = [send async for send in self._ports.store.scan(MassSend, {"state": _ALIVE})]
        found.sort(key=lambda send: (send.created_at or send.expires_at, send.id))
        sends = self._items.in_order(found)
        self._items.keep_only(send.id for send in sends)
        return [send for send in sends if not self._failures.has_stopped(send.id)]

    async def _advance(self, tenure: Tenure, mass_send: str) -> bool:
        """Whether lines of it came further, so that another look at once may bring more."""
        with bound_contextvars(mass_send=mass_send):
            try:
                moved = await self._step(tenure, mass_send)
            except Exception as error:
                self._most = max(1, self._most // 2)
                await self._failures.after(self._ports, tenure, mass_send, error)
                return False
        if moved:
            self._most = min(PIECE, 2 * self._most)
        self._failures.went_on(mass_send)
        return moved

    async def _step(self, tenure: Tenure, mass_send: str) -> bool:
        # As it is now: while others had their turn somebody may have stopped it, or given it up.
        send = await self._ports.store.get(MassSend, mass_send)
        if send is None or send.state not in _ALIVE:
            return False
        await check_authority(self._ports, send)
        moved = await self._further(tenure, send)
        if not moved:
            await note_endings(self._ports, tenure, send)
        ended = not moved and await end_mass_send(self._ports, tenure, send.id)
        if not ended:
            await tell(self._ports, tenure, send.id)
        if moved or ended or send.id not in self._items:
            metrics.STEPS.labels(self._ports.asset, "mass_piece").inc()
            self._items.note("mass_send", send.id, None if ended else send.state)
            self._items.save()
        return moved

    async def _further(self, tenure: Tenure, send: MassSend) -> bool:
        if send.state is MassState.STOPPED:
            return await give_up_in_time(self._ports, tenure, send)
        if await pay_piece(self._ports, tenure, send, self._most):
            return True
        return send.given_up and await return_queued(self._ports, tenure, send)
