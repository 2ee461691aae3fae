"""The worker obeys at once: finish, drain, and everything paused, at forming, signing and in the posting itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from payout_worker.steps.form_batch import form_batch, room_now
from payout_worker.steps.sign_batch import sign_batch
from tests.faults.world import ITD
from tests.integration.worker.buyer import Buyer
from tests.integration.worker.inside import Inside
from wallet_core.domain.errors import Reason, Refused, WalletError
from wallet_core.domain.ledger import Posting, Receipt
from wallet_core.domain.mode import Mode, WhileOpen, switched_to
from wallet_core.domain.payout import Attempt, BatchState, PayoutState, Withdrawal
from wallet_core.domain.purchase import RailState
from wallet_core.domain.record import Change
from wallet_core.ports import Ledger
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.switchboard import switchboard


async def _switch(inside: Inside, mode: Mode) -> None:
    change = switched_to(await switchboard(inside.world.ports), mode, 7, "a test")
    await inside.world.ports.ledger.post(Posting(f"test:{new_id()}", "test", "test", changes=(change,)))


async def _formed(inside: Inside, payout: Withdrawal) -> None:
    room = await room_now(inside.ports, inside.tenure)
    assert await form_batch(inside.ports, inside.tenure, room, [payout]) is not None


async def _states(inside: Inside, *payouts: Withdrawal) -> list[PayoutState]:
    return [(await inside.withdrawal(payout)).state for payout in payouts]


async def test_a_rail_that_finishes_pays_what_is_in_a_batch_and_forms_nothing(inside: Inside) -> None:
    (first,) = await inside.world.queue(1)
    await _formed(inside, first)
    await inside.world.set_rail(RailState.FINISHING)
    (second,) = await inside.world.queue(1)
    for blocks in (0, 1, 2):
        await inside.pay(blocks=blocks)
    assert await _states(inside, first, second) == [PayoutState.SETTLED, PayoutState.QUEUED]
    await inside.world.set_rail(RailState.RUNNING)
    await inside.pay()
    assert await _states(inside, second) == [PayoutState.BATCHED]


async def test_a_rail_that_is_drained_pays_its_queue_until_it_is_empty(inside: Inside) -> None:
    first, second = await inside.world.queue(2)
    await inside.world.set_rail(RailState.DRAINING)
    for blocks in (0, 1, 2):
        await inside.pay(blocks=blocks)
    assert await _states(inside, first, second) == [PayoutState.SETTLED] * 2


async def test_in_withdraw_only_the_worker_pays_as_ever(inside: Inside) -> None:
    await _switch(inside, Mode.WITHDRAW_ONLY)
    (asked,) = await inside.world.queue(1)
    for blocks in (0, 1, 2):
        await inside.pay(blocks=blocks)
    assert await _states(inside, asked) == [PayoutState.SETTLED]


async def test_with_everything_paused_nothing_is_formed_or_signed_and_what_is_out_is_followed(inside: Inside) -> None:
    (out,) = await inside.world.queue(1)
    await inside.pay()
    (formed,) = await inside.world.queue(1)
    await _formed(inside, formed)
    (waits,) = await inside.world.queue(1)
    await _switch(inside, Mode.PAUSED)
    for blocks in (1, 2):
        await inside.pay(blocks=blocks)
    assert await _states(inside, out, formed, waits) == [PayoutState.SETTLED, PayoutState.BATCHED, PayoutState.QUEUED]
    (_, batch) = await inside.batches()
    assert batch.state is BatchState.FORMED and await inside.ports.store.count(Attempt, {"batch": batch.id}) == 0
    # Nobody is woken by it: whoever paused everything knows.
    assert await inside.told("alarm") == []
    await _switch(inside, Mode.OPEN)
    for blocks in (0, 1, 2):
        await inside.pay(blocks=blocks)
    assert await _states(inside, formed, waits) == [PayoutState.SETTLED] * 2


@dataclass
class Late:
    """A ledger that lets somebody switch just before the first posting of a kind, after the step has looked.

    ``without``: the planted bug, a guard that this posting lacks.
    """

    inside: Inside
    ledger: Ledger
    kind: str
    without: type[Change] | None = None
    switched: bool = False

    async def post(self, posting: Posting) -> Receipt:
        """See ``ports.Ledger.post``."""
        if posting.kind == self.kind and not self.switched:
            self.switched = True
            await _switch(self.inside, Mode.PAUSED)
        if posting.kind == self.kind and self.without:
            kept = tuple(change for change in posting.changes if not isinstance(change, self.without))
            posting = dataclasses.replace(posting, changes=kept)
        return await self.ledger.post(posting)

    async def post_many(self, postings: Sequence[Posting]) -> list[Receipt | WalletError]:
        """See ``ports.Ledger.post_many``."""
        return await self.ledger.post_many(postings)


async def _step(inside: Inside, kind: str, without: type[Change] | None) -> Reason | None:
    """Forms, or signs, while everything is paused between the look and the posting; why it was refused."""
    (asked,) = await inside.world.queue(1)
    if kind == "batch_signed":
        await _formed(inside, asked)
    late = replace(inside.ports, ledger=Late(inside, inside.ports.ledger, kind, without))
    try:
        if kind == "batch_signed":
            (batch,) = await inside.batches()
            await sign_batch(late, inside.tenure, batch)
        else:
            await form_batch(late, inside.tenure, await room_now(late, inside.tenure), [asked])
    except Refused as refused:
        return refused.reason
    return None


@pytest.mark.parametrize("kind", ["batch_formed", "batch_signed"])
async def test_a_step_that_looked_before_the_switch_is_refused_by_its_posting(inside: Inside, kind: str) -> None:
    assert await _step(inside, kind, None) is Reason.RAIL_OFF
    expected = [] if kind == "batch_formed" else [BatchState.FORMED]
    assert [batch.state for batch in await inside.batches()] == expected


async def test_without_the_switchboard_among_its_guards_the_batch_would_be_formed(inside: Inside) -> None:
    assert await _step(inside, "batch_formed", WhileOpen) is None
    assert [batch.state for batch in await inside.batches()] == [BatchState.FORMED]


@pytest.mark.parametrize("mode", [Mode.WITHDRAW_ONLY, Mode.PAUSED])
async def test_what_was_bought_before_is_credited_when_it_is_paid_in_every_mode(buyer: Buyer, mode: Mode) -> None:
    invoice = await buyer.invoice()
    await _switch(buyer.inside, mode)
    try:
        await buyer.arrived(invoice)
        assert await buyer.has() == (100 * ITD, 0)
    finally:
        # Others share this world.
        await _switch(buyer.inside, Mode.OPEN)
