"""Mass payments on the real MongoDB: enough for all or for none, each row once, the rest comes back."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from wallet_core.use_cases.pay_many import Row, pay_many, release_posting

from tests.support.wallet import ITD, Wallet, open_wallet
from wallet_core.domain.errors import InvariantViolated, Reason, Refused, Unavailable
from wallet_core.domain.guards import frozen
from wallet_core.domain.hold import Hold, HoldState
from wallet_core.domain.ledger import Posting, Receipt
from wallet_core.domain.people import Caller
from wallet_core.use_cases.verify_books import verify_books


async def people_of(wallet: Wallet, count: int) -> list[Caller]:
    return [await wallet.person() for _ in range(count)]


async def pay(wallet: Wallet, payer: Caller, rows: list[Row], job: str = "job") -> list[object]:
    hold = await wallet.ports.store.get(Hold, job)
    expires_at = hold.expires_at if hold else await wallet.ports.store.now() + timedelta(hours=1)
    return list(await pay_many(wallet.ports, job, payer.person, rows, expires_at))


async def test_everybody_is_paid_and_nothing_stays_held(wallet: Wallet) -> None:
    payer, people = await wallet.person(100), await people_of(wallet, 5)
    outcomes = await pay(wallet, payer, [Row(person.person, ITD) for person in people])
    assert all(isinstance(outcome, Receipt) for outcome in outcomes)
    assert await wallet.balance(payer) == (95 * ITD, 0)
    assert [await wallet.balance(person) for person in people] == [(ITD, 0)] * 5
    hold = await wallet.ports.store.get(Hold, "job")
    assert hold is not None and hold.state is HoldState.SETTLED
    assert (await verify_books(wallet.ports, {})).gaps == []


async def test_a_total_that_is_not_covered_pays_nobody(wallet: Wallet) -> None:
    payer, people = await wallet.person(4), await people_of(wallet, 5)
    with pytest.raises(Refused) as refused:
        await pay(wallet, payer, [Row(person.person, ITD) for person in people])
    assert refused.value.reason is Reason.INSUFFICIENT_FUNDS
    assert await wallet.balance(payer) == (4 * ITD, 0)
    assert [await wallet.balance(person) for person in people] == [(0, 0)] * 5


async def test_a_row_that_is_refused_comes_back_to_the_payer(wallet: Wallet) -> None:
    payer, (ben,) = await wallet.person(10), await people_of(wallet, 1)
    stranger = Row(999_999_999, 2 * ITD)
    first, second = await pay(wallet, payer, [stranger, Row(ben.person, ITD)])
    assert isinstance(first, Refused) and first.reason is Reason.RECIPIENT_NOT_ENROLLED
    assert isinstance(second, Receipt)
    assert await wallet.balance(payer) == (9 * ITD, 0)
    hold = await wallet.ports.store.get(Hold, "job")
    assert hold is not None and hold.state is HoldState.VOIDED
    assert (await verify_books(wallet.ports, {})).gaps == []


async def test_the_same_job_again_does_nothing_and_with_other_rows_is_a_violation(wallet: Wallet) -> None:
    payer, people = await wallet.person(10), await people_of(wallet, 2)
    rows = [Row(person.person, ITD) for person in people]
    await pay(wallet, payer, rows)
    again = await pay(wallet, payer, rows)
    assert [outcome.replayed for outcome in again if isinstance(outcome, Receipt)] == [True, True]
    with pytest.raises(InvariantViolated, match="other content"):
        await pay(wallet, payer, [*rows, rows[0]])
    assert await wallet.balance(payer) == (8 * ITD, 0)


async def test_one_job_started_by_two_processes_at_once_pays_each_row_once(
    wallet: Wallet, mongo_uri: str, database_name: str
) -> None:
    payer, people = await wallet.person(1_500), await people_of(wallet, 3)
    rows = [Row(people[n % 3].person, ITD) for n in range(1_200)]
    expires_at = await wallet.ports.store.now() + timedelta(hours=1)
    async with open_wallet(mongo_uri, database_name) as other:
        jobs = (pay_many(process.ports, "job", payer.person, rows, expires_at) for process in (wallet, other))
        one, two = await asyncio.gather(*jobs)
    fresh = [sum(isinstance(o, Receipt) and not o.replayed for o in outcomes) for outcomes in (one, two)]
    assert sum(fresh) == 1_200
    assert await wallet.balance(payer) == (300 * ITD, 0)
    assert (await verify_books(wallet.ports, {})).gaps == []


async def test_a_frozen_payer_pays_nobody(wallet: Wallet) -> None:
    payer, (ben,) = await wallet.person(10), await people_of(wallet, 1)
    await wallet.ports.ledger.post(Posting("f", "frozen", "test", changes=(frozen(payer.person, "test"),)))
    with pytest.raises(Refused) as refused:
        await pay(wallet, payer, [Row(ben.person, ITD)])
    assert refused.value.reason is Reason.FROZEN


async def test_a_job_with_the_same_total_for_other_people_is_a_violation(wallet: Wallet) -> None:
    payer, (ben, cleo) = await wallet.person(10), await people_of(wallet, 2)
    await pay(wallet, payer, [Row(ben.person, ITD)])
    with pytest.raises(InvariantViolated, match="other content"):
        await pay(wallet, payer, [Row(cleo.person, ITD)])
    assert await wallet.balance(cleo) == (0, 0)


async def test_a_freeze_ends_a_job_that_was_interrupted(wallet: Wallet, monkeypatch: pytest.MonkeyPatch) -> None:
    payer, (ben,) = await wallet.person(10), await people_of(wallet, 1)
    rows = [Row(ben.person, ITD)] * 3

    async def interrupted(*_: object) -> None:
        raise Unavailable("the process died")

    with monkeypatch.context() as patch, pytest.raises(Unavailable):
        patch.setattr(wallet.ports.ledger, "post_many", interrupted)
        await pay(wallet, payer, rows)
    assert await wallet.balance(payer) == (7 * ITD, 3 * ITD)
    await wallet.ports.ledger.post(Posting("f", "frozen", "test", changes=(frozen(payer.person, "test"),)))
    outcomes = await pay(wallet, payer, rows)
    assert [o.reason for o in outcomes if isinstance(o, Refused)] == [Reason.FROZEN] * 3
    assert await wallet.balance(payer) == (10 * ITD, 0)


async def test_a_rest_that_the_worker_gives_back_at_the_same_time_comes_back_once(
    wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job reads the hold, the worker ends it, and the job goes to end it as well."""
    payer, stranger = await wallet.person(10), Row(999_999_999, ITD)
    get, ledger = wallet.ports.store.get, wallet.ports.ledger

    async def overtaken(kind: Any, key: Any) -> Any:
        found = await get(kind, key)
        if isinstance(found, Hold) and found.state is HoldState.OPEN:
            await ledger.post(release_posting(found, HoldState.VOIDED, "worker"))
        return found

    monkeypatch.setattr(wallet.ports.store, "get", overtaken)
    expires_at = await wallet.ports.store.now() + timedelta(hours=1)
    (outcome,) = await pay_many(wallet.ports, "job", payer.person, [stranger], expires_at)
    assert isinstance(outcome, Refused)
    assert await wallet.balance(payer) == (10 * ITD, 0)


async def test_what_expires_while_it_is_settled_ends_in_one_way(wallet: Wallet) -> None:
    """The last row and the expiry race for the same money; whichever is first, the other finds nothing."""
    payer, (ben,) = await wallet.person(10), await people_of(wallet, 1)
    now = await wallet.ports.store.now()
    rows = [Row(ben.person, ITD)] * 3
    with pytest.raises(Refused):
        # Opened, but never settled: its time was over before it began.
        raise (await pay_many(wallet.ports, "late", payer.person, rows, now - timedelta(seconds=1)))[0]
    hold = await wallet.ports.store.get(Hold, "late")
    assert hold is not None and hold.state is HoldState.VOIDED
    expired = release_posting(hold.model_copy(update={"left_minor": 3 * ITD}), HoldState.EXPIRED, "test")
    assert (await wallet.ports.ledger.post(expired)).replayed, "one key for both ends"
    assert await wallet.balance(payer) == (10 * ITD, 0)
