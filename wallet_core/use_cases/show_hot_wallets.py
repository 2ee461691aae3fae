"""Show what the hot wallets have, what they should have, and what lies in the cold ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wallet_core.domain.accounts import Account
from wallet_core.domain.hot_wallet import Level
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.balances import balance_minor
from wallet_core.use_cases.gate import use_case


@dataclass(frozen=True, slots=True)
class WalletLevel:
    """One chain's coins in minor units: as its worker saw the hot wallet, and by the books."""

    asset: Asset
    level: Level | None
    hot_minor: int
    cold_minor: int
    deposits_minor: int


@dataclass(frozen=True, slots=True)
class HotWalletsView:
    """All chains, as they were at ``now``."""

    now: datetime
    wallets: list[WalletLevel]


@use_case(Access.SUPPORT)
async def show_hot_wallets(ports: Ports, caller: Caller) -> HotWalletsView:
    """Every chain that this wallet has addresses of."""
    return HotWalletsView(await ports.store.now(), [await _wallet(ports, asset) for asset in sorted(ports.addresses)])


async def _wallet(ports: Ports, asset: Asset) -> WalletLevel:
    level = await ports.store.get(Level, asset)
    hot, cold, deposits = [
        await balance_minor(ports.store, Account(asset, name)) for name in ("hot", "cold", "deposits")
    ]
    return WalletLevel(asset, level, hot_minor=hot, cold_minor=cold, deposits_minor=deposits)
