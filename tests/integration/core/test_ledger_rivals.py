"""Other transactions in the ledger's way: whoever they do not concern does not wait, and nobody waits for ever."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.integration.core.test_ledger import transfer
from tests.support.wallet import ITD, Wallet, open_wallet
from wallet_core.adapters.mongo import ledger as mongo_ledger
from wallet_core.domain.accounts import Account, available
from wallet_core.domain.errors import Refused, Unavailable
from wallet_core.domain.ledger import Balance, Posting, credit, debit
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Caller
from wallet_core.use_cases.balances import balance_minor
from wallet_core.use_cases.verify_books import verify_books


@asynccontextmanager
async def locked(wallet: Wallet, person: Caller) -> AsyncIterator[None]:
    """A transaction that has written the person's balance and does not end, as a killed process leaves it."""
    async with wallet.database.client.start_session() as session:
        await session.start_transaction()
        touched = {"_id": available(person.person).id}
        await wallet.database["accounts"].update_one(touched, {"$inc": {"version": 1}}, session=session)
        try:
            yield
        finally:
            await session.abort_transaction()


async def test_a_lock_that_a_killed_process_left_delays_only_whom_it_concerns(wallet: Wallet) -> None:
    anna, ben, cleo = await wallet.person(10), await wallet.person(10), await wallet.person()
    async with locked(wallet, anna):
        waiting = asyncio.create_task(wallet.ports.ledger.post(transfer("late", anna, ben, ITD)))
        others = (wallet.ports.ledger.post(transfer(f"free{n}", ben, cleo, ITD)) for n in range(9))
        await asyncio.gather(*others)
        assert not waiting.done()
    await waiting
    assert await wallet.balance(anna) == (9 * ITD, 0)
    assert await wallet.balance(cleo) == (9 * ITD, 0)
    assert (await verify_books(wallet.ports, {})).gaps == []


async def test_a_lock_that_does_not_go_away_ends_in_an_answer(wallet: Wallet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mongo_ledger, "_PATIENCE_SECONDS", 0.5)
    anna, ben = await wallet.person(10), await wallet.person()
    async with locked(wallet, anna):
        with pytest.raises(Unavailable):
            await wallet.ports.ledger.post(transfer("never", anna, ben, ITD))
    assert await wallet.balance(anna) == (10 * ITD, 0)
    await wallet.ports.ledger.post(transfer("never", anna, ben, ITD))
    assert await wallet.balance(ben) == (ITD, 0)


async def test_the_same_key_from_two_processes_at_once_is_one_posting(
    wallet: Wallet, mongo_uri: str, database_name: str
) -> None:
    anna, ben = await wallet.person(100), await wallet.person()
    async with open_wallet(mongo_uri, database_name) as other:
        posts = (
            process.ports.ledger.post(transfer(f"both:{n}", anna, ben, ITD))
            for n in range(30)
            for process in (wallet, other)
        )
        receipts = await asyncio.gather(*posts)
    assert sum(not receipt.replayed for receipt in receipts) == 30
    assert await wallet.balance(ben) == (30 * ITD, 0)


async def test_two_processes_in_contention_both_get_through(wallet: Wallet, mongo_uri: str, database_name: str) -> None:
    """One account of everybody: each group of one process conflicts with each group of the other."""
    shop = await wallet.person()
    payers = [await wallet.person(1_000) for _ in range(4)]
    async with open_wallet(mongo_uri, database_name) as other:

        async def pay(process: Wallet, name: str, task: int) -> int:
            for n in range(20):
                await process.ports.ledger.post(transfer(f"{name}:{task}:{n}", payers[task % 4], shop, ITD))
            return 20

        tasks = ((process, name, task) for task in range(8) for process, name in ((wallet, "a"), (other, "b")))
        done = await asyncio.gather(*(pay(*task) for task in tasks))
    assert sum(done) == 320
    assert await wallet.balance(shop) == (320 * ITD, 0)
    assert (await verify_books(wallet.ports, {})).gaps == []


async def test_a_process_that_died_in_its_turn_is_passed_over(wallet: Wallet) -> None:
    anna, ben = await wallet.person(10), await wallet.person()
    await wallet.database["turns"].insert_one({"_id": "ledger", "next": 5, "serving": 4})
    wallet.ports.ledger._in_turn = 1  # type: ignore[attr-defined]  # inside the real one
    await asyncio.wait_for(wallet.ports.ledger.post(transfer("next", anna, ben, ITD)), timeout=20)
    line = await wallet.database["turns"].find_one({"_id": "ledger"})
    assert line is not None and line["serving"] == line["next"] == 6


async def test_what_the_house_takes_from_everybody_meets_in_no_document(
    wallet: Wallet, mongo_uri: str, database_name: str
) -> None:
    """Fees of two processes go to stripes of their own, and the balance is their sum."""
    fees = Account(Asset.ITD, "income:fees")
    anna = await wallet.person(100)
    async with open_wallet(mongo_uri, database_name) as other:
        stripes = {process.ports.ledger.groups._writer.stripe for process in (wallet, other)}  # type: ignore[attr-defined]  # inside the real one
        for n, process in enumerate((wallet, other, wallet)):
            entries = (debit(available(anna.person), ITD), credit(fees, ITD))
            await process.ports.ledger.post(Posting(f"fee:{n}", "fee", "test", entries=entries))
    written = await wallet.ports.store.find(Balance, {"account": fees.id})
    assert {balance.id for balance in written} == {f"{fees.id}#{stripe}" for stripe in stripes}
    assert await balance_minor(wallet.ports.store, fees) == 3 * ITD


async def test_mass_postings_resume_where_they_were(wallet: Wallet) -> None:
    payer, people = await wallet.person(2_500), [await wallet.person() for _ in range(5)]
    job = [transfer(f"job:{n}", payer, people[n % 5], ITD) for n in range(2_500)]
    first = await wallet.ports.ledger.post_many(job[:1_700])
    again = await wallet.ports.ledger.post_many([*job, transfer("job:2500", payer, people[0], ITD)])
    assert not any(receipt.replayed for receipt in first if not isinstance(receipt, Exception))
    assert [getattr(outcome, "replayed", None) for outcome in again] == [True] * 1_700 + [False] * 800 + [None]
    assert isinstance(again[-1], Refused), "the money was used up, and only the last one hears of it"
    assert [await wallet.balance(person) for person in people] == [(500 * ITD, 0)] * 5
