"""Records, groups and seals that were edited, deleted, inserted or moved in the real MongoDB: each is named."""

from __future__ import annotations

from typing import Any

import pytest
from bson.decimal128 import Decimal128

from tests.support.books import Books, named
from tests.support.sealing import documents, seals_of
from tests.support.wallet import ITD
from wallet_core.adapters.mongo.codec import encode
from wallet_core.domain.accounts import available
from wallet_core.domain.journal import digest_of, group_id

# Records


@pytest.mark.parametrize("key", ["send:10", "tail:0"])
@pytest.mark.parametrize(
    "change",
    [
        {"entries.0.amount_minor": 1},
        {"facts": {"note": "dinner"}},
        {"kind": "gift"},
        {"entries.1.account": "ITD:person:7:available"},
    ],
    ids=["amount", "facts", "kind", "account"],
)
async def test_a_record_whose_content_was_changed_is_named(books: Books, key: str, change: dict[str, Any]) -> None:
    await books.set("journal", key, **change)
    gaps = await books.gaps()
    assert named(gaps, key, "was changed")
    assert named(gaps, key, "does not balance") or "entries.0.amount_minor" not in change


@pytest.mark.parametrize("key", ["send:10", "tail:0"])
@pytest.mark.parametrize(
    "change",
    [{"by": "somebody"}, {"people": [7]}, {"entries.0.after_minor": 1}, {"limits": []}, {"place": 5}],
    ids=["by", "people", "after", "limits", "place"],
)
async def test_what_the_digest_does_not_cover_is_covered_by_the_groups_code(
    books: Books, key: str, change: dict[str, Any]
) -> None:
    await books.set("journal", key, **change)
    group = (await books.group_of(key))["_id"]
    assert named(await books.gaps(), f"group {group}", "code does not fit", key)


async def test_a_balance_after_a_record_that_does_not_continue_is_named(books: Books) -> None:
    await books.set("journal", "send:10", **{"entries.0.after_minor": 1})
    assert named(await books.gaps(), "send:10", available(books.anna.person).id, "has 0.000001 after it")


