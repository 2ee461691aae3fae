"""The ledger on the real MongoDB: whole, once, and right whoever else posts at the same time."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from bson.decimal128 import Decimal128

from tests.support.wallet import ITD, Wallet, open_wallet
from wallet_core.adapters.mongo import ledger as mongo_ledger
from wallet_core.domain.accounts import Account, available
from wallet_core.domain.changes import Insert
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.guards import ChangeGuards, Guards, unless_frozen
from wallet_core.domain.intent import Intent, IntentKind
from wallet_core.domain.journal import GroupRecord, JournalRecord
from wallet_core.domain.ledger import Balance, ChangeBalance, Message, Posting, Receipt, credit, debit
from wallet_core.domain.money import Asset
from wallet_core.domain.movements import sent
from wallet_core.domain.people import Caller
from wallet_core.domain.record import Document
from wallet_core.domain.reservation import Reservation
from wallet_core.domain.seal import Seal
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.quote_send import quote_send


def transfer(key: str, sender: Caller, recipient: Caller, minor: int) -> Posting:
    return Posting(key, "sent", "test", entries=sent(sender.person, recipient.person, minor, 0))


async def test_a_posting_moves_money_and_is_recorded(wallet: Wallet) -> None:
    anna, ben = await wallet.person(10), await wallet.person()
    receipt = await wallet.ports.ledger.post(transfer("t1", anna, ben, 3 * ITD))
    assert not receipt.replayed
    assert await wallet.balance(anna) == (7 * ITD, 0)
    assert await wallet.balance(ben) == (3 * ITD, 0)
    record = await wallet.ports.store.get(JournalRecord, "t1")
    assert record is not None and record.at == receipt.at and len(record.entries) == 2


async def test_the_same_key_moves_money_once(wallet: Wallet) -> None:
    anna, ben = await wallet.person(10), await wallet.person()
    posting = transfer("once", anna, ben, ITD)
    receipts = await asyncio.gather(*(wallet.ports.ledger.post(posting) for _ in range(50)))
    assert sum(not receipt.replayed for receipt in receipts) == 1
    assert len({receipt.at for receipt in receipts}) == 1
    assert await wallet.balance(ben) == (ITD, 0)


async def test_nothing_that_a_key_stands_for_ever_expires(wallet: Wallet) -> None:
    for kind in (JournalRecord, GroupRecord, Seal):
        indexes = await (await wallet.database[kind.collection].list_indexes()).to_list()
        assert indexes and not any("expireAfterSeconds" in index for index in indexes)


async def test_a_key_is_answered_with_its_first_result_though_it_would_be_refused_now(wallet: Wallet) -> None:
    """Its money is gone, its state has moved: that was its own doing."""
    anna, ben = await wallet.person(1), await wallet.person()
    allocation = Reservation(id="nonce", asset=Asset.ETH, batch="b")
    posting = replace(transfer("all", anna, ben, ITD), changes=(Insert(allocation),))
    first = await wallet.ports.ledger.post(posting)
    again = await wallet.ports.ledger.post(posting)
    assert (again.replayed, again.at) == (True, first.at)
    assert await wallet.balance(ben) == (ITD, 0)


async def test_a_clock_that_was_ahead_refuses_nobody_once_it_is_right(wallet: Wallet) -> None:
    """Times of an account's records only go forward; what has expired is decided by the time that it is."""
    anna, ben = await wallet.person(10), await wallet.person()
    account = available(anna.person).id
    ahead = await wallet.ports.store.now() + timedelta(hours=1)
    await wallet.database["accounts"].update_one({"_id": account}, {"$set": {"at": ahead}})
    quote = await quote_send(wallet.ports, anna, "1", f"@person{ben.person}")
    receipt = await confirm_send(wallet.ports, anna, quote.intent.id, await wallet.code(anna))
    assert receipt.at > ahead
    assert await wallet.balance(ben) == (ITD, 0)


async def test_a_key_with_other_content_is_refused(wallet: Wallet) -> None:
    anna, ben = await wallet.person(10), await wallet.person()
    await wallet.ports.ledger.post(transfer("key", anna, ben, ITD))
    with pytest.raises(InvariantViolated, match="other content"):
        await wallet.ports.ledger.post(transfer("key", anna, ben, 2 * ITD))
    assert await wallet.balance(ben) == (ITD, 0)


