"""Sending ITD on the real MongoDB."""

import asyncio
import sys
from collections.abc import Awaitable
from pathlib import Path

import pytest

from tests.support.wallet import ITD, Wallet
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.kyc import LEVELS, Operation, used
from wallet_core.domain.ledger import Balance
from wallet_core.domain.people import Caller, Person
from wallet_core.use_cases.cancel_intent import cancel_intent
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.freeze import freeze
from wallet_core.use_cases.limits import today
from wallet_core.use_cases.quote_send import quote_send
from wallet_core.use_cases.unfreeze import unfreeze


async def reason_of(awaitable: Awaitable[object]) -> Reason:
    with pytest.raises(Refused) as refused:
        await awaitable
    return refused.value.reason


async def test_a_send_moves_the_money_and_tells_both(wallet: Wallet) -> None:
    anna, ben = await wallet.person(20), await wallet.person()
    quote = await quote_send(wallet.ports, anna, "5", f"@person{ben.person}")
    assert quote.balance_after_minor == 15 * ITD
    await confirm_send(wallet.ports, anna, quote.intent.id, await wallet.code(anna))
    assert (await wallet.balance(anna), await wallet.balance(ben)) == ((15 * ITD, 0), (5 * ITD, 0))
    messages = await wallet.ports.store.find(OutboxMessage, {}, order_by=("at", "order"))
    assert [(m.person, m.template) for m in messages] == [(anna.person, "sent"), (ben.person, "received")]


@pytest.mark.parametrize(
    "typed", ["-1", "0", "1e400", "١٢", "1_000", "NaN", "9" * 10_000, "1.0000001", "", "+1", "1,5", "0x10", "01"]
)
async def test_a_malformed_amount_is_refused(wallet: Wallet, typed: str) -> None:
    anna, ben = await wallet.person(20), await wallet.person()
    assert await reason_of(quote_send(wallet.ports, anna, typed, f"@person{ben.person}")) is Reason.BAD_AMOUNT


async def test_who_cannot_receive_is_named_before_anything_moves(wallet: Wallet) -> None:
    anna = await wallet.person(20)
    stranger = Person(id=5, display_name="S", username="S", username_key="s", seen_at=await wallet.ports.store.now())
    await wallet.ports.store.put(stranger)
    assert await reason_of(quote_send(wallet.ports, anna, "5", "@nobody")) is Reason.UNKNOWN_RECIPIENT
    assert await reason_of(quote_send(wallet.ports, anna, "5", f"@person{anna.person}")) is Reason.RECIPIENT_IS_SELF
    assert await wallet.balance(anna) == (20 * ITD, 0)


async def test_more_than_there_is_cannot_be_sent(wallet: Wallet) -> None:
    anna, ben = await wallet.person(4), await wallet.person()
    assert await reason_of(quote_send(wallet.ports, anna, "5", f"@person{ben.person}")) is Reason.INSUFFICIENT_FUNDS


async def test_small_sends_after_a_code_need_none_up_to_the_ceiling(wallet: Wallet) -> None:
    anna, ben = await wallet.person(200), await wallet.person()
    to = f"@person{ben.person}"
    first = await quote_send(wallet.ports, anna, "1", to)
    assert await reason_of(confirm_send(wallet.ports, anna, first.intent.id)) is Reason.CODE_NEEDED
    await confirm_send(wallet.ports, anna, first.intent.id, await wallet.code(anna))
    within = await quote_send(wallet.ports, anna, "50", to)
    await confirm_send(wallet.ports, anna, within.intent.id)
    above = await quote_send(wallet.ports, anna, "0.01", to)
    assert await reason_of(confirm_send(wallet.ports, anna, above.intent.id)) is Reason.CODE_NEEDED
    assert await wallet.balance(ben) == (51 * ITD, 0)


async def test_a_send_confirmed_twice_is_sent_once(wallet: Wallet) -> None:
    anna, ben = await wallet.person(20), await wallet.person()
    quote = await quote_send(wallet.ports, anna, "5", f"@person{ben.person}")
    code = await wallet.code(anna)
    outcomes = await asyncio.gather(
        *(confirm_send(wallet.ports, anna, quote.intent.id, code) for _ in range(4)), return_exceptions=True
    )
    assert any(not isinstance(outcome, BaseException) for outcome in outcomes)
    with pytest.raises(AlreadyDone):
        await confirm_send(wallet.ports, anna, quote.intent.id, code)
    assert await wallet.balance(ben) == (5 * ITD, 0)


