"""Show with which coins ITD can be bought, or in which they are paid out."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.domain.kyc import Operation
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.intents import open_coins


@dataclass(frozen=True, slots=True)
class Coins:
    """Those that can be chosen now, and those of this wallet that cannot yet."""

    open: tuple[Asset, ...]
    not_yet: tuple[Asset, ...]


@use_case(Access.ENROLLED)
async def show_coins(ports: Ports, caller: Caller, operation: Operation) -> Coins:
    """For ``PURCHASE`` or ``PAYOUT``, in the wallet's own order."""
    ready = await open_coins(ports, operation)
    return Coins(ready, tuple(asset for asset in ports.addresses if asset not in ready))
