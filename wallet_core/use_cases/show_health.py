"""Show how every process is, what waits to be told, and what the worker saw of the chains."""

from __future__ import annotations

from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.health_figures import HealthView, health_now


@use_case(Access.SUPPORT)
async def show_health(ports: Ports, caller: Caller) -> HealthView:
    """What processes told of themselves, and what is seen of their work."""
    return await health_now(ports)
