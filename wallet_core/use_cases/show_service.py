"""Show what does not work now, and since when."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.domain.mode import Switchboard
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.purchase import Rail, RailState
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.switchboard import switchboard


@dataclass(frozen=True, slots=True)
class Service:
    """The switchboard, and the rails that do not do everything."""

    board: Switchboard
    rails: tuple[Rail, ...] = ()


@use_case(Access.ENROLLED)
async def show_service(ports: Ports, caller: Caller) -> Service:
    """What is switched off, or stopped by an alarm, of what was ever served."""
    rails = await ports.store.find(Rail, {})
    off = (rail for rail in rails if rail.is_served and (rail.alarm or rail.state is not RailState.RUNNING))
    return Service(await switchboard(ports), tuple(off))
