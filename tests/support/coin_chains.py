"""Bitcoin and Litecoin are paid and watched alike: what one shows in each run, the campaign shows of both."""

from __future__ import annotations

import pytest

from wallet_core.domain.money import Asset


def always_on(coin: Asset) -> list[object]:
    """Parameters of both chains of coins; the other one's run is left to the campaign."""
    return [
        pytest.param(each, marks=() if each is coin else (pytest.mark.campaign,)) for each in (Asset.BTC, Asset.LTC)
    ]
