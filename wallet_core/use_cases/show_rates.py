"""Show what coins are worth now, and what each source says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wallet_core.domain.errors import Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.quote import Heard, Rate
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case


@dataclass(frozen=True, slots=True)
class RateView:
    """A coin's rate, or why there is none, and what was heard from each source."""

    asset: Asset
    rate: Rate | None
    why: str
    heard: tuple[Heard, ...]


@dataclass(frozen=True, slots=True)
class RatesView:
    """All coins, as they were at ``now``."""

    now: datetime
    rates: list[RateView]


@use_case(Access.SUPPORT)
async def show_rates(ports: Ports, caller: Caller) -> RatesView:
    """Asks the sources, as a quote does."""
    return RatesView(await ports.store.now(), [await _rate(ports, asset) for asset in sorted(ports.addresses)])


async def _rate(ports: Ports, asset: Asset) -> RateView:
    try:
        rate = await ports.rates.rate(asset)
    except Refused as refused:
        return RateView(asset, None, str(refused.facts.get("why", "")), tuple(refused.facts.get("heard", ())))
    return RateView(asset, rate, "", rate.heard)
