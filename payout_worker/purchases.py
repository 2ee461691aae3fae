"""The Purchase unit: one pass looks at what came to deposit addresses, and books what is deep enough."""

from __future__ import annotations

from typing import Final

from payout_worker.coin_purchases import CoinPurchases
from payout_worker.ether_purchases import EtherPurchases
from payout_worker.failures import Failures
from payout_worker.ports import WorkerPorts
from payout_worker.signals import Stop
from payout_worker.tenure import Tenure
from payout_worker.unit import RailItems
from payout_worker.watchers.debts import repay_debts
from payout_worker.watchers.expiry import expire_unpaid
from payout_worker.watchers.holds import expire_holds
from payout_worker.watchers.release import release_held
from payout_worker.watchers.window import widen_window
from wallet_core.domain.money import Asset

#: Where the turns of the held money and of what people owe stand, in the state file's cursors.
_HELD_FROM: Final = "held_from"
_DEBTS_FROM: Final = "debts_from"
#: Held money waits for another day, so it is looked at now and then; what is owed keeps from leaving meanwhile.
_PASSES_PER_RELEASE: Final = 15


class Purchases:
    """Credits what arrives, on one chain."""

    def __init__(self, ports: WorkerPorts, items: RailItems, stop: Stop) -> None:
        self._ports = ports
        self._items = items
        self._stop = stop
        looks = EtherPurchases if ports.asset is Asset.ETH else CoinPurchases
        self._arrived: EtherPurchases | CoinPurchases = looks(ports, items, stop, Failures(items.name))
        self._passes = 0

    async def run_pass(self, tenure: Tenure) -> None:
        """What is pending first, in the state file's order. Raises ``Unavailable`` and ``LeaseLostError``."""
        await widen_window(self._ports, tenure)
        heights = await self._ports.node.heights()
        if await self._arrived.look(tenure, heights):
            await expire_unpaid(self._ports, tenure)
        await expire_holds(self._ports, tenure)
        if not self._stop.name and self._passes % _PASSES_PER_RELEASE == 0:
            cursors = self._items.cursors
            cursors[_HELD_FROM] = await release_held(self._ports, tenure, cursors.get(_HELD_FROM, 0))
            cursors[_DEBTS_FROM] = await repay_debts(self._ports, tenure, cursors.get(_DEBTS_FROM, 0))
        self._passes += 1
