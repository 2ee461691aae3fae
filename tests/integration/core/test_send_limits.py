"""Both sides' limits of the day, exact whatever comes at once, on the real MongoDB: directly, by claims, by asking."""

import asyncio
from collections.abc import Awaitable, Iterable
from itertools import chain

from tests.support.wallet import ITD, Wallet
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.claimable import WAITING, Claimable
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import ChangeGuards, Guards
from wallet_core.domain.kyc import Operation, used
from wallet_core.domain.ledger import Posting
from wallet_core.domain.payment_request import Payers
from wallet_core.domain.people import Caller
from wallet_core.use_cases.ask_claim import ask_claim
from wallet_core.use_cases.claim import claim
from wallet_core.use_cases.claim_links import start_parameter
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.limits import today
from wallet_core.use_cases.quote_request import quote_request
from wallet_core.use_cases.quote_send import ByLink, Picked, quote_send
from wallet_core.use_cases.refuse_claimant import refuse_claimant
from wallet_core.use_cases.request_payment import request_payment
from wallet_core.use_cases.requests import request_of

#: Of level 1, in a day.
SENDS, RECEIPTS, RECEIVED_ITD = 10, 50, 2_000


async def counted(wallet: Wallet, person: Caller, operation: Operation) -> tuple[int, int]:
    """How often, and how much whole ITD."""
    guards = await wallet.ports.store.get(Guards, person.person)
    assert guards is not None, "nobody"
    taken = used(guards, operation, (await today(wallet.ports)).day)
    return taken.count, taken.amount_minor // ITD


async def with_fresh_codes(wallet: Wallet, people: Iterable[Caller]) -> None:
    """Each gave a code just now, so that small sends need none."""
    now = await wallet.ports.store.now()
    fresh = [
        ChangeGuards(one.person, lambda guards, _: guards.with_(code_at=now, sent_since_code_minor=0)) for one in people
    ]
    await wallet.ports.ledger.post_many(
        [Posting(f"test:{new_id()}", "test", "test", changes=(change,)) for change in fresh]
    )


async def people_with(wallet: Wallet, itd: int, count: int) -> list[Caller]:
    """So many people with so much ITD each, who gave a code just now."""
    people = await asyncio.gather(*(wallet.person(itd) for _ in range(count)))
    await with_fresh_codes(wallet, people)
    return list(people)


async def sent(wallet: Wallet, sender: Caller, to: str | Picked | ByLink, amount: str = "1") -> str:
    """Sent, or held, under this id."""
    quote = await quote_send(wallet.ports, sender, amount, to)
    await confirm_send(wallet.ports, sender, quote.intent.id)
    return quote.intent.id


async def reasons(rivals: Iterable[Awaitable[object]]) -> list[Reason | None]:
    """Why each was refused; None for those who had their way."""
    outcomes = await asyncio.gather(*rivals, return_exceptions=True)
    strange = [one for one in outcomes if isinstance(one, BaseException) and not isinstance(one, Refused)]
    assert not strange, strange
    return [one.reason if isinstance(one, Refused) else None for one in outcomes]


async def test_a_hundred_sends_at_once_take_ten_of_the_sender_and_ten_of_the_others(wallet: Wallet) -> None:
    anna, ben = await wallet.person(100), await wallet.person()
    await with_fresh_codes(wallet, [anna])
    quotes = [await quote_send(wallet.ports, anna, "1", f"@person{ben.person}") for _ in range(50)]
    quotes += [await quote_send(wallet.ports, anna, "1", ByLink()) for _ in range(50)]
    came = await reasons(confirm_send(wallet.ports, anna, quote.intent.id) for quote in quotes)
    assert came.count(None) == SENDS and set(came) == {None, Reason.LIMIT_COUNT}
    assert await counted(wallet, anna, Operation.SEND) == (SENDS, SENDS)
    direct = came[:50].count(None)
    assert await counted(wallet, ben, Operation.RECEIVE) == (direct, direct)
    assert await wallet.balance(anna) == ((100 - SENDS) * ITD, (SENDS - direct) * ITD)


