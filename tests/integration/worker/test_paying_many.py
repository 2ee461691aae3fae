"""Many payouts in one call of the contract, on anvil: each by its own event, and the chain is asked who was paid."""

from __future__ import annotations

import pytest

from tests.integration.worker.inside import Inside
from wallet_core.domain.multi_send import most_gas
from wallet_core.domain.payout import BatchState, PayoutState

REVERTS = "0x5f5ffd"


@pytest.fixture
def mass() -> bool:
    """This file's worlds have the contract."""
    return True


async def _to_the_end(inside: Inside) -> None:
    await inside.pay(blocks=1)
    await inside.pay(blocks=4)


async def test_many_are_paid_with_one_nonce_and_share_its_gas(inside: Inside) -> None:
    asked = await inside.world.queue(7)
    await inside.pay()
    (batch,) = await inside.batches()
    assert len(batch.payouts) == 7 and batch.gas_limit == most_gas(7)
    await _to_the_end(inside)
    (batch,) = await inside.batches()
    assert batch.state is BatchState.SETTLED
    parts = [(await inside.withdrawal(payout)).network_fee_minor for payout in asked]
    assert sum(parts) == batch.network_fee_minor and max(parts) - min(parts) <= 1
    assert (await inside.world.check(asked)).gaps == []
    assert await inside.world.check(asked)


async def test_one_by_itself_gets_a_plain_transfer(inside: Inside) -> None:
    asked = await inside.world.queue(1)
    await inside.pay()
    assert [batch.contract for batch in await inside.batches()] == [""]
    await _to_the_end(inside)
    assert await inside.world.check(asked)


async def test_whom_a_simulation_shows_to_fail_is_returned_before_a_nonce_is_given(inside: Inside) -> None:
    asked = await inside.world.queue(5)
    await inside.world.node.call("anvil_setCode", asked[2].address, REVERTS)
    await inside.pay()
    assert (await inside.withdrawal(asked[2])).state is PayoutState.RETURNED
    await _to_the_end(inside)
    assert await inside.world.check([*asked[:2], *asked[3:]])


async def test_who_fails_in_the_block_queues_again_and_is_returned_the_second_time(inside: Inside) -> None:
    asked = await inside.world.queue(4)
    await inside.pay()
    await inside.world.node.call("anvil_setCode", asked[1].address, REVERTS)
    await _to_the_end(inside)
    (batch,) = await inside.batches()
    assert batch.state is BatchState.SETTLED and batch.failed == (asked[1].id,)
    # Its next look is in the same pass: the simulation tells.
    returned = await inside.withdrawal(asked[1])
    assert (returned.state, returned.reverts) == (PayoutState.RETURNED, 1)
    assert await inside.world.check([asked[0], *asked[2:]])
