"""The switches and the alarm of a rail: nothing new is formed, signed or sent while one of them is against it."""

from __future__ import annotations

from payout_worker.ports import WorkerPorts
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.mode import Doing, Mode, WhileOpen
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import Rail
from wallet_core.domain.rails import FORMS, PAYS, RailAllows
from wallet_core.domain.record import Change
from wallet_core.use_cases.switchboard import switchboard


async def open_rail(ports: WorkerPorts, *, forms: bool = False) -> Rail:
    """The rail, for what is under way; ``forms``: for a new batch.

    Raises ``Refused(RAIL_OFF)`` while its switch is against that, while an alarm stands, or everything is paused.
    """
    rail = await ports.store.get(Rail, ports.asset)
    allowed = FORMS if forms else PAYS
    if rail is None or rail.state not in allowed or rail.alarm or await _all_paused(ports):
        raise Refused(Reason.RAIL_OFF, waits_for="rail")
    return rail


async def _all_paused(ports: WorkerPorts) -> bool:
    return (await switchboard(ports.core)).mode is Mode.PAUSED


def stays_open(asset: Asset, *, forms: bool = False) -> tuple[Change, ...]:
    """The guards for a posting: refuse when the rail or everything was switched off, or frozen, in between."""
    return RailAllows(asset, FORMS if forms else PAYS), WhileOpen(Doing.PAYING)
