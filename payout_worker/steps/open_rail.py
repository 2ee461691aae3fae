"""The rail's switch and its alarm: nothing new is formed, signed or sent while either is against it."""

from __future__ import annotations

from payout_worker.ports import WorkerPorts
from wallet_core.domain.changes import Require
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import Rail, RailState


async def open_rail(ports: WorkerPorts) -> Rail:
    """The rail. Raises ``Refused(RAIL_OFF)`` while it is paused, closed or frozen by an alarm."""
    rail = await ports.store.get(Rail, ports.asset)
    if rail is None or rail.state is not RailState.RUNNING or rail.alarm:
        raise Refused(Reason.RAIL_OFF, waits_for="rail")
    return rail


def stays_open(asset: Asset) -> Require:
    """The guard for a posting: refuses with RAIL_OFF when the rail was paused or frozen in between."""
    return Require(Rail, asset, {"state": RailState.RUNNING, "alarm": None}, Reason.RAIL_OFF)
