"""A day's purchase limit: what is not paid in time goes back to its own day, what comes later takes that of its day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from payout_worker.watchers import release
from payout_worker.watchers.balance_credit import credit_balance
from payout_worker.watchers.release import release_held
from tests.faults.world import ITD, PERSON
from tests.integration.worker.inside import Inside
from tests.support.level_tables import changed_rows, store_table
from wallet_core.adapters.mongo.codec import encode
from wallet_core.domain.accounts import Account, available, held
from wallet_core.domain.guards import ChangeGuards, Guards
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.kyc import Operation, day_of, used
from wallet_core.domain.ledger import Posting, debit
from wallet_core.domain.ledger import credit as credited
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import Invoice, InvoiceState

OTHER = 60


async def _limit_used(inside: Inside, day: str, person: int = PERSON) -> tuple[int, int]:
    guards = await inside.ports.store.get(Guards, person)
    assert guards is not None
    that_day = used(guards, Operation.PURCHASE, day)
    return that_day.count, that_day.amount_minor


async def _copied(inside: Inside, invoice: Invoice, **fields: Any) -> Invoice:
    """Another invoice like it, as somebody's life in this wallet may have left it."""
    copy = invoice.model_copy(update=fields)
    await inside.world.database["invoices"].insert_one({**encode(copy.document()), "version": 1})
    return copy


async def _older(inside: Inside, invoice: Invoice, days: int) -> None:
    """As if it had been ordered days ago, with its limit taken from that day."""
    today = invoice.limit_day
    then = invoice.created_at - timedelta(days=days)
    times = {"created_at": then, "expires_at": then, "limit_day": day_of(then)}
    await inside.world.database["invoices"].update_one({"_id": invoice.id}, {"$set": times})

    def moved(guards: Guards, _now: datetime) -> dict[str, Any]:
        return guards.with_(limits={day_of(then): guards.limits[today]})

    await inside.ports.ledger.post(Posting("test:older", "older", "test", changes=(ChangeGuards(PERSON, moved),)))


async def _arrived(inside: Inside, invoice: Invoice, wei: int) -> None:
    await inside.world.node.send(invoice.address, wei)
    await inside.look(blocks=1)
    await inside.look(blocks=2)


async def test_dust_does_not_keep_an_orders_limit_for_later_days(inside: Inside) -> None:
    invoice = await inside.world.invoice(0, itd=500)
    await _arrived(inside, invoice, 1)
    await _older(inside, invoice, days=2)
    day = (await inside.invoice(invoice)).limit_day
    assert await _limit_used(inside, day) == (1, 500 * ITD)
    await inside.look(blocks=1)
    ended = await inside.invoice(invoice)
    assert (ended.state, ended.limit_returned, ended.unpaid_minor) == (InvoiceState.EXPIRED, True, 0)
    assert await _limit_used(inside, day) == (0, 0)
    await _arrived(inside, invoice, invoice.coin_minor)
    today = day_of(await inside.ports.store.now())
    count, amount_minor = await _limit_used(inside, today)
    assert count == 1
    assert amount_minor == pytest.approx(500 * ITD, abs=1)
    assert await _limit_used(inside, day) == (0, 0)


