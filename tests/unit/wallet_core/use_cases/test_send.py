"""Sending: offered first, moved once, and refused without a trace."""

import pytest

from tests.unit.wallet_core.world import ITD, World, reason_of
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import AlreadyDone, Reason
from wallet_core.domain.intent import Intent, IntentState
from wallet_core.domain.kyc import BUILT_IN_LEVELS, Operation, TakeLimit, used
from wallet_core.domain.people import Caller
from wallet_core.use_cases.cancel_intent import cancel_intent
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.freeze import freeze
from wallet_core.use_cases.quote_send import quote_send
from wallet_core.use_cases.remember_person import remember_person

DAY = "2026-11-22"


@pytest.fixture
async def alice(world: World) -> Caller:
    alice = await world.person(1, "alice")
    await world.fund(alice, 100)
    return alice


@pytest.fixture
async def bob(world: World) -> Caller:
    return await world.person(2, "bob")


async def offered(world: World, caller: Caller, amount: str = "5") -> str:
    return (await quote_send(world.ports, caller, amount, "@bob")).intent.id


async def test_an_offer_shows_who_what_and_what_would_be_left_and_moves_nothing(
    world: World, alice: Caller, bob: Caller
) -> None:
    quote = await quote_send(world.ports, alice, "5", "@Bob")
    assert (quote.recipient.id, quote.intent.amount_minor) == (bob.person, 5 * ITD)
    assert quote.balance_after_minor == 95 * ITD
    assert (quote.remaining.count, quote.remaining.amount_minor) == (9, 495 * ITD)
    assert await world.money(alice) == (100 * ITD, 0)


@pytest.mark.parametrize(
    ("amount", "to", "reason"),
    [
        ("0.009999", "@bob", Reason.BELOW_MINIMUM),
        ("-5", "@bob", Reason.BAD_AMOUNT),
        ("five", "@bob", Reason.BAD_AMOUNT),
        ("100.000001", "@bob", Reason.INSUFFICIENT_FUNDS),
        ("501", "@bob", Reason.LIMIT_AMOUNT),
        ("5", "@nobody", Reason.UNKNOWN_RECIPIENT),
        ("5", "@", Reason.UNKNOWN_RECIPIENT),
        ("5", "", Reason.UNKNOWN_RECIPIENT),
        ("5", "@alice", Reason.RECIPIENT_IS_SELF),
    ],
)
@pytest.mark.usefixtures("bob")
async def test_what_cannot_be_sent_is_not_even_offered(
    world: World, alice: Caller, amount: str, to: str, reason: Reason
) -> None:
    assert await reason_of(quote_send(world.ports, alice, amount, to)) is reason
    assert await world.memory.count(Intent, {}) == 0


async def test_the_offer_says_when_somebody_has_not_joined(world: World, alice: Caller) -> None:
    await remember_person(world.ports, Caller(3), display_name="Carol", username="carol", language="en")
    quote = await quote_send(world.ports, alice, "5", "@carol")
    assert quote.recipient is not None and not quote.recipient.joined


async def test_a_send_moves_the_money_takes_both_limits_and_tells_both(
    world: World, alice: Caller, bob: Caller
) -> None:
    await confirm_send(world.ports, alice, await offered(world, alice))
    assert await world.money(alice) == (95 * ITD, 0)
    assert await world.money(bob) == (5 * ITD, 0)
    assert used(await world.guards(alice), Operation.SEND, DAY).amount_minor == 5 * ITD
    assert used(await world.guards(bob), Operation.RECEIVE, DAY).count == 1
    told = {(m.person, m.template) for m in await world.memory.find(OutboxMessage, {"template": ("sent", "received")})}
    assert told == {(1, "sent"), (2, "received")}
    assert set(world.sums().values()) == {0}


async def test_pressing_confirm_twice_sends_once(world: World, alice: Caller, bob: Caller) -> None:
    intent = await offered(world, alice)
    await confirm_send(world.ports, alice, intent)
    with pytest.raises(AlreadyDone):
        await confirm_send(world.ports, alice, intent)
    assert await world.money(bob) == (5 * ITD, 0)


async def test_a_large_send_takes_a_code_and_a_small_one_right_after_it_none(
    world: World, alice: Caller, bob: Caller
) -> None:
    large = await offered(world, alice, "51")
    assert await reason_of(confirm_send(world.ports, alice, large)) is Reason.CODE_NEEDED
    await confirm_send(world.ports, alice, large, await world.code(alice))
    await confirm_send(world.ports, alice, await offered(world, alice, "10"))
    assert await world.money(bob) == (61 * ITD, 0)


