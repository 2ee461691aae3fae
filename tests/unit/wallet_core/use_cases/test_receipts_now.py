"""A receipt as it is now: the place in the queue, the batch and its attempts, and only to its owner."""

from typing import Any

import pytest

from tests.unit.wallet_core.use_cases.test_withdrawal import requested
from tests.unit.wallet_core.world import ADDRESS, World, reason_of
from wallet_core.domain.changes import Insert, Move
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import Reason
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Attempt, AttemptKind, Batch, BatchState, PayoutState, Withdrawal, move_payout
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.purchase import Rail, RailState
from wallet_core.use_cases.queue_place import queue_place
from wallet_core.use_cases.review_withdrawal import review_withdrawal
from wallet_core.use_cases.show_withdrawal import show_withdrawal
from wallet_core.use_cases.show_withdrawals import show_withdrawals


@pytest.fixture
async def alice(world: World) -> Caller:
    await world.open_rail()
    alice = await world.person(1)
    await world.fund(alice, 1_000)
    return alice


async def facts(world: World, caller: Caller, withdrawal: Withdrawal) -> dict[str, Any]:
    """What the receipt says now."""
    return dict((await show_withdrawal(world.ports, caller, withdrawal.id)).facts)


async def told(world: World, withdrawal: Withdrawal) -> dict[str, Any]:
    """What the person was told last."""
    thread = {"thread": f"withdrawal:{withdrawal.id}"}
    found = await world.memory.find(OutboxMessage, thread, order_by=("-at", "-order"), limit=1)
    return found[0].facts


async def test_the_place_is_told_with_the_request_and_moves_up(world: World, alice: Caller) -> None:
    first, second, third = [await requested(world, alice, "2") for _ in range(3)]
    places = [await told(world, withdrawal) for withdrawal in (first, second, third)]
    assert [(told["place"], told["length"]) for told in places] == [(1, 1), (2, 2), (3, 3)]
    assert await queue_place(world.ports, second) == (2, 3)
    await world.post(changes=(move_payout(first.id, PayoutState.QUEUED, PayoutState.BATCHED, batch="b"),))
    now = await facts(world, alice, third)
    assert (now["step"], now["place"], now["length"]) == ("queued", 2, 2)


async def test_another_chain_has_a_queue_of_its_own_and_twins_are_told_apart(world: World, alice: Caller) -> None:
    mine = await requested(world, alice, "2")
    others = {"x": {"asset": Asset.LTC}, "0": {}, "z": {}}
    for withdrawal_id, changed in others.items():
        twin = mine.model_copy(update={"id": withdrawal_id, **changed})
        await world.post(changes=(Insert(twin),))
    assert await queue_place(world.ports, mine) == (2, 3)


async def test_what_was_reviewed_takes_the_place_of_its_age(world: World, alice: Caller) -> None:
    finance = await world.person(9, role=Role.FINANCE)
    reviewed = await requested(world, alice, "201")
    await requested(world, alice, "2")
    await review_withdrawal(world.ports, finance, reviewed.id, True, await world.code(finance))
    now = await told(world, reviewed)
    assert (now["step"], now["place"], now["length"]) == ("queued", 1, 2)


async def test_a_wait_that_is_over_is_told_no_more_and_a_pause_is(world: World, alice: Caller) -> None:
    withdrawal = await requested(world, alice, "2")
    assert (await facts(world, alice, withdrawal))["not_before"] is not None
    world.clock.turn(days=2)
    now = await facts(world, alice, withdrawal)
    assert now["not_before"] is None and "policy" not in now
    await world.post(changes=(Move(Rail, Asset.ETH, frozenset(RailState), RailState.PAUSED),))
    assert (await facts(world, alice, withdrawal))["policy"] == "paused_chain"


WAY = [
    ({"state": BatchState.FORMED}, (), "batched", {"count": 1}),
    ({"state": BatchState.SIGNED}, (False,), "batched", {"txid": "t1"}),
    ({"state": BatchState.BROADCAST}, (True,), "broadcast", {"txid": "t1", "attempt": 1, "price_minor": 10}),
    ({"state": BatchState.BROADCAST, "unknown": True}, (True,), "unknown", {"txid": "t1"}),
    ({"state": BatchState.SIGNED}, (True, False), "broadcast", {"attempt": 2}),
    ({"state": BatchState.BROADCAST}, (True, True), "bumped", {"txid": "t2", "attempt": 2, "price_minor": 20}),
    ({"state": BatchState.CONFIRMED, "txid": "t1", "confirmations": 3}, (True, True), "confirmed",
     {"txid": "t1", "confirmations": 3}),
]  # fmt: skip