async def test_only_what_is_unpaid_of_a_limit_goes_back(inside: Inside) -> None:
    whole, part = await inside.world.invoice(0), await inside.world.invoice(1)
    await _arrived(inside, whole, whole.coin_minor)
    await _arrived(inside, part, part.coin_minor * 3 // 10)
    over = whole.created_at - timedelta(hours=1)
    await inside.world.database["invoices"].update_many({}, {"$set": {"expires_at": over}})
    for _ in range(2):
        await inside.look(blocks=1)
    assert [(await inside.invoice(i)).limit_returned for i in (whole, part)] == [False, True]
    count, amount_minor = await _limit_used(inside, whole.limit_day)
    assert count == 2
    assert amount_minor == pytest.approx(130 * ITD, abs=1)


async def test_a_late_payment_takes_the_limit_of_its_day_although_its_order_had_taken_one(inside: Inside) -> None:
    """It may be final before any pass has given the order's limit back."""
    await inside.world.person(0, person=OTHER, level=1)
    base = await inside.world.invoice(0, itd=500)
    for n in range(1, 5):
        then = base.created_at - timedelta(days=n)
        old = await _copied(
            inside, base, id=f"old{n}", person=OTHER, address=f"0x{n}", index=n, state=InvoiceState.CREDITED,
            received_minor=1, limit_day=day_of(then), created_at=then, expires_at=then,
        )  # fmt: skip
        await credit_balance(inside.ports, inside.tenure, old, old.coin_minor, 0)
        assert (await inside.invoice(old)).limit_returned
    assert await inside.world.balance(available(OTHER).id) <= 500 * ITD
    assert await inside.world.balance(held(OTHER).id) >= 1_499 * ITD
    assert (await _limit_used(inside, base.limit_day, OTHER))[0] == 1


async def test_held_money_of_people_without_room_starves_nobody_elses(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "_MOST_PER_PASS", 3)
    base = await inside.world.invoice(0, itd=1)
    await inside.world.person(0, person=OTHER, level=1)
    full = {base.limit_day: {"purchase": {"count": 5, "amount_minor": 500 * ITD}}}
    filled = ChangeGuards(OTHER, lambda guards, _now: guards.with_(limits=full))
    there = (debit(Account(Asset.ITD, "trading"), 10 * ITD), credited(held(PERSON), 10 * ITD))
    await inside.ports.ledger.post(Posting("test:held", "held", "test", entries=there, changes=(filled,)))
    for n in range(1, 8):
        fields = {"id": f"x{n}", "person": OTHER, "address": f"0x{n}", "index": n, "held_minor": 1_000 * ITD}
        await _copied(inside, base, **fields, state=InvoiceState.CREDITED, fulfilled=True)
    small = await _copied(
        inside, base, id="small", address="0x9", index=9, held_minor=10 * ITD, state=InvoiceState.CREDITED
    )
    turns = [0]
    for _ in range(3):
        turns.append(await release_held(inside.ports, inside.tenure, turns[-1]))
    assert turns == [0, 3, 6, 0]
    assert (await inside.invoice(small)).held_minor == 0


async def test_an_invoice_that_cannot_end_keeps_no_other_from_ending(inside: Inside) -> None:
    await inside.look()
    await inside.world.person(0, person=99)
    over = await inside.ports.store.now() - timedelta(hours=1)
    broken = await inside.world.invoice(0, person=99, created_at=over, expires_at=over)
    unpaid = await inside.world.invoice(1, expires_at=over)
    await inside.world.database["guards"].delete_one({"_id": 99})
    await inside.look(blocks=1)
    assert (await inside.invoice(unpaid)).state is InvoiceState.EXPIRED
    assert (await inside.invoice(broken)).state is InvoiceState.OPEN


async def test_while_nobody_vouches_for_the_table_what_was_ordered_is_credited_and_the_rest_is_held(
    inside: Inside,
) -> None:
    core, tables = inside.ports.core, inside.world.database["level_tables"]
    before = await store_table(core, changed_rows("1 purchase 5 1000", "1 eth 5 1000", "3 purchase 50 50000"))
    invoice = await inside.world.invoice(0, itd=100)
    await tables.update_one({"_id": before.id}, {"$set": {"note": "harmless"}})
    await _arrived(inside, invoice, invoice.coin_minor * 2)
    arrived = await inside.invoice(invoice)
    assert arrived.credited_minor == pytest.approx(100 * ITD, abs=1)
    assert arrived.held_minor == pytest.approx(100 * ITD, abs=ITD)
    assert await release_held(inside.ports, inside.tenure) == 0
    assert (await inside.invoice(invoice)).held_minor == arrived.held_minor
    told = await inside.ports.store.find(JournalRecord, {"kind": "alarm"})
    assert [record.facts["alarm"] for record in told] == ["levels_unsound"]
    await tables.update_one({"_id": before.id}, {"$set": {"note": ""}})
    await release_held(inside.ports, inside.tenure)
    assert (await inside.invoice(invoice)).held_minor == 0


@pytest.mark.parametrize(
    ("table", "released_itd"),
    [("3 eth 50 130", 30), ("3 purchase 50 140", 40), ("3 btc 0 0", 100)],
)
async def test_what_is_held_is_released_as_both_limits_allow(inside: Inside, table: str, released_itd: int) -> None:
    """The order took 100 of each, and 100 more are held."""
    await inside.world.person(0, person=OTHER, level=3)
    base = await inside.world.invoice(0, itd=1)
    there = (debit(Account(Asset.ITD, "trading"), 100 * ITD), credited(held(OTHER), 100 * ITD))
    counted = {each: {"count": 1, "amount_minor": 100 * ITD} for each in ("purchase", "purchase_eth")}
    used_up = ChangeGuards(OTHER, lambda guards, _now: guards.with_(limits={base.limit_day: counted}))
    await inside.ports.ledger.post(Posting("test:held", "held", "test", entries=there, changes=(used_up,)))
    fields = {"id": "x", "person": OTHER, "address": "0x1", "index": 1, "held_minor": 100 * ITD}
    invoice = await _copied(inside, base, **fields, state=InvoiceState.CREDITED, fulfilled=True)
    await store_table(inside.ports.core, changed_rows(table))
    await release_held(inside.ports, inside.tenure)
    assert (await inside.invoice(invoice)).held_minor == (100 - released_itd) * ITD