@pytest.mark.usefixtures("bob")
async def test_a_quarter_of_an_hour_after_the_last_code_even_a_cent_takes_one(world: World, alice: Caller) -> None:
    world.clock.turn(minutes=15, seconds=1)
    assert await reason_of(confirm_send(world.ports, alice, await offered(world, alice, "0.01"))) is Reason.CODE_NEEDED


async def test_a_wrong_code_moves_nothing_and_the_offer_stays(world: World, alice: Caller, bob: Caller) -> None:
    intent = await offered(world, alice, "51")
    assert await reason_of(confirm_send(world.ports, alice, intent, "000000")) is Reason.WRONG_CODE
    assert await world.money(bob) == (0, 0)
    await confirm_send(world.ports, alice, intent, await world.code(alice))
    assert await world.money(bob) == (51 * ITD, 0)


@pytest.mark.usefixtures("bob")
async def test_a_code_is_used_up_even_when_the_send_is_refused(world: World, alice: Caller) -> None:
    intent = await offered(world, alice)
    code = await world.code(alice)
    await freeze(world.ports, alice)
    assert await reason_of(confirm_send(world.ports, alice, intent, code)) is Reason.FROZEN
    assert await reason_of(confirm_send(world.ports, alice, intent, code)) is Reason.CODE_USED


async def test_nothing_leaves_a_frozen_person_but_money_reaches_them(world: World, alice: Caller, bob: Caller) -> None:
    await world.fund(bob, 10)
    await freeze(world.ports, alice)
    assert await reason_of(confirm_send(world.ports, alice, await offered(world, alice))) is Reason.FROZEN
    to_alice = (await quote_send(world.ports, bob, "1", "alice")).intent.id
    await confirm_send(world.ports, bob, to_alice)
    assert await world.money(alice) == (101 * ITD, 0)


@pytest.mark.usefixtures("bob")
async def test_an_offer_that_expired_or_was_cancelled_is_not_carried_out(world: World, alice: Caller) -> None:
    cancelled, expired = await offered(world, alice), await offered(world, alice)
    await cancel_intent(world.ports, alice, cancelled)
    await cancel_intent(world.ports, alice, cancelled)
    assert await reason_of(confirm_send(world.ports, alice, cancelled)) is Reason.WRONG_STATE
    world.clock.turn(seconds=world.ports.settings.intent_seconds + 1)
    assert await reason_of(confirm_send(world.ports, alice, expired)) is Reason.EXPIRED
    assert await world.money(alice) == (100 * ITD, 0)


async def test_nobody_confirms_or_cancels_the_offer_of_another(world: World, alice: Caller, bob: Caller) -> None:
    intent = await offered(world, alice)
    assert await reason_of(confirm_send(world.ports, bob, intent)) is Reason.NOT_YOURS
    assert await reason_of(cancel_intent(world.ports, bob, intent)) is Reason.NOT_YOURS
    assert await reason_of(confirm_send(world.ports, bob, "no such")) is Reason.NOT_FOUND
    stored = await world.memory.get(Intent, intent)
    assert stored is not None
    assert stored.state is IntentState.OPEN


async def test_a_day_that_fills_up_while_it_is_decided_makes_it_wait(
    world: World, alice: Caller, bob: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last look says that there is room; the posting, which comes after it, finds none."""
    looks = iter((True, False))

    async def can_receive(*_: object) -> bool:
        return next(looks)

    monkeypatch.setattr("wallet_core.use_cases.confirm_send.can_receive", can_receive)
    for _ in range(50):
        await world.post(changes=(TakeLimit(bob.person, Operation.RECEIVE, ITD, DAY, BUILT_IN_LEVELS),))
    await confirm_send(world.ports, alice, await offered(world, alice), await world.code(alice))
    assert await world.money(alice) == (95 * ITD, 5 * ITD)
    assert await world.money(bob) == (0, 0)


async def test_the_fee_is_paid_on_top_and_is_the_houses_income() -> None:
    world = World(send_fee="0.1")
    alice, bob = await world.person(1, "alice"), await world.person(2, "bob")
    await world.fund(alice, 5.1)
    await confirm_send(world.ports, alice, await offered(world, alice))
    assert (await world.money(alice), await world.money(bob)) == ((0, 0), (5 * ITD, 0))
    assert set(world.sums().values()) == {0}