@pytest.mark.parametrize(("batch", "sent", "step", "known"), WAY)
async def test_a_batch_is_followed_by_its_attempts(  # noqa: PLR0917 - one for each column
    world: World, alice: Caller, batch: dict[str, Any], sent: tuple[bool, ...], step: str, known: dict[str, Any]
) -> None:
    withdrawal = await requested(world, alice, "2")
    await _batched(world, withdrawal, sent, **batch)
    now = await facts(world, alice, withdrawal)
    assert now["step"] == step
    assert {name: now[name] for name in known} == known


async def test_a_child_raises_the_fee_of_the_payment_and_a_no_op_is_nobodys_payment(
    world: World, alice: Caller
) -> None:
    withdrawal, other = await requested(world, alice, "2"), await requested(world, alice, "2")
    await _batched(world, withdrawal, (True, True), kinds=(AttemptKind.PAYMENT, AttemptKind.CHILD))
    now = await facts(world, alice, withdrawal)
    assert (now["step"], now["txid"], now["attempt"]) == ("bumped", "t1", 2)
    await _batched(world, other, (True,), kinds=(AttemptKind.NO_OP,))
    now = await facts(world, alice, other)
    assert (now["step"], now["txid"]) == ("batched", None)


async def test_what_is_settled_shows_its_transaction_and_its_share_of_the_fee(world: World, alice: Caller) -> None:
    withdrawal = await requested(world, alice, "2")
    await _batched(world, withdrawal, (True,))
    settled = {"txid": "t1", "network_fee_minor": 141}
    await world.post(changes=(move_payout(withdrawal.id, PayoutState.BATCHED, PayoutState.SETTLED, **settled),))
    now = await facts(world, alice, withdrawal)
    assert (now["step"], now["txid"], now["network_fee_minor"]) == ("settled", "t1", 141)


async def test_the_list_has_what_is_under_way_of_the_caller_alone_in_pages(world: World, alice: Caller) -> None:
    bob = await world.person(2)
    mine = await requested(world, alice, "2")
    for number in range(6):
        await world.post(changes=(Insert(mine.model_copy(update={"id": f"z{number}", "address": ADDRESS})),))
    settled = {"id": "done", "state": PayoutState.SETTLED}
    await world.post(changes=(Insert(mine.model_copy(update=settled)),))
    first, second = await show_withdrawals(world.ports, alice), await show_withdrawals(world.ports, alice, 2)
    assert (len(first.receipts), first.has_more, len(second.receipts), second.has_more) == (5, True, 2, False)
    assert (await show_withdrawals(world.ports, bob)).receipts == []
    assert await reason_of(show_withdrawal(world.ports, bob, mine.id)) is Reason.NOT_YOURS
    assert await reason_of(show_withdrawal(world.ports, bob, "none")) is Reason.NOT_FOUND


async def _batched(
    world: World,
    withdrawal: Withdrawal,
    sent: tuple[bool, ...],
    kinds: tuple[AttemptKind, ...] = (),
    **batch: Any,
) -> None:
    """A batch of this payout with an attempt for each of ``sent``, broadcast or not."""
    name = f"b:{withdrawal.id}"
    fields = {"state": BatchState.BROADCAST, "asset": Asset.ETH, "payouts": (withdrawal.id,), "sender": "hot", **batch}
    kinds = kinds or (AttemptKind.PAYMENT,) * len(sent)
    attempts = [
        Attempt(
            id=f"{name}:{number}",
            batch=name,
            number=number,
            txid=f"t{number}",
            raw=b"",
            kind=kind,
            price_minor=10 * number,
            broadcast_at=world.clock() if was_sent else None,
        )
        for number, (kind, was_sent) in enumerate(zip(kinds, sent, strict=True), 1)
    ]
    await world.post(
        changes=(
            Insert(Batch(id=name, **fields)),
            *(Insert(attempt) for attempt in attempts),
            move_payout(withdrawal.id, PayoutState.QUEUED, PayoutState.BATCHED, batch=name),
        )
    )
