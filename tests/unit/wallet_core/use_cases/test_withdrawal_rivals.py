"""One withdrawal confirmed from two devices at the same moment: one request, and the second is told that it is done."""

from __future__ import annotations

import dataclasses

import pytest

from tests.unit.wallet_core.desk import Slow
from tests.unit.wallet_core.world import ADDRESS, ITD, World
from wallet_core.domain.errors import AlreadyDone
from wallet_core.domain.payout import Withdrawal
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.request_withdrawal import request_withdrawal


#: Whom the rules find: 20 ITD the same once more, to be reviewed; 201 ITD beyond the day's limit.
@pytest.mark.parametrize("itd", [20, 201])
async def test_what_the_rules_find_of_the_first_is_no_contradiction_of_the_second(itd: int) -> None:
    world = World(duplicate_within_seconds=3_600)
    await world.open_rail()
    alice = await world.person(1)
    await world.fund(alice, 1_000)
    offer, code = (await quote_withdrawal(world.ports, alice, str(itd), "ETH", ADDRESS)).intent, await world.code(alice)
    # The other device comes while this one's code is looked at.
    other = Slow(world, "code_attempted", lambda: request_withdrawal(world.ports, alice, offer.id, code))
    with pytest.raises(AlreadyDone) as done:
        await request_withdrawal(dataclasses.replace(world.ports, ledger=other), alice, offer.id, code)
    (only,) = await world.memory.find(Withdrawal, {})
    assert done.value.result == only and (await world.money(alice))[1] == itd * ITD + offer.fee_minor