async def test_of_a_hundred_who_send_to_one_fifty_reach_them_and_the_others_wait(wallet: Wallet) -> None:
    ben, people = await wallet.person(), await people_with(wallet, 1, 100)
    await asyncio.gather(*(sent(wallet, one, f"@person{ben.person}") for one in people))
    assert await counted(wallet, ben, Operation.RECEIVE) == (RECEIPTS, RECEIPTS)
    assert await wallet.balance(ben) == (RECEIPTS * ITD, 0)
    waiting = await wallet.ports.store.find(Claimable, {"recipient": ben.person, "state": tuple(WAITING)})
    assert len(waiting) == 100 - RECEIPTS
    assert [await counted(wallet, one, Operation.SEND) for one in people] == [(1, 1)] * 100
    late = await reasons(claim(wallet.ports, ben, one.id) for one in waiting)
    assert set(late) == {Reason.LIMIT_COUNT}


async def test_claims_and_sends_at_once_fill_one_day_and_no_more(wallet: Wallet) -> None:
    """By the amount: 2,000 ITD of 40 each, whichever way they come."""
    zoe, people = await wallet.person(), await people_with(wallet, 80, 50)
    await _enrolled(wallet, zoe, secret=None)
    held = await asyncio.gather(*(sent(wallet, one, Picked(zoe.person, "Zoe"), "40") for one in people))
    await _enrolled(wallet, zoe, secret=b"sealed")
    await with_fresh_codes(wallet, people)
    claims = (claim(wallet.ports, zoe, one) for one in held)
    direct = (sent(wallet, one, f"@person{zoe.person}", "40") for one in people)
    came = await reasons(chain(claims, direct))
    count, itd = await counted(wallet, zoe, Operation.RECEIVE)
    assert (count, itd) == (RECEIPTS, RECEIVED_ITD)
    assert await wallet.balance(zoe) == (RECEIVED_ITD * ITD, 0)
    # What was sent always has its way: directly, or to be claimed another day.
    assert set(came[:50]) <= {None, Reason.LIMIT_AMOUNT, Reason.LIMIT_COUNT} and set(came[50:]) == {None}


async def test_a_hundred_links_opened_at_once_take_fifty_and_a_no_gives_each_back_once(wallet: Wallet) -> None:
    ben, people = await wallet.person(), await people_with(wallet, 1, 100)
    held = await asyncio.gather(*(sent(wallet, one, ByLink()) for one in people))
    came = await reasons(ask_claim(wallet.ports, ben, start_parameter(wallet.ports, one)) for one in held)
    assert came.count(None) == RECEIPTS
    assert await counted(wallet, ben, Operation.RECEIVE) == (RECEIPTS, RECEIPTS)
    asked = [(one, link) for one, link, why in zip(people, held, came, strict=True) if why is None]
    noes = (refuse_claimant(wallet.ports, one, link, ben.person) for one, link in asked for _ in range(2))
    assert (await reasons(noes)).count(None) == RECEIPTS
    assert await counted(wallet, ben, Operation.RECEIVE) == (0, 0)


async def test_all_who_pay_one_request_at_once_stand_in_the_requesters_card(wallet: Wallet) -> None:
    anna, people = await wallet.person(), await people_with(wallet, 5, 8)
    request = await request_payment(wallet.ports, anna, "5", Payers.MANY)
    quotes = await asyncio.gather(*(quote_request(wallet.ports, one, request.id) for one in people))
    pays = (confirm_send(wallet.ports, one, quote.intent.id) for one, quote in zip(people, quotes, strict=True))
    assert set(await reasons(pays)) == {None}
    cards = await wallet.ports.store.find(
        OutboxMessage, {"thread": f"request:{request.id}"}, order_by=("at", "order"), limit=100
    )
    found = await request_of(wallet.ports, request.id)
    assert max(card.facts["paid_minor"] for card in cards) == found.paid_minor == 40 * ITD
    assert sorted(card.facts["paid_minor"] // ITD for card in cards) == [*range(0, 45, 5)]


async def _enrolled(wallet: Wallet, person: Caller, secret: bytes | None) -> None:
    change = ChangeGuards(person.person, lambda guards, _: guards.with_(secret=secret))
    await wallet.ports.ledger.post(Posting(f"test:{new_id()}", "test", "test", changes=(change,)))
