"""What the desk reads of a dispute: when it opens, and in the same place how it ended."""

import pytest

from tests.integration.cards.rail import Rail
from tests.support.wallet import Wallet
from wallet_core.domain.case import Case, CaseState
from wallet_core.domain.people import Caller


@pytest.mark.parametrize(("end", "outcome"), [("lose", "lost"), ("win", "won")])
async def test_the_desk_reads_how_a_dispute_ended(
    *, rail: Rail, wallet: Wallet, alice: Caller, admin: Caller, end: str, outcome: str
) -> None:
    invoice = await rail.bought(alice)
    await rail.company.act(invoice.address, "dispute")
    await rail.look()
    await rail.company.act(invoice.address, end)
    await rail.look()
    await rail.look()
    (case,) = await rail.ports.store.find(Case, {})
    assert (case.state, case.facts["outcome"]) == (CaseState.CLOSED, outcome)
    opened, ended = (message for message in await rail.told("case") if message.person == admin.person)
    assert opened.thread == ended.thread
    assert (opened.facts["state"], ended.facts["state"]) == ("open", "closed")
    assert ended.facts["facts"]["outcome"] == outcome