async def test_an_offer_belongs_to_its_person_ends_and_can_be_cancelled(
    wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, ben = await wallet.person(20), await wallet.person(20)
    to = f"@person{ben.person}"
    quote = await quote_send(wallet.ports, anna, "5", to)
    assert await reason_of(confirm_send(wallet.ports, ben, quote.intent.id)) is Reason.NOT_YOURS
    await cancel_intent(wallet.ports, anna, quote.intent.id)
    code = await wallet.code(anna)
    assert await reason_of(confirm_send(wallet.ports, anna, quote.intent.id, code)) is Reason.WRONG_STATE
    monkeypatch.setattr("wallet_core.use_cases.intents.timedelta", lambda **_: -__import__("datetime").timedelta(1))
    late = await quote_send(wallet.ports, anna, "5", to)
    assert await reason_of(confirm_send(wallet.ports, anna, late.intent.id, await wallet.code(anna))) is Reason.EXPIRED
    assert await wallet.balance(anna) == (20 * ITD, 0)


async def test_a_frozen_person_sends_nothing_and_an_unfrozen_one_does(wallet: Wallet) -> None:
    anna, ben = await wallet.person(20), await wallet.person()
    quote = await quote_send(wallet.ports, anna, "5", f"@person{ben.person}")
    await freeze(wallet.ports, anna)
    assert await reason_of(confirm_send(wallet.ports, anna, quote.intent.id, await wallet.code(anna))) is Reason.FROZEN
    await unfreeze(wallet.ports, anna, await wallet.code(anna))
    await confirm_send(wallet.ports, anna, quote.intent.id)
    assert await wallet.balance(ben) == (5 * ITD, 0)


async def test_the_days_limits_of_both_sides_are_exact(wallet: Wallet) -> None:
    limit = LEVELS[1][Operation.SEND]
    anna, ben = await wallet.person(400), await wallet.person()
    to = f"@person{ben.person}"
    quotes = [await quote_send(wallet.ports, anna, "1", to) for _ in range(limit.count + 5)]
    first = await asyncio.gather(confirm_send(wallet.ports, anna, quotes[0].intent.id, await wallet.code(anna)))
    outcomes = first + await asyncio.gather(
        *(confirm_send(wallet.ports, anna, quote.intent.id) for quote in quotes[1:]), return_exceptions=True
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert len(refused) == 5 and {r.reason for r in refused} == {Reason.LIMIT_COUNT}
    assert refused[0].facts["limit_count"] == limit.count and refused[0].facts["next_level_count"] == 50
    day = (await today(wallet.ports)).day
    for caller, operation in ((anna, Operation.SEND), (ben, Operation.RECEIVE)):
        guards = await wallet.ports.store.get(Guards, caller.person)
        assert guards is not None and used(guards, operation, day).count == limit.count


async def test_a_strangers_full_day_makes_it_wait_without_its_figures(wallet: Wallet) -> None:
    senders = [await wallet.person(490, level=2) for _ in range(5)]
    ben = await wallet.person()
    for sender in senders:
        quote = await quote_send(wallet.ports, sender, "490", f"@person{ben.person}")
        await confirm_send(wallet.ports, sender, quote.intent.id, await wallet.code(sender))
    assert await wallet.balance(ben) == (1_960 * ITD, 0)
    assert await wallet.balance(senders[4]) == (0, 490 * ITD)
    (told,) = await wallet.ports.store.find(OutboxMessage, {"person": senders[4].person})
    assert told.template == "claimable_sent" and "limit_minor" not in told.facts


async def test_fifty_people_sending_from_two_processes_keep_sum_and_limits(
    wallet: Wallet, mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    people = [await wallet.person(30) for _ in range(50)]
    names = ",".join(str(person.person) for person in people)
    argv = [sys.executable, "-m", "tests.support.sender", mongo_uri, database_name, names]
    senders = [await asyncio.create_subprocess_exec(*argv, str(seed)) for seed in (1, 2)]
    assert [await asyncio.wait_for(sender.wait(), 120) for sender in senders] == [0, 0]
    balances = [await wallet.balance(person) for person in people]
    assert sum(available for available, _ in balances) == 50 * 30 * ITD
    assert all(available >= 0 and held == 0 for available, held in balances)
    day = (await today(wallet.ports)).day
    sent = [await _used(wallet, person, Operation.SEND, day) for person in people]
    received = [await _used(wallet, person, Operation.RECEIVE, day) for person in people]
    limit = LEVELS[1][Operation.SEND]
    assert sum(sent) == sum(received) > 50
    assert max(sent) == limit.count, "each person tries more often than their level allows"
    assert await wallet.ports.store.count(Balance, {}) > 50


async def _used(wallet: Wallet, person: Caller, operation: Operation, day: str) -> int:
    guards = await wallet.ports.store.get(Guards, person.person)
    return used(guards, operation, day).count if guards else 0


async def test_dust_from_strangers_does_not_use_up_a_persons_day(wallet: Wallet) -> None:
    senders = [await wallet.person(5) for _ in range(6)]
    ben, friend = await wallet.person(), await wallet.person(50)
    for sender in senders:
        codes = [await wallet.code(sender)] + [None] * 8
        for code in codes:
            quote = await quote_send(wallet.ports, sender, "0.01", f"@person{ben.person}")
            await confirm_send(wallet.ports, sender, quote.intent.id, code)
    quote = await quote_send(wallet.ports, friend, "20", f"@person{ben.person}")
    await confirm_send(wallet.ports, friend, quote.intent.id, await wallet.code(friend))
    assert await _used(wallet, ben, Operation.RECEIVE, (await today(wallet.ports)).day) == 1
    assert await wallet.balance(ben) == (20 * ITD + 6 * 9 * ITD // 100, 0)
