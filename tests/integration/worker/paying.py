"""What the tests of payouts start from, and ask again and again."""

from __future__ import annotations

import pytest

from tests.integration.worker.inside import Inside
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Attempt, Batch


def patient(asset: Asset, **more: str) -> dict[str, str]:
    """Settings with which batches offer more at once and wait for a second block; ``more`` without the coin's name."""
    settings = {"BUMP_AFTER_SECONDS": "1", "CONFIRMATIONS": "2", "CHANGE_OUTPUTS": "16"} | more
    return {f"{asset}_{name}": value for name, value in settings.items()}


async def attempts(inside: Inside) -> list[Attempt]:
    """All attempts, those of a batch in their order."""
    return await inside.ports.store.find(Attempt, {}, order_by=("batch", "number"))


async def only_batch(inside: Inside) -> Batch:
    """The one batch that there is."""
    (batch,) = await inside.batches()
    return batch


async def form_only(inside: Inside) -> None:
    """A pass after which batches are formed, and nothing of them is signed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("payout_worker.payouts.STEPS", {})
        await inside.pay()


async def to_the_end(inside: Inside) -> None:
    """On Ethereum: mines what waits, and what makes it final."""
    await inside.pay(blocks=1)
    await inside.pay(blocks=4)


async def set_code(inside: Inside, address: str, code: str) -> None:
    """Gives an address on anvil this code."""
    await inside.world.node.call("anvil_setCode", address, code)