async def test_nobody_goes_below_zero_though_a_hundred_try_at_once(wallet: Wallet) -> None:
    anna, ben = await wallet.person(10), await wallet.person()
    posts = (wallet.ports.ledger.post(transfer(f"n{n}", anna, ben, ITD)) for n in range(100))
    outcomes = await asyncio.gather(*posts, return_exceptions=True)
    refused = [o for o in outcomes if isinstance(o, Refused)]
    assert len(refused) == 90
    assert {o.reason for o in refused} == {Reason.INSUFFICIENT_FUNDS}
    assert await wallet.balance(anna) == (0, 0)
    assert await wallet.balance(ben) == (10 * ITD, 0)


async def test_a_refused_posting_leaves_nothing(wallet: Wallet) -> None:
    anna, ben = await wallet.person(1), await wallet.person()
    allocation = Reservation(id="nonce", asset=Asset.ETH, batch="b")
    posting = replace(
        transfer("refused", anna, ben, 2 * ITD),
        changes=(Insert(allocation),),
        messages=(Message(anna.person, "sent"),),
    )
    with pytest.raises(Refused):
        await wallet.ports.ledger.post(posting)
    assert await wallet.ports.store.get(Reservation, "nonce") is None
    assert await wallet.ports.store.get(JournalRecord, "refused") is None
    assert await wallet.ports.store.count(OutboxMessage, {}) == 0


async def test_an_unbalanced_posting_never_reaches_the_database(wallet: Wallet) -> None:
    crooked = Posting(
        "crooked",
        "sent",
        "test",
        entries=(debit(available(1), 2), credit(Account(Asset.ITD, "income:fees"), 1)),
    )
    with pytest.raises(InvariantViolated, match="unbalanced"):
        await wallet.ports.ledger.post(crooked)


