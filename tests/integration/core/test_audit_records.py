"""Records of what admins did, in the real MongoDB: one that was edited, removed or cut off is named by `wallet verify`.

So are a role, a level and a freeze that stand in somebody's guards and that nobody gave or ended.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.books import Books, named
from tests.support.sealing import seal_all
from wallet_core.domain.errors import Refused
from wallet_core.domain.history import AUDITED
from wallet_core.domain.journal import digest_of
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Role
from wallet_core.domain.purchase import RailState
from wallet_core.domain.seal import Head
from wallet_core.use_cases.change_role import change_role
from wallet_core.use_cases.freeze import freeze
from wallet_core.use_cases.grant_role import grant_role
from wallet_core.use_cases.set_rail import set_rail
from wallet_core.use_cases.show_audit import show_audit
from wallet_core.use_cases.show_head import show_head

CLOSING = (Asset.ETH, RailState.CLOSED)


async def admins_at_work(books: Books) -> tuple[dict[str, str], Head]:
    """An owner switches a rail, another thing is refused, a role is asked for; sealed. The keys by kind."""
    wallet = books.wallet
    await grant_role(wallet.ports, books.ben.person, Role.OWNER)
    await set_rail(wallet.ports, books.ben, *CLOSING, await wallet.code(books.ben))
    await change_role(wallet.ports, books.ben, books.anna.person, Role.SUPPORT, await wallet.code(books.ben))
    with pytest.raises(Refused):
        await set_rail(wallet.ports, books.anna, *CLOSING, "123456")
    await seal_all(wallet)
    head = await show_head(wallet.ports)
    kinds = ("role_granted", "rail_switched", "approval_asked", "admin_refused")
    keys = {kind: (await wallet.database["journal"].find_one({"kind": kind}))["_id"] for kind in kinds}  # type: ignore[index]  # it is there
    assert await books.gaps(given=head) == []
    return keys, head


async def test_an_edited_audit_record_is_named_also_with_a_new_digest(books: Books) -> None:
    keys, head = await admins_at_work(books)
    before = await books.dump()
    for key in keys.values():
        record = await books.record(key)
        facts = {**record["facts"], "what": "nothing at all"}
        await books.set("journal", key, facts=facts)
        assert named(await books.gaps(given=head), key, "was changed")
        await books.set("journal", key, digest=digest_of(record["kind"], [], facts))
        assert named(await books.gaps(given=head), "code does not fit", key)
        await books.set("journal", key, by="person:1", facts=record["facts"], digest=record["digest"])
        assert named(await books.gaps(given=head), "code does not fit", key)
        await books.restore(before)
    assert await books.gaps(given=head) == []


async def test_a_removed_audit_record_is_named(books: Books) -> None:
    keys, head = await admins_at_work(books)
    before = await books.dump()
    for key in keys.values():
        await books.wallet.database["journal"].delete_one({"_id": key})
        assert named(await books.gaps(given=head), f"{key}: the record was deleted")
        await books.restore(before)


async def test_audit_records_that_were_cut_off_are_found_by_a_head_that_was_kept_elsewhere(books: Books) -> None:
    """Whoever has the database and takes the end of everything leaves books that are right by themselves."""
    before = await books.dump()
    _, head = await admins_at_work(books)
    await books.restore(before)
    assert await books.gaps() == []
    (gap,) = await books.gaps(given=head)
    assert "the chain was truncated" in gap and f"had {head.length}" in gap


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"role": "owner"}, "guards say role owner, the journal none"),
        ({"level": 3}, "guards say level 3, the journal 2"),
        ({"frozen_at": None, "frozen_by": None}, "guards say not frozen, the journal frozen"),
    ],
    ids=["role", "level", "freeze"],
)
async def test_what_somebody_wrote_into_the_guards_is_named(books: Books, fields: dict[str, Any], said: str) -> None:
    await freeze(books.wallet.ports, books.anna)
    assert await books.gaps() == []
    await books.set("guards", books.anna.person, **fields)
    assert named(await books.gaps(), f"person {books.anna.person}: {said}")


async def test_a_freeze_that_nobody_began_and_a_role_that_was_put_back_are_named(books: Books) -> None:
    ben = books.ben.person
    await grant_role(books.wallet.ports, ben, Role.FINANCE)
    (before,) = [doc async for doc in books.wallet.database["guards"].find({"_id": ben})]
    await grant_role(books.wallet.ports, ben, None)
    assert await books.gaps() == []
    restored = {name: before[name] for name in ("role", "role_number", "role_mac")}
    await books.set("guards", ben, **restored, frozen_at=before["member_since"] or before["_id"], frozen_by="x")
    gaps = await books.gaps()
    assert named(gaps, f"person {ben}: guards say role finance, the journal none")
    assert named(gaps, f"person {ben}: guards say frozen, the journal never said so")


async def test_the_audit_log_and_transactions_are_found_by_their_indexes(books: Books) -> None:
    await admins_at_work(books)
    looks = {
        "journal": ({"kind": {"$in": list(AUDITED)}}, "audited"),
        "payments": ({"txid": {"$in": ["ab" * 32]}}, "txid"),
        "withdrawals": ({"txid": {"$in": ["ab" * 32]}}, "txid"),
    }
    for collection, (where, index) in looks.items():
        order = [("place", -1)] if collection == "journal" else []
        found = books.wallet.database[collection].find(where)
        plan = str((await (found.sort(order) if order else found).explain())["queryPlanner"]["winningPlan"])
        assert index in plan and "COLLSCAN" not in plan, plan
    shown = await show_audit(books.wallet.ports, books.ben)
    assert {"rail_switched", "admin_refused"} <= {record.kind for record in shown.page.records}
