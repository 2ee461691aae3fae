"""The chain of seals on the real MongoDB: what is sealed, by whom, and what is refused."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection

from tests.support.sealing import documents, seal_all, seals_of
from tests.support.wallet import VAULT, Wallet, open_wallet
from wallet_core.adapters.mongo.ledger import MongoLedger
from wallet_core.adapters.mongo.seals import MongoSeals
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.journal import GroupRecord, group_id, group_terms
from wallet_core.domain.ledger import Posting
from wallet_core.domain.movements import sent
from wallet_core.domain.seal import REFUSED, SEAL_SIZE, Head, Seal
from wallet_core.use_cases.seals import head_of_chain, tail_of_chain
from wallet_core.use_cases.verify_books import verify_books


async def post(wallet: Wallet, count: int, name: str = "n") -> None:
    """So many groups of one record each."""
    for number in range(count):
        await wallet.ports.ledger.post(Posting(f"{name}:{number}", "noted", "test"))


async def chain(wallet: Wallet) -> list[Seal]:
    return await wallet.ports.store.find(Seal, {})


async def test_everything_that_was_posted_gets_its_seal_once(wallet: Wallet) -> None:
    await post(wallet, 3)
    first = await seal_all(wallet)
    await post(wallet, 2, "m")
    second = await seal_all(wallet)
    assert await seal_all(wallet) == second
    assert (first.length, second.length, second.records - first.records) == (1, 2, 2)
    assert await head_of_chain(wallet.ports.store) == second
    assert (await tail_of_chain(wallet.ports.store)).groups == 0
    listed = [group for seal in await chain(wallet) for group in seal.groups]
    assert sorted(listed) == [group["_id"] for group in await documents(wallet, "groups")]
    found = await verify_books(wallet.ports, {})
    assert (found.gaps, found.sealed, found.tail, found.head) == ([], second.records, 0, second)


async def test_what_waits_is_told_by_its_length_and_age(wallet: Wallet) -> None:
    await seal_all(wallet)
    await post(wallet, 3)
    await asyncio.sleep(0.2)
    tail = await tail_of_chain(wallet.ports.store)
    found = await verify_books(wallet.ports, {})
    assert (tail.groups, found.tail, found.gaps) == (3, 3, [])
    assert 0.2 <= tail.seconds <= found.tail_seconds < 30


async def test_two_sealers_at_once_make_one_chain(wallet: Wallet) -> None:
    for round_ in range(12):
        await post(wallet, 3, f"r{round_}")
        await asyncio.gather(*(seals_of(wallet).seal() for _ in range(4)))
    await seal_all(wallet)
    found = await verify_books(wallet.ports, {})
    assert (found.gaps, found.tail) == ([], 0)
    assert [seal.id for seal in await chain(wallet)] == list(range(1, found.head.length + 1))


async def test_records_of_one_account_are_chained_in_their_order_whoever_wrote_them(
    wallet: Wallet, mongo_uri: str, database_name: str
) -> None:
    """Many processes move the same money; each seal takes a part, and running balances are followed through it."""
    anna, ben = await wallet.person(100), await wallet.person(100)
    async with open_wallet(mongo_uri, database_name) as second, open_wallet(mongo_uri, database_name) as third:

        async def send(ledger: Wallet, who: str) -> None:
            for number in range(15):
                one, other = (anna, ben) if number % 2 else (ben, anna)
                key = f"{who}:{number}"
                await ledger.ports.ledger.post(Posting(key, "sent", who, entries=sent(one.person, other.person, 10, 0)))

        async def seal_meanwhile() -> None:
            for _ in range(15):
                await seals_of(wallet).seal()
                await asyncio.sleep(0.02)

        await asyncio.gather(send(wallet, "a"), send(second, "b"), send(third, "c"), seal_meanwhile())
    assert (await verify_books(wallet.ports, {})).gaps == []
    await seal_all(wallet)
    assert (await verify_books(wallet.ports, {})).gaps == []


async def test_a_long_tail_is_sealed_in_several_seals(wallet: Wallet) -> None:
    """As after a night without a worker; groups are made by hand, because a thousand commits take their time."""
    await seal_all(wallet)
    forged = [_signed_group(number) for number in range(1, SEAL_SIZE + 201)]
    await wallet.database["groups"].insert_many(forged)
    first = await seals_of(wallet).seal()
    assert (first.groups, first.more) == (SEAL_SIZE, True)
    second = await seals_of(wallet).seal()
    assert (second.groups, second.more, second.faults) == (200, False, ())


def _signed_group(number: int) -> dict[str, Any]:
    name, at = group_id("w", number), datetime(2026, 1, 1, tzinfo=UTC)
    mac = VAULT.mac(group_terms(name, at, []))
    return GroupRecord(id=name, writer="w", number=number, at=at, keys=(), mac=mac).document()


async def test_a_forged_group_is_refused_and_the_others_are_sealed(wallet: Wallet) -> None:
    await post(wallet, 2)
    forged = {**_signed_group(1), "mac": "00"}
    nonsense: list[dict[str, Any]] = [{"_id": "nonsense", "seal": 0}, {"_id": 7, "seal": 0, "keys": 1}]
    await wallet.database["groups"].insert_many([forged, *nonsense])
    sealed = await seals_of(wallet).seal()
    assert len(sealed.faults) == 3 and all("is not sealed" in fault for fault in sealed.faults)
    assert sealed.groups >= 2
    assert (await seals_of(wallet).seal()).faults == ()
    assert await wallet.database["groups"].count_documents({"seal": REFUSED}) == 3
    gaps = (await verify_books(wallet.ports, {})).gaps
    assert any("group w:1: it was refused a seal" in gap for gap in gaps)
    await wallet.database["groups"].delete_many({"seal": REFUSED})


async def test_a_record_that_is_put_back_gets_its_seal_after_all(wallet: Wallet) -> None:
    await post(wallet, 2)
    (record,) = await documents(wallet, "journal", _id="n:1")
    await wallet.database["journal"].delete_one({"_id": "n:1"})
    assert len((await seals_of(wallet).seal()).faults) == 1
    assert any("n:1: the record was deleted" in gap for gap in (await verify_books(wallet.ports, {})).gaps)
    await wallet.database["journal"].insert_one(record)
    await seals_of(wallet).reconsider()
    await seal_all(wallet)
    assert (await verify_books(wallet.ports, {})).gaps == []


async def test_a_gap_in_a_writers_numbers_is_an_alarm_and_stops_nothing(wallet: Wallet) -> None:
    await post(wallet, 4)
    (group,) = [g for g in await documents(wallet, "groups") if g["keys"] == ["n:1"]]
    await wallet.database["groups"].delete_one({"_id": group["_id"]})
    sealed = await seals_of(wallet).seal()
    assert sealed.faults == (f"group {group['_id']} is missing",)
    assert (await seals_of(wallet).seal()).faults == ()
    gaps = (await verify_books(wallet.ports, {})).gaps
    assert any(f"group {group['_id']}: deleted" in gap for gap in gaps)
    await wallet.database["groups"].insert_one(group)
    await seal_all(wallet)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_sealer_that_is_cut_off_in_its_transaction_is_followed_by_another(
    wallet: Wallet, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post(wallet, 3)
    plain = AsyncCollection.update_many

    async def cut(self: Any, *args: Any, **kwargs: Any) -> Any:
        if when == "after":
            await plain(self, *args, **kwargs)
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(AsyncCollection, "update_many", cut)
        with pytest.raises(asyncio.CancelledError):
            await seals_of(wallet).seal()
    assert await chain(wallet) == []
    assert (await seal_all(wallet)).length == 1
    assert (await verify_books(wallet.ports, {})).gaps == []


async def test_a_seal_whose_answer_was_lost_is_followed_by_the_next(
    wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post(wallet, 3)

    async def lost(self: Any, *_: object) -> bool:
        await plain(self, *_)
        raise asyncio.CancelledError

    plain = MongoSeals._chain
    with monkeypatch.context() as patched:
        patched.setattr(MongoSeals, "_chain", lost)
        with pytest.raises(asyncio.CancelledError):
            await seals_of(wallet).seal()
    assert len(await chain(wallet)) == 1
    await post(wallet, 1, "m")
    assert (await seal_all(wallet)).length == 2
    assert (await verify_books(wallet.ports, {})).gaps == []


async def test_without_a_database_sealing_is_unavailable() -> None:
    async with AsyncMongoClient[dict[str, Any]]("mongodb://127.0.0.1:9", serverSelectionTimeoutMS=50) as client:
        with pytest.raises(Unavailable):
            await MongoSeals(client["nowhere"], VAULT).seal()


async def test_a_writer_that_begins_anew_leaves_no_gap(wallet: Wallet) -> None:
    await post(wallet, 2)
    again = MongoLedger(wallet.database, VAULT.mac)
    await again.post(Posting("again", "noted", "test"))
    head = await seal_all(wallet)
    assert head != Head()
    assert (await verify_books(wallet.ports, {})).gaps == []
