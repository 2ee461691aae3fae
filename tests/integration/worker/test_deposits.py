"""Money that comes in: under, over, late, second, reorganised, above the limit. Every one has an end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.faults.world import ITD, PERSON, RATE_MINOR
from tests.integration.worker.inside import Inside
from wallet_core.domain.accounts import available, held
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.guards import ChangeGuards, Guards
from wallet_core.domain.kyc import GiveBackLimit, Operation, TakeLimit, day_of, used
from wallet_core.domain.ledger import Posting
from wallet_core.domain.purchase import Invoice, InvoiceState
from wallet_core.domain.quote import coins_for
from wallet_core.use_cases.verify_books import verify_books

_STARTED_WITH = 1_000 * ITD
#: Per cent of the amount that is paid for it, with the fee.
_FEE = 101


async def _paid(inside: Inside, invoice: Invoice, wei: int) -> None:
    await inside.world.node.send(invoice.address, wei)


async def _arrived(inside: Inside, invoice: Invoice, wei: int) -> None:
    """Paid, final, and looked at."""
    await _paid(inside, invoice, wei)
    await inside.look(blocks=1)
    await inside.look(blocks=2)


async def _has(inside: Inside) -> tuple[int, int]:
    """What the person has gained, available and held."""
    there = await inside.world.balance(available(PERSON).id), await inside.world.balance(held(PERSON).id)
    return there[0] - _STARTED_WITH, there[1]


async def _level(inside: Inside, level: int) -> None:
    change = ChangeGuards(PERSON, lambda guards, _now: guards.with_(level=level))
    await inside.ports.ledger.post(Posting(f"test:level:{level}", "level", "test", changes=(change,)))


async def _limit_used(inside: Inside) -> tuple[int, int]:
    guards = await inside.ports.store.get(Guards, PERSON)
    assert guards is not None
    today = used(guards, Operation.PURCHASE, day_of(await inside.ports.store.now()))
    return today.count, today.amount_minor


@pytest.fixture(autouse=True)
async def _books_are_right(inside: Inside) -> object:
    """Whatever a test did, the books must balance at its end."""
    yield
    assert [gap for gap in (await verify_books(inside.world.ports, {})).gaps if "deposits" not in gap] == []


async def test_an_exact_payment_is_shown_then_credited_exactly(inside: Inside) -> None:
    await inside.look()
    invoice = await inside.world.invoice(0)
    await _paid(inside, invoice, invoice.coin_minor)
    await inside.look(blocks=1)
    pending = await inside.invoice(invoice)
    assert (pending.pending_minor, pending.received_minor) == (invoice.coin_minor, 0)
    assert pending.txid is not None
    assert await _has(inside) == (0, 0)
    await inside.look(blocks=2)
    credited = await inside.invoice(invoice)
    assert (credited.state, credited.pending_minor) == (InvoiceState.CREDITED, 0)
    assert await _has(inside) == (100 * ITD, 0)
    assert await inside.steps_told("invoice") == ["pending", "credited"]
    await inside.look(blocks=3)
    assert await _has(inside) == (100 * ITD, 0)


@pytest.mark.parametrize("percent", [1, 50, 99, 150])
async def test_less_or_more_is_credited_at_the_locked_rate(inside: Inside, percent: int) -> None:
    await inside.look()
    invoice = await inside.world.invoice(0)
    await _arrived(inside, invoice, invoice.coin_minor * percent // 100)
    gained, waiting = await _has(inside)
    assert abs(gained - percent * ITD) <= 1
    assert waiting == 0
    assert await _limit_used(inside) == (1, max(100 * ITD, gained))


async def test_dust_is_booked_and_credits_nothing(inside: Inside) -> None:
    invoice = await inside.world.invoice(0)
    await _arrived(inside, invoice, 1)
    assert await _has(inside) == (0, 0)
    assert (await inside.invoice(invoice)).received_minor == 1


async def test_two_payments_are_credited_one_after_the_other(inside: Inside) -> None:
    invoice = await inside.world.invoice(0)
    half = invoice.coin_minor // 2
    await _arrived(inside, invoice, half)
    await _arrived(inside, invoice, invoice.coin_minor - half)
    gained, _ = await _has(inside)
    assert 100 * ITD - 2 <= gained <= 100 * ITD
    assert (await inside.invoice(invoice)).received_minor == invoice.coin_minor


async def test_a_second_payment_while_the_first_is_pending_is_counted_once(inside: Inside) -> None:
    invoice = await inside.world.invoice(0)
    await _paid(inside, invoice, invoice.coin_minor)
    await inside.look(blocks=1)
    await _paid(inside, invoice, invoice.coin_minor)
    await inside.look(blocks=2)
    await inside.look(blocks=2)
    gained, _ = await _has(inside)
    assert 200 * ITD - 1 <= gained <= 200 * ITD + 1


async def test_a_pending_payment_that_is_reorganised_away_goes_back(inside: Inside) -> None:
    invoice = await inside.world.invoice(0)
    await _paid(inside, invoice, invoice.coin_minor)
    await inside.look(blocks=1)
    await inside.world.node.reorganise(1)
    await inside.look(blocks=1)
    back = await inside.invoice(invoice)
    assert (back.state, back.pending_minor, back.pending_since) == (InvoiceState.OPEN, 0, None)
    assert await inside.steps_told("invoice") == ["pending", "open"]
    await inside.look(blocks=3)
    assert await _has(inside) == (0, 0)


async def test_money_from_inside_a_contract_counts_like_any_other(inside: Inside) -> None:
    invoice = await inside.world.invoice(0)
    # No transaction leads to the address, as with an internal transfer: only its balance tells.
    await inside.world.node.set_balance(invoice.address, invoice.coin_minor)
    await inside.look(blocks=1)
    await inside.look(blocks=3)
    assert await _has(inside) == (100 * ITD, 0)


async def test_an_unpaid_invoice_expires_and_gives_its_limit_back(inside: Inside) -> None:
    long_ago = await inside.ports.store.now() - timedelta(hours=1)
    invoice = await inside.world.invoice(0, expires_at=long_ago)
    assert await _limit_used(inside) == (1, 100 * ITD)
    await inside.look(blocks=1)
    expired = await inside.invoice(invoice)
    assert (expired.state, expired.limit_returned) == (InvoiceState.EXPIRED, True)
    assert await _limit_used(inside) == (0, 0)
    assert await inside.steps_told("invoice") == ["expired"]


async def test_a_late_payment_gets_todays_rate_and_takes_the_limit_anew(inside: Inside) -> None:
    long_ago = await inside.ports.store.now() - timedelta(hours=1)
    invoice = await inside.world.invoice(0, expires_at=long_ago)
    await inside.look(blocks=1)
    inside.world.ticker.price_usd = 5_000
    await _arrived(inside, invoice, invoice.coin_minor)
    gained, _ = await _has(inside)
    assert abs(gained - 200 * ITD) <= 1
    assert (await inside.invoice(invoice)).state is InvoiceState.CREDITED
    assert await _limit_used(inside) == (1, gained)


async def test_a_late_payment_waits_while_there_is_no_rate(inside: Inside) -> None:
    long_ago = await inside.ports.store.now() - timedelta(hours=1)
    invoice = await inside.world.invoice(0, expires_at=long_ago)
    await inside.look(blocks=1)
    inside.world.ticker.price_usd = None
    await _arrived(inside, invoice, invoice.coin_minor)
    assert await _has(inside) == (0, 0)
    inside.world.ticker.price_usd = 2_500
    await inside.look(blocks=1)
    assert (await _has(inside))[0] == pytest.approx(100 * ITD, abs=1)


async def test_what_was_seen_in_time_keeps_its_rate_and_only_that(inside: Inside) -> None:
    """One wei in time must not keep the rate open for a payment that waits how the price moves."""
    invoice = await inside.world.invoice(0)
    await _paid(inside, invoice, invoice.coin_minor)
    await inside.look(blocks=1)
    await inside.world.database["invoices"].update_one(
        {"_id": invoice.id}, {"$set": {"expires_at": invoice.created_at - timedelta(hours=1)}}
    )
    inside.world.ticker.price_usd = 5_000
    await _paid(inside, invoice, invoice.coin_minor)
    await inside.look(blocks=1)
    await inside.look(blocks=2)
    await inside.look(blocks=1)
    gained, _ = await _has(inside)
    assert abs(gained - 300 * ITD) <= 2


async def test_what_is_above_the_limit_is_held_and_told_and_released_on_a_later_day(inside: Inside) -> None:
    await _level(inside, 1)
    invoice = await inside.world.invoice(0, itd=400)
    await _arrived(inside, invoice, 2 * invoice.coin_minor)
    gained, waiting = await _has(inside)
    assert gained == 400 * ITD
    assert abs(waiting - 400 * ITD) <= 1
    assert (await inside.steps_told("invoice"))[-1] == "held"
    await _a_new_day(inside)
    await _looks_for_held_money(inside)
    gained, waiting = await _has(inside)
    assert waiting == 0
    assert abs(gained - 800 * ITD) <= 1
    assert (await inside.steps_told("invoice"))[-1] == "credited"


async def test_more_than_a_days_limit_is_released_day_by_day(inside: Inside) -> None:
    await _level(inside, 1)
    invoice = await inside.world.invoice(0, itd=400)
    await _arrived(inside, invoice, 4 * invoice.coin_minor)
    for expected in (900, 1_400, 1_600):
        await _a_new_day(inside)
        await _looks_for_held_money(inside)
        assert (await _has(inside))[0] == pytest.approx(expected * ITD, abs=2)


async def test_a_late_payment_above_the_limit_is_held_whole(inside: Inside) -> None:
    await _level(inside, 1)
    long_ago = await inside.ports.store.now() - timedelta(hours=1)
    invoice = await inside.world.invoice(0, itd=400, expires_at=long_ago)
    await inside.look(blocks=1)
    now = await inside.ports.store.now()
    taken = TakeLimit(PERSON, Operation.PURCHASE, 450 * ITD, day_of(now))
    await inside.ports.ledger.post(Posting("test:used", "used", "test", changes=(taken,)))
    await _arrived(inside, invoice, invoice.coin_minor)
    assert (await _has(inside))[0] == 0
    assert (await inside.invoice(invoice)).held_minor == pytest.approx(400 * ITD, abs=1)


async def _a_new_day(inside: Inside) -> None:
    """As if what was used today had been used yesterday."""
    now = await inside.ports.store.now()
    count, minor = await _limit_used(inside)
    given_back = GiveBackLimit(PERSON, Operation.PURCHASE, minor, day_of(now), counts=count)
    await inside.ports.ledger.post(Posting(f"test:day:{now}", "day", "test", changes=(given_back,)))


async def _looks_for_held_money(inside: Inside) -> None:
    for _ in range(15):
        await inside.look()


async def test_coins_that_leave_after_they_were_booked_freeze_the_wallet(inside: Inside) -> None:
    invoice = await inside.world.invoice(0)
    await _arrived(inside, invoice, invoice.coin_minor)
    await inside.world.node.reorganise(3)
    await inside.look(blocks=1)
    assert "deposit_gone" in ((await inside.rail()).alarm or "")
    assert (await _has(inside))[0] == 100 * ITD


async def test_an_old_address_is_still_watched(inside: Inside) -> None:
    await inside.world.set_rail(next_index=2)
    invoice = await inside.world.invoice(0, state=InvoiceState.EXPIRED, limit_returned=True)
    await inside.look(blocks=1)
    await _arrived(inside, invoice, coins_for(10 * ITD * _FEE // 100, RATE_MINOR, invoice.asset))
    assert (await _has(inside))[0] == pytest.approx(10 * ITD, abs=1)


async def test_the_window_is_kept_ahead_of_the_addresses_that_are_allotted(inside: Inside) -> None:
    await inside.look()
    assert (await inside.rail()).watched_through == 1_000
    await inside.world.set_rail(next_index=600)
    await inside.look()
    assert (await inside.rail()).watched_through == 1_600


async def test_a_node_that_lost_blocks_decides_nothing(inside: Inside) -> None:
    invoice = await inside.world.invoice(0)
    await inside.look(blocks=5)
    snapshot = await inside.world.node.call("evm_snapshot")
    await inside.look(blocks=3)
    await inside.world.node.call("evm_revert", snapshot)
    with pytest.raises(Unavailable):
        await inside.look()
    with pytest.raises(Unavailable):
        await inside.pay()
    assert (await inside.invoice(invoice)).received_minor == 0
