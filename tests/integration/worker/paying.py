"""What the tests of payouts in coins start from, and ask again and again."""

from __future__ import annotations

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
