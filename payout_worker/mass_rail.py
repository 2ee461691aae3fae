"""The life of ITD's rail in the process: mass sends and what nobody claimed; no node, no signer, a lease of its own."""

from __future__ import annotations

import structlog

from payout_worker import failpoints
from payout_worker.failures import Failures
from payout_worker.lease import LeaseKeeper
from payout_worker.mass.mass_ports import MassPorts
from payout_worker.mass_sends import MassSends
from payout_worker.schedule import trigger
from payout_worker.served_rail import Shared
from payout_worker.tenure import Tenure
from payout_worker.watchers.recurring import run_recurring
from payout_worker.watchers.unclaimed import return_unclaimed
from payout_worker.worker import Served, Worker
from wallet_core.domain.lease import MASS_LEASE
from wallet_core.domain.money import Asset

log = structlog.get_logger(__name__)


class MassRail:
    """Serves what goes from person to person until the order to stop. Of several workers one does, by the lease."""

    asset = Asset.ITD

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        shared.health.note_lease(self.asset, "the database has to answer first")
        self._worker: Worker | None = None

    def wake(self) -> None:
        """Makes the unit look at once, also at the order to stop."""
        if self._worker is not None:
            self._worker.wake()

    async def run(self) -> None:
        """Serves until the order to stop."""
        with structlog.contextvars.bound_contextvars(asset=self.asset):
            await self._serve(failpoints.armed(MassPorts.of(self._shared.core)))

    async def _serve(self, ports: MassPorts) -> None:
        shared, settings = self._shared, ports.settings
        keeper = LeaseKeeper(ports.ledger, ports.store, MASS_LEASE, shared.folder.identity, settings.lease_seconds)
        items = shared.units[0].rail(self.asset)
        mass_sends = MassSends(ports, items, shared.stop)
        unclaimed, recurring = Failures("unclaimed"), Failures("recurring")

        async def run_pass(tenure: Tenure) -> None:
            # First what is quickly done: a mass send may take an hour.
            await return_unclaimed(ports, tenure, unclaimed)
            await run_recurring(ports, tenure, recurring)
            await mass_sends.run_pass(tenure)

        units = [Served(items, run_pass)]
        self._worker = Worker(
            self.asset,
            units,
            check=ports.store.now,
            keeper=keeper,
            stop=shared.stop,
            health=shared.health,
            share=shared.share,
        )
        log.info("started", lease=MASS_LEASE, holder=shared.folder.identity)
        with trigger(shared.scheduler, self._worker, settings):
            await self._worker.run()
