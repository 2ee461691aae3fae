"""The wallet's rates of the sandbox's two tickers, which the control API makes wrong, old and silent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from bot.sandbox.ticker import FORMS
from tests.integration.sandbox.conftest import Sandbox
from wallet_core.adapters.rates import HttpRates
from wallet_core.domain.agreement import NoRate
from wallet_core.domain.errors import Refused
from wallet_core.domain.money import Asset
from wallet_core.rate_settings import RateSettings

ITD = 1_000_000


@dataclass
class Buyer:
    """Who asks for rates, each time as if a moment had passed."""

    rates: HttpRates
    clock: list[float]

    async def rate(self, asset: Asset = Asset.ETH, after_seconds: float = 1.1) -> float | NoRate:
        """ITD for one coin, or why there is no rate."""
        self.clock[0] += after_seconds
        try:
            return (await self.rates.rate(asset)).itd_minor / ITD
        except Refused as refused:
            return NoRate(refused.facts["why"])


@pytest.fixture
async def buyer(sandbox: Sandbox) -> AsyncIterator[Buyer]:
    clock = [0.0]
    addresses: Any = " ".join(f"{sandbox.address}{form}" for form in FORMS)
    settings = RateSettings(rates_urls=addresses, rate_jump_seconds=60)
    async with httpx.AsyncClient() as client:
        yield Buyer(HttpRates(settings, client, clock=lambda: clock[0]), clock)


async def test_both_tickers_are_read_each_in_its_own_way(buyer: Buyer) -> None:
    assert [await buyer.rate(asset) for asset in (Asset.ETH, Asset.BTC, Asset.LTC)] == [2_500, 60_000, 80]


async def test_tickers_that_disagree_make_no_rate_until_they_agree_again(sandbox: Sandbox, buyer: Buyer) -> None:
    await sandbox.post("/sim/ticker", asset="ETH", price="2600", source="b")
    assert await buyer.rate() is NoRate.APART
    assert await buyer.rate(Asset.BTC) == 60_000
    await sandbox.post("/sim/ticker", asset="ETH", price="2520", source="b")
    assert await buyer.rate() == 2_500


@pytest.mark.parametrize("trouble", [{"age": 120}, {"age": -120}, {"off": True}])
@pytest.mark.parametrize("source", ["a", "b"])
async def test_a_ticker_that_is_old_or_silent_is_missed(
    sandbox: Sandbox, buyer: Buyer, source: str, trouble: dict[str, int]
) -> None:
    await sandbox.post(f"/sim/ticker/sources/{source}", **trouble)
    assert await buyer.rate() is NoRate.MISSING
    await sandbox.post(f"/sim/ticker/sources/{source}", age=0, off=False)
    assert await buyer.rate() == 2_500


async def test_a_jump_of_both_is_a_rate_when_it_has_lasted(sandbox: Sandbox, buyer: Buyer) -> None:
    assert await buyer.rate() == 2_500
    await sandbox.post("/sim/ticker", asset="ETH", price="5000")
    assert await buyer.rate() is NoRate.JUMPED
    assert await buyer.rate(after_seconds=59) is NoRate.JUMPED
    assert await buyer.rate() == 5_000