@pytest.mark.parametrize("key", ["send:10", "tail:0"])
async def test_a_record_that_was_rewritten_with_its_digest_and_every_balance_is_named(books: Books, key: str) -> None:
    """Ben makes a send of 1 ITD one of 21, as if it had always been so."""
    entries = (await books.record(key))["entries"]
    for entry in entries:
        entry["amount_minor"] = 21 * ITD
    content = [(entry["account"], entry["side"], entry["amount_minor"]) for entry in entries]
    digest = digest_of("sent", content, {"note": "lunch"})
    await books.set("journal", key, entries=entries, digest=digest)
    for person, minor in ((books.anna, 133 * ITD // 2), (books.ben, 28 * ITD)):
        await books.set("accounts", available(person.person).id, balance_minor=minor)
    gaps = await books.gaps()
    assert not named(gaps, "the record was changed") and not named(gaps, "its entries make")
    assert named(gaps, f"group {(await books.group_of(key))['_id']}", "code does not fit", key)


@pytest.mark.parametrize("key", ["send:10", "tail:0"])
async def test_a_deleted_record_is_named(books: Books, key: str) -> None:
    await books.wallet.database["journal"].delete_one({"_id": key})
    gaps = await books.gaps()
    assert named(gaps, f"{key}: the record was deleted") and named(gaps, "its entries make")


async def test_a_deleted_record_is_noticed_also_when_its_group_forgets_it(books: Books) -> None:
    group = await books.group_of("send:10")
    await books.wallet.database["journal"].delete_one({"_id": "send:10"})
    await books.set("groups", group["_id"], keys=[])
    assert named(await books.gaps(), f"group {group['_id']}", "code does not fit")


async def test_an_inserted_record_that_no_group_lists_is_named(books: Books) -> None:
    copy = await books.record("send:10")
    await books.wallet.database["journal"].insert_one(encode({**copy, "_id": "forged"}))
    assert named(await books.gaps(), "forged: the record was inserted")


@pytest.mark.parametrize("seal", [0, 2, 99])
async def test_an_inserted_record_with_a_forged_group_is_named(books: Books, seal: int) -> None:
    group = {**await books.group_of("send:10"), "_id": group_id("forger", 1), "writer": "forger", "number": 1}
    copy = await books.record("send:10")
    forged = encode({**copy, "_id": "forged", "group": "forger:1"})
    await books.wallet.database["journal"].insert_one(forged)
    await books.wallet.database["groups"].insert_one({**group, "keys": ["forged"], "seal": seal})
    assert named(await books.gaps(), "group forger:1", "inserted" if seal else "code does not fit")


async def test_two_records_that_were_swapped_between_groups_are_named(books: Books) -> None:
    one, other = await books.record("send:10"), await books.record("send:20")
    for record, place in ((one, other), (other, one)):
        await books.set("journal", record["_id"], **{name: place[name] for name in ("group", "at", "place")})
    await books.set("groups", one["group"], keys=["send:20"])
    await books.set("groups", other["group"], keys=["send:10"])
    gaps = await books.gaps()
    assert named(gaps, f"group {one['group']}", "code does not fit")
    assert named(gaps, f"group {other['group']}", "code does not fit")


async def test_records_that_only_change_groups_are_named(books: Books) -> None:
    one, other = await books.group_of("send:10"), await books.group_of("send:20")
    await books.set("groups", one["_id"], keys=["send:20"])
    await books.set("groups", other["_id"], keys=["send:10"])
    gaps = await books.gaps()
    assert named(gaps, "send:10", f"stands in group {one['_id']}, it is in {other['_id']}")


@pytest.mark.parametrize(
    "change",
    [{"$set": {"entries.0.amount_minor": Decimal128("1.5")}}, {"$unset": {"limits": 1}}, {"$set": {"people": 7}}],
    ids=["no amount", "a field less", "no list"],
)
async def test_a_record_that_cannot_be_read_any_more_is_named(books: Books, change: dict[str, Any]) -> None:
    await books.wallet.database["journal"].update_one({"_id": "send:10"}, change)
    group = (await books.group_of("send:10"))["_id"]
    gaps = await books.gaps()
    assert named(gaps, "send:10", "cannot be read") or named(gaps, f"group {group}", "cannot be read")


# Groups


async def test_a_deleted_group_is_named(books: Books) -> None:
    group = await books.group_of("send:10")
    await books.wallet.database["groups"].delete_one({"_id": group["_id"]})
    gaps = await books.gaps()
    assert named(gaps, f"group {group['_id']}: deleted, seal {group['seal']} lists it")
    assert named(gaps, "send:10: the record was inserted or moved")


async def test_a_group_that_was_deleted_before_it_had_a_seal_is_named(books: Books) -> None:
    group = await books.group_of("tail:0")
    await books.wallet.database["groups"].delete_one({"_id": group["_id"]})
    await books.wallet.database["journal"].delete_one({"_id": "tail:0"})
    assert named(await books.gaps(), f"group {group['_id']}: deleted, its writer went on")


@pytest.mark.parametrize("seal", [0, 1, -1, 7])
async def test_a_group_that_says_another_seal_is_named(books: Books, seal: int) -> None:
    group = await books.group_of("send:10")
    await books.set("groups", group["_id"], seal=seal)
    assert named(await books.gaps(), f"group {group['_id']}: seal {group['seal']} lists it, it says {seal}")


async def test_a_group_that_is_kept_from_its_seal_is_named(books: Books) -> None:
    group = await books.group_of("tail:0")
    await books.set("groups", group["_id"], seal=2)
    assert named(await books.gaps(), f"group {group['_id']}", "seal 2 does not list it")


# Seals


@pytest.mark.parametrize("field", ["previous", "groups", "records", "at", "mac"])
async def test_an_edited_seal_is_named(books: Books, field: str) -> None:
    (other,) = await documents(books.wallet, "seals", _id=3)
    await books.set("seals", 2, **{field: other[field]})
    assert named(await books.gaps(), "seal 2")


async def test_a_broken_chain_is_named_where_it_breaks(books: Books) -> None:
    await books.set("seals", 3, previous="00" * 32)
    gaps = await books.gaps()
    assert named(gaps, "seal 3: it does not continue the seal before it")
    assert not named(gaps, "seal 2") and not named(gaps, "seal 4")


async def test_a_seal_that_was_deleted_in_the_middle_is_named(books: Books) -> None:
    await books.wallet.database["seals"].delete_one({"_id": 2})
    gaps = await books.gaps()
    assert named(gaps, "seal 2: deleted, the next one is 3")
    assert named(gaps, "group", "seal 2 does not list it")


async def test_a_seal_in_place_of_two_is_named(books: Books) -> None:
    """All that seals 2 and 3 chained, in one seal of another key."""
    two, three = await documents(books.wallet, "seals", _id={"$in": [2, 3]})
    await books.wallet.database["seals"].delete_one({"_id": 3})
    await books.set("seals", 2, groups=[*two["groups"], *three["groups"]], records=three["records"], mac=three["mac"])
    gaps = await books.gaps()
    assert named(gaps, "seal 2: its code does not fit") and named(gaps, "seal 3: deleted, the next one is 4")


async def test_a_group_that_no_query_for_unsealed_ones_finds_is_named(books: Books) -> None:
    """To Python ``False`` is 0, to MongoDB it is not."""
    group = await books.group_of("send:10")
    hidden = {**group, "_id": "forger:1", "writer": "forger", "number": 1, "keys": ["hidden"], "seal": False}
    await books.wallet.database["groups"].insert_one(hidden)
    copy = {**await books.record("send:10"), "_id": "hidden", "group": "forger:1"}
    await books.wallet.database["journal"].insert_one(encode(copy))
    assert named(await books.gaps(), "group forger:1", "inserted")


async def test_a_limit_whose_names_were_exchanged_is_named(books: Books) -> None:
    """The same values under other names are another day's, and free this one."""
    limit = dict((await books.record("send:10"))["limits"][0])
    limit["day"], limit["operation"] = limit["operation"], limit["day"]
    await books.set("journal", "send:10", limits=[limit])
    assert named(await books.gaps(), "code does not fit", "send:10")


async def test_what_was_put_back_after_it_was_refused_a_seal_leaves_no_gap_behind(books: Books) -> None:
    """Its group is chained late, behind later ones of the same accounts."""
    seals = seals_of(books.wallet)
    await books.send("first")
    await books.set("journal", "first", by="somebody")
    await books.send("second")
    assert (await seals.seal()).faults
    await books.set("journal", "first", by="test")
    await seals.reconsider()
    assert not (await seals.seal()).faults
    assert await books.gaps() == []


@pytest.mark.parametrize(
    ("collection", "document", "part"),
    [
        ("holds", {"_id": "x", "state": "open"}, "holds x"),
        ("accounts", {"_id": "y", "account": "XYZ:hot", "balance_minor": Decimal128("5")}, "XYZ:hot"),
        ("accounts", {"_id": "z", "account": 7, "balance_minor": Decimal128("5")}, "7: the balance is 5"),
        ("guards", {"_id": 5, "limits": 7}, "person 5"),
    ],
)
async def test_a_document_that_this_program_never_writes_is_a_gap_and_no_crash(
    books: Books, collection: str, document: dict[str, Any], part: str
) -> None:
    await books.wallet.database[collection].insert_one(document, bypass_document_validation=True)
    assert named(await books.gaps(), part)
