"""The worker's mass sends inside a test: the real unit under a lease, over whatever ports the test has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from payout_worker.lease import LeaseKeeper, Taken
from payout_worker.mass.mass_ports import MassPorts
from payout_worker.mass_sends import MassSends
from payout_worker.signals import Stop
from payout_worker.state_file import StateFile
from payout_worker.tenure import Tenure
from payout_worker.unit import Unit
from wallet_core.domain.lease import MASS_LEASE
from wallet_core.domain.mass_file import FileRow
from wallet_core.domain.money import Asset
from wallet_core.ports import Ports


def lines(*rows: tuple[str, str, int]) -> tuple[FileRow, ...]:
    """Lines of a file, recipient, asset and amount in minor units each; the first stands below the header."""
    return tuple(FileRow(n, who, Asset(asset), minor) for n, (who, asset, minor) in enumerate(rows, 2))


class MassWorker:
    """One worker's mass sends; a new one with the same folder is the same worker, started again."""

    def __init__(self, ports: Ports, folder: Path, holder: str = "worker", lease_seconds: int = 15) -> None:
        self.ports = MassPorts.of(ports)
        self.stop = Stop()
        folder.mkdir(exist_ok=True)
        self.items = Unit("payout", StateFile(folder, "payout")).rail(Asset.ITD)
        self.sends = MassSends(self.ports, self.items, self.stop)
        self._keeper = LeaseKeeper(ports.ledger, ports.store, MASS_LEASE, holder, lease_seconds)
        self._taken: Taken | None = None

    async def tenure(self) -> Tenure:
        """Its time with the lease."""
        if self._taken is None:
            self._taken = await self._keeper.take()
            assert self._taken is not None, "another worker has the lease"
            self.items.begin(self._taken)
        return self._taken.tenure

    async def look(self) -> None:
        """One pass."""
        await self.sends.run_pass(await self.tenure())

    def over(self, **ports: object) -> MassWorker:
        """The same with other ports of its own: a ledger that fails, for instance."""
        self.ports = replace(self.ports, **ports)  # type: ignore[arg-type]  # a test knows what it replaces
        self.sends = MassSends(self.ports, self.items, self.stop)
        return self