async def test_two_processes_on_the_same_accounts_keep_the_sum(
    wallet: Wallet, mongo_uri: str, database_name: str
) -> None:
    people = [await wallet.person(20) for _ in range(4)]
    async with open_wallet(mongo_uri, database_name) as other:

        async def send(process: Wallet, n: int) -> None:
            sender, recipient = people[n % 4], people[(n + 1 + n // 4 % 3) % 4]
            await process.ports.ledger.post(transfer(f"{id(process)}:{n}", sender, recipient, ITD))

        outcomes = await asyncio.gather(
            *(send(process, n) for n in range(60) for process in (wallet, other)), return_exceptions=True
        )
    assert all(o is None or isinstance(o, Refused) for o in outcomes)
    balances = [(await wallet.balance(person))[0] for person in people]
    assert sum(balances) == 80 * ITD
    assert min(balances) >= 0


async def test_without_the_balance_guard_the_books_would_show_it(
    wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bug: the guard is what refuses, and the database's own validator is the second line."""
    anna, ben = await wallet.person(1), await wallet.person()

    def unguarded(self: ChangeBalance, document: dict[str, int] | None, now: object) -> dict[str, object]:
        before = document["balance_minor"] if document else 0
        after = before + self.delta_minor
        return {"_id": self.target.id, "account": self.account.id, "balance_minor": after, "at": now}

    monkeypatch.setattr(ChangeBalance, "apply", unguarded)
    with pytest.raises(InvariantViolated, match="does not take"):
        await wallet.ports.ledger.post(transfer("below", anna, ben, 5 * ITD))
    balance = await wallet.ports.store.get(Balance, available(anna.person).id)
    assert balance is not None and balance.balance_minor == ITD


async def test_one_bad_posting_in_a_group_does_not_harm_the_others(wallet: Wallet) -> None:
    anna, ben = await wallet.person(100), await wallet.person()
    bad = Posting("bad", "sent", "test", entries=sent(ben.person, anna.person, 500 * ITD, 0))
    outcomes = await asyncio.gather(
        wallet.ports.ledger.post(transfer("good1", anna, ben, ITD)),
        wallet.ports.ledger.post(bad),
        wallet.ports.ledger.post(transfer("good2", anna, ben, ITD)),
        return_exceptions=True,
    )
    assert [isinstance(o, Refused) for o in outcomes] == [False, True, False]
    assert await wallet.balance(ben) == (2 * ITD, 0)


async def test_a_lone_posting_is_not_made_to_wait_for_a_group(wallet: Wallet) -> None:
    anna, ben = await wallet.person(5), await wallet.person()
    assert isinstance(wallet.ports.ledger, mongo_ledger.MongoLedger)
    for n in range(3):
        await asyncio.wait_for(wallet.ports.ledger.post(transfer(f"lone{n}", anna, ben, ITD)), timeout=5)
    assert await wallet.balance(ben) == (3 * ITD, 0)


async def test_a_document_that_the_database_refuses_harms_only_its_own_posting(wallet: Wallet) -> None:
    anna, ben = await wallet.person(10), await wallet.person()
    now = await wallet.ports.store.now()
    nothing = Intent(
        id="nothing", person=1, kind=IntentKind.SEND, created_at=now, expires_at=now, amount_minor=0, fee_minor=0
    )
    outcomes = await asyncio.gather(
        wallet.ports.ledger.post(transfer("before", anna, ben, ITD)),
        wallet.ports.ledger.post(Posting("refused", "test", "test", changes=(Insert(nothing),))),
        wallet.ports.ledger.post(transfer("after", anna, ben, ITD)),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [Receipt, InvariantViolated, Receipt]
    assert await wallet.balance(ben) == (2 * ITD, 0)


async def requests_of(wallet: Wallet, person: Caller) -> int:
    guards = await wallet.ports.store.get(Guards, person.person)
    assert guards is not None
    return guards.requests


def counted(person: int, times: int) -> list[ChangeGuards]:
    """So many changes of one document, each of what the one before it left."""
    return [ChangeGuards(person, lambda guards, _: guards.with_(requests=guards.requests + 1))] * times


async def test_a_large_posting_is_whole(wallet: Wallet) -> None:
    anna, ben = await wallet.person(), await wallet.person()
    many = (*counted(anna.person, 500), *(unless_frozen(person) for person in range(5_000, 5_500)))
    await wallet.ports.ledger.post(Posting("large", "test", "test", changes=(*many, *counted(anna.person, 1))))
    assert await requests_of(wallet, anna) == 501
    assert await wallet.ports.store.count(Guards, {"_id": tuple(range(5_000, 5_500))}) == 500
    refused = Posting(
        "refused", "test", "test", changes=(*many, *counted(ben.person, 1), ChangeBalance(available(ben.person), -1))
    )
    with pytest.raises(Refused):
        await wallet.ports.ledger.post(refused)
    assert await requests_of(wallet, anna) == 501
    assert await requests_of(wallet, ben) == 0


async def test_documents_that_change_alike_each_get_their_own_version(wallet: Wallet) -> None:
    people = [await wallet.person() for _ in range(3)]
    ids = {"_id": {"$in": [one.person for one in people]}}
    before = {found["_id"]: found async for found in wallet.database["guards"].find(ids)}
    await wallet.ports.ledger.post(Posting("again", "test", "test", changes=(unless_frozen(people[0].person),)))
    await wallet.ports.ledger.post(
        Posting("all", "test", "test", changes=tuple(unless_frozen(p.person) for p in people))
    )
    after = {found["_id"]: found async for found in wallet.database["guards"].find(ids)}
    assert [after[one.person]["version"] - before[one.person]["version"] for one in people] == [2, 1, 1]


async def test_others_have_a_turn_while_a_large_group_is_decided(wallet: Wallet) -> None:
    turns = 0
    seen: list[int] = []

    def look(guards: Guards, _now: object) -> Document:
        seen.append(turns)
        return guards.document()

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    taking = asyncio.create_task(take_turns())
    try:
        one = Posting("one", "test", "test", changes=(ChangeGuards(1, look),) * 2_000)
        await wallet.ports.ledger.post(one)
        of_one, seen[:] = max(seen) - min(seen), []
        many = [Posting(f"many:{n}", "test", "test", changes=(ChangeGuards(1, look),) * 4) for n in range(500)]
        await wallet.ports.ledger.post_many(many)
    finally:
        taking.cancel()
    assert min(of_one, max(seen) - min(seen)) >= 20


async def test_a_stored_amount_that_is_none_stops_its_own_person_alone(wallet: Wallet) -> None:
    anna, ben = await wallet.person(), await wallet.person()
    guards = wallet.database["guards"]
    await guards.update_one({"_id": anna.person}, {"$set": {"debt_minor": Decimal128("0.5")}})
    both = [Posting(f"of:{one.person}", "test", "test", changes=(unless_frozen(one.person),)) for one in (anna, ben)]
    outcomes = await wallet.ports.ledger.post_many(both)
    assert [type(outcome) for outcome in outcomes] == [InvariantViolated, Receipt]
    with pytest.raises(InvariantViolated, match="not an amount"):
        await wallet.ports.store.get(Guards, anna.person)
    with pytest.raises(InvariantViolated, match="not an amount"):
        await wallet.ports.store.find(Guards, {"_id": (anna.person, ben.person)})
    assert await requests_of(wallet, ben) == 0
