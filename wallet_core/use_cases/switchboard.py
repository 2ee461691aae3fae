"""What is switched off now, for whoever wants to know before a posting is refused."""

from __future__ import annotations

from wallet_core.domain.mode import Doing, Switchboard
from wallet_core.domain.money import Asset
from wallet_core.ports import Ports


async def switchboard(ports: Ports) -> Switchboard:
    """The switchboard as it is committed now."""
    return await ports.store.get(Switchboard, "wallet") or Switchboard()


async def refuse_shut(ports: Ports, doing: Doing, asset: Asset | None = None) -> None:
    """Raises ``Refused`` WITHDRAW_ONLY, ALL_PAUSED or RAIL_OFF for what the posting would be refused for anyway."""
    (await switchboard(ports)).refuse(doing, asset)
