"""Money that was bought by card: it is sent at once, and withdrawn by nobody before its time."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.mass import lines
from tests.unit.wallet_core.world import ADDRESS, ITD, World, reason_of, refusal
from wallet_core.domain.card_lots import lot_added, total_minor
from wallet_core.domain.errors import Reason
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.ledger import Posting
from wallet_core.domain.payout import Withdrawal
from wallet_core.domain.people import Caller, Role
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.quote_send import quote_send
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.request_withdrawal import request_withdrawal
from wallet_core.use_cases.start_mass_send import start_mass_send
from wallet_core.use_cases.upload_mass_send import upload_mass_send

WEEK = timedelta(days=7)


@pytest.fixture
async def alice(world: World) -> Caller:
    """She has 40 ITD that are old and 60 that are young."""
    await world.open_rail()
    alice = await world.person(1)
    await world.fund(alice, 100)
    await world.post(changes=(lot_added(1, "i1", 60 * ITD, WEEK),))
    return alice


@pytest.fixture
async def bob(world: World) -> Caller:
    return await world.person(2, "bob")


async def send(world: World, sender: Caller, itd: str, name: str = "@bob") -> None:
    quote = await quote_send(world.ports, sender, itd, name)
    await confirm_send(world.ports, sender, quote.intent.id, await world.code(sender))


async def withdraw(world: World, caller: Caller, itd: str) -> Withdrawal:
    quote = await quote_withdrawal(world.ports, caller, itd, "ETH", ADDRESS)
    return await request_withdrawal(world.ports, caller, quote.intent.id, await world.code(caller))


async def pay_many(world: World, payer: Caller, itd: int) -> None:
    send = await upload_mass_send(world.ports, payer, "pay.csv", lines(("@bob", "ITD", itd * ITD)))
    await start_mass_send(world.ports, payer, send.id, await world.code(payer))


async def young_minor(world: World, caller: Caller) -> int:
    return total_minor((await world.guards(caller)).card_lots)


async def test_young_money_is_not_withdrawn_and_its_owner_hears_when_it_may(world: World, alice: Caller) -> None:
    refused = await refusal(quote_withdrawal(world.ports, alice, "40", "ETH", ADDRESS))
    assert (refused.reason, refused.facts["policy"]) == (Reason.POLICY, "card_money")
    assert refused.facts["numbers"]["mature_minor"] == 40 * ITD
    assert refused.facts["numbers"]["frees_at"] - world.clock() <= WEEK
    # With the fee of half an ITD this is the most.
    assert (await withdraw(world, alice, "39.5")).amount_minor == 39_500_000
    assert await world.money(alice) == (60 * ITD, 40 * ITD)


async def test_after_its_time_it_is_money_like_any_other(world: World, alice: Caller) -> None:
    world.clock.turn(days=7)
    await withdraw(world, alice, "99.5")
    assert await world.money(alice) == (0, 100 * ITD)
    assert (await world.guards(alice)).card_lots == ()


async def test_money_that_turns_young_between_offer_and_code_is_not_withdrawn(world: World, alice: Caller) -> None:
    world.clock.turn(days=7)
    quote = await quote_withdrawal(world.ports, alice, "50", "ETH", ADDRESS)
    await world.post(changes=(lot_added(1, "i2", 60 * ITD, WEEK),))
    code = await world.code(alice)
    refused = await refusal(request_withdrawal(world.ports, alice, quote.intent.id, code))
    assert (refused.reason, refused.facts["policy"]) == (Reason.POLICY, "card_money")
    assert await world.money(alice) == (100 * ITD, 0)
    again = await quote_withdrawal(world.ports, alice, "39", "ETH", ADDRESS)
    assert await reason_of(request_withdrawal(world.ports, alice, again.intent.id, code)) is Reason.CODE_USED


async def test_a_send_takes_mature_money_first(world: World, alice: Caller, bob: Caller) -> None:
    await send(world, alice, "40")
    assert (await young_minor(world, alice), await young_minor(world, bob)) == (60 * ITD, 0)
    await withdraw(world, bob, "39.5")


async def test_a_friend_who_is_sent_young_money_cannot_withdraw_it_either(
    world: World, alice: Caller, bob: Caller
) -> None:
    (lot,) = (await world.guards(alice)).card_lots
    await send(world, alice, "100")
    (moved,) = (await world.guards(bob)).card_lots
    assert (moved.amount_minor, moved.invoice, moved.matures_at) == (60 * ITD, "i1", lot.matures_at)
    assert await young_minor(world, alice) == 0
    assert (await refusal(withdraw(world, bob, "60"))).facts["policy"] == "card_money"
    await send(world, bob, "50", "@user1")
    assert (await young_minor(world, alice), await young_minor(world, bob)) == (10 * ITD, 50 * ITD)


async def test_a_send_that_is_overtaken_is_decided_again_with_the_same_code(
    world: World, alice: Caller, bob: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    quote = await quote_send(world.ports, alice, "50", "@bob")
    post, rivals = world.memory.post, [lot_added(1, "i2", 20 * ITD, WEEK)]

    async def overtaken(posting: Posting) -> Any:
        if posting.kind == "sent" and rivals:
            await post(Posting("test:rival", "test", "test", changes=(rivals.pop(),)))
        return await post(posting)

    monkeypatch.setattr(world.memory, "post", overtaken)
    await confirm_send(world.ports, alice, quote.intent.id, await world.code(alice))
    assert rivals == []
    assert (await young_minor(world, alice), await young_minor(world, bob)) == (50 * ITD, 30 * ITD)
    assert await world.money(bob) == (50 * ITD, 0)


async def test_a_mass_payment_is_made_of_mature_money(world: World, alice: Caller, bob: Caller) -> None:
    await world.set_role(1, Role.FINANCE)
    assert await reason_of(pay_many(world, alice, 41)) is Reason.CARD_MONEY_YOUNG
    await pay_many(world, alice, 40)
    assert await world.money(alice) == (60 * ITD, 40 * ITD)


@pytest.mark.parametrize(
    ("fields", "reason"), [({"debt_minor": 1}, Reason.IN_DEBT), ({"disputes": ("dp_1",)}, Reason.DISPUTED)]
)
async def test_who_owes_neither_sends_nor_withdraws_nor_pays_many(
    world: World, alice: Caller, bob: Caller, fields: dict[str, Any], reason: Reason
) -> None:
    offered = await quote_send(world.ports, alice, "1", "@bob")
    quoted = await quote_withdrawal(world.ports, alice, "1", "ETH", ADDRESS)
    await world.set_role(1, Role.FINANCE)
    await world.post(changes=(ChangeGuards(1, lambda guards, _now: guards.with_(**fields)),))
    assert await reason_of(quote_send(world.ports, alice, "1", "@bob")) is reason
    assert await reason_of(quote_withdrawal(world.ports, alice, "1", "ETH", ADDRESS)) is Reason.POLICY
    assert await reason_of(confirm_send(world.ports, alice, offered.intent.id, await world.code(alice))) is reason
    code = await world.code(alice)
    assert await reason_of(request_withdrawal(world.ports, alice, quoted.intent.id, code)) is Reason.POLICY
    assert await reason_of(pay_many(world, alice, 1)) is reason
    assert await world.money(alice) == (100 * ITD, 0)
