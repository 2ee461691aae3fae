"""The mass sends: one pass takes each of them a thousand lines further, in turn, until none of them moves."""

from __future__ import annotations

import structlog
from structlog.contextvars import bound_contextvars

from payout_worker import metrics
from payout_worker.failures import Failures
from payout_worker.mass.mass_card import tell
from payout_worker.mass.mass_checks import check_authority
from payout_worker.mass.mass_clearing import clear_up
from payout_worker.mass.mass_end import end_mass_send
from payout_worker.mass.mass_payouts import note_endings
from payout_worker.mass.mass_piece import pay_piece
from payout_worker.mass.mass_ports import MassPorts
from payout_worker.signals import Stop
from payout_worker.tenure import Tenure
from payout_worker.unit import RailItems
from wallet_core.domain.mass_send import MassSend, MassState

log = structlog.get_logger(__name__)

_ALIVE = (MassState.RUNNING, MassState.STOPPED)
_MOST_IN_FLIGHT = 100


class MassSends:
    """Runs what admins started."""

    def __init__(self, ports: MassPorts, items: RailItems, stop: Stop) -> None:
        self._ports = ports
        self._items = items
        self._stop = stop
        self._failures = Failures(items.name)

    async def run_pass(self, tenure: Tenure) -> None:
        """Those of the state file first. Raises ``Unavailable`` and ``LeaseLostError``."""
        moved = True
        while moved and not self._stop.name:
            moved = False
            for send in await self._in_flight():
                if self._stop.name:
                    return
                moved |= await self._advance(tenure, send)
        await clear_up(self._ports, tenure)

    async def _in_flight(self) -> list[MassSend]:
        where = {"state": _ALIVE}
        found = await self._ports.store.find(MassSend, where, order_by=("created_at", "_id"), limit=_MOST_IN_FLIGHT)
        sends = self._items.in_order(found)
        self._items.keep_only(send.id for send in sends)
        return [send for send in sends if not self._failures.has_stopped(send.id)]

    async def _advance(self, tenure: Tenure, send: MassSend) -> bool:
        """Whether lines of it came further, so that another look at once may bring more."""
        with bound_contextvars(mass_send=send.id):
            try:
                moved = await self._step(tenure, send)
            except Exception as error:
                await self._failures.after(self._ports, tenure, send.id, error)
                return False
        self._failures.went_on(send.id)
        return moved

    async def _step(self, tenure: Tenure, send: MassSend) -> bool:
        await check_authority(self._ports, send)
        moved = send.state is MassState.RUNNING and await pay_piece(self._ports, tenure, send)
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
