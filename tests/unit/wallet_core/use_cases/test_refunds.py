"""Sending it back: a payout of its case, with a seal of its own, asked for once, and ended once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.support.cases import invoice_of
from tests.unit.wallet_core.desk import COINS, WITHHELD, Slow, balance, decide, now, opened, refunding, requested, told
from tests.unit.wallet_core.world import ADDRESS, BTC_ADDRESS, World, reason_of, refusal
from wallet_core.domain.case import Case, CaseChoice, CaseState
from wallet_core.domain.changes import Insert, Move
from wallet_core.domain.errors import AlreadyDone, InvariantViolated, Reason
from wallet_core.domain.guards import ChangeGuards, frozen
from wallet_core.domain.intent import Intent
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import Payment, PaymentState
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Caller
from wallet_core.domain.purchase import Rail
from wallet_core.domain.record import Target
from wallet_core.domain.refund import refund_over
from wallet_core.use_cases.cancel_withdrawal import cancel_withdrawal
from wallet_core.use_cases.quote_refund import quote_refund
from wallet_core.use_cases.refunds import is_refundable, refund_end
from wallet_core.use_cases.request_refund import request_refund
from wallet_core.use_cases.show_case import show_case


async def test_a_refund_is_a_payout_of_its_case_with_a_seal_of_its_own(
    world: World, ana: Caller, admin: Caller
) -> None:
    case = await refunding(world, ana, admin)
    refund = await requested(world, ana, case)
    assert (refund.id, refund.case, refund.state) == (case.id, case.id, PayoutState.QUEUED)
    assert (refund.coin_minor, refund.withheld_minor) == (COINS - WITHHELD, WITHHELD)
    assert world.ports.vault.mac_fits(refund.terms(), refund.mac) and refund.total_minor == 0
    for changed in ({"case": None}, {"withheld_minor": 0}, {"coin_minor": COINS}, {"address": "x"}, {"person": 2}):
        assert not world.ports.vault.mac_fits(refund.model_copy(update=changed).terms(), refund.mac)
    assert (await now(world, case)).state is CaseState.PAYING
    assert balance(world, "suspense") == COINS and await world.money(ana) == (0, 0)
    # The wait of a new address.
    assert refund.not_before is not None
    assert await is_refundable(world.ports, refund)


async def test_while_a_refund_is_under_way_nothing_else_is_decided(world: World, ana: Caller, admin: Caller) -> None:
    case = await refunding(world, ana, admin)
    await requested(world, ana, case)
    with pytest.raises(AlreadyDone):
        await decide(world, admin, await now(world, case), CaseChoice.CREDIT)
    assert await reason_of(quote_refund(world.ports, ana, case.id, BTC_ADDRESS)) is Reason.WRONG_STATE


async def test_a_credit_in_between_ends_the_refund_that_was_offered(world: World, ana: Caller, admin: Caller) -> None:
    case = await refunding(world, ana, admin)
    quote = await quote_refund(world.ports, ana, case.id, BTC_ADDRESS)
    await decide(world, admin, case, CaseChoice.CREDIT)
    call = request_refund(world.ports, ana, quote.intent.id, await world.code(ana))
    assert await reason_of(call) is Reason.WRONG_STATE
    assert await world.ports.store.get(Withdrawal, case.id) is None


async def test_a_refund_is_asked_for_once(world: World, ana: Caller, admin: Caller) -> None:
    case = await refunding(world, ana, admin)
    first = await quote_refund(world.ports, ana, case.id, BTC_ADDRESS)
    second = await quote_refund(world.ports, ana, case.id, BTC_ADDRESS)
    refund = await request_refund(world.ports, ana, first.intent.id, await world.code(ana))
    with pytest.raises(AlreadyDone) as done:
        await request_refund(world.ports, ana, first.intent.id, await world.code(ana))
    assert done.value.result.id == refund.id
    call = request_refund(world.ports, ana, second.intent.id, await world.code(ana))
    assert await reason_of(call) is Reason.WRONG_STATE


async def test_somebody_else_learns_nothing_of_a_refund(world: World, ana: Caller, admin: Caller) -> None:
    case, eve = await refunding(world, ana, admin), await world.person(3)
    assert await reason_of(quote_refund(world.ports, eve, case.id, BTC_ADDRESS)) is Reason.NOT_YOURS


async def test_own_addresses_and_those_of_invoices_are_refused(world: World, ana: Caller, admin: Caller) -> None:
    address = world.ports.addresses[Asset.BTC].deposit(7)
    await world.post(changes=(Insert(invoice_of(ana.person, world.clock(), address=address)),))
    case = await refunding(world, ana, admin)
    assert await reason_of(quote_refund(world.ports, ana, case.id, address)) is Reason.OWN_ADDRESS
    assert await reason_of(quote_refund(world.ports, ana, case.id, ADDRESS)) is Reason.BAD_ADDRESS


async def test_a_frozen_person_gets_nothing_sent_back(world: World, ana: Caller, admin: Caller) -> None:
    case = await refunding(world, ana, admin)
    quote = await quote_refund(world.ports, ana, case.id, BTC_ADDRESS)
    await world.post(changes=(frozen(ana.person, ana.name),))
    assert await reason_of(quote_refund(world.ports, ana, case.id, BTC_ADDRESS)) is Reason.POLICY
    call = request_refund(world.ports, ana, quote.intent.id, await world.code(ana))
    assert await reason_of(call) is Reason.POLICY
    assert (await now(world, case)).state is CaseState.WAITING


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda ana: frozen(ana.person, ana.name), Reason.FROZEN),
        (lambda ana: ChangeGuards(ana.person, lambda guards, _: guards.with_(debt_minor=1)), Reason.IN_DEBT),
    ],
)
async def test_a_freeze_or_a_debt_at_the_very_same_moment_lets_nothing_go(
    *, world: World, ana: Caller, admin: Caller, change: Any, reason: Reason
) -> None:
    case = await refunding(world, ana, admin)
    quote = await quote_refund(world.ports, ana, case.id, BTC_ADDRESS)

    async def change_first() -> None:
        await world.post(changes=(change(ana),))

    ports = replace(world.ports, ledger=Slow(world, "refund_requested", change_first))
    assert await reason_of(request_refund(ports, ana, quote.intent.id, await world.code(ana))) is reason
    assert (await now(world, case)).state is CaseState.WAITING
    assert await world.ports.store.get(Withdrawal, case.id) is None


@pytest.mark.parametrize("changed", [{"address": ADDRESS}, {"coin_minor": 1_084, "withheld_minor": 416}])
async def test_terms_that_were_changed_after_they_were_shown_are_not_queued(
    world: World, ana: Caller, admin: Caller, changed: dict[str, Any]
) -> None:
    case = await refunding(world, ana, admin)
    intent = (await quote_refund(world.ports, ana, case.id, BTC_ADDRESS)).intent
    target = Target(Intent.collection, intent.id)
    world.memory.documents[target] = {**world.memory.documents[target], **changed}
    call = request_refund(world.ports, ana, intent.id, await world.code(ana))
    with pytest.raises(InvariantViolated):
        await call
    assert await world.ports.store.get(Withdrawal, case.id) is None


async def test_what_is_not_worth_sending_is_not_sent_back(world: World, ana: Caller, admin: Caller) -> None:
    case = await opened(world, ana, coin_minor=WITHHELD + 545)
    refused = await refusal(decide(world, admin, case, CaseChoice.REFUND))
    assert (refused.reason, refused.facts["minimum_minor"]) == (Reason.BELOW_MINIMUM, WITHHELD + 546)
    row = await show_case(world.ports, admin, case.id)
    assert CaseChoice.REFUND not in row.choices and row.refund_minor is None


async def test_a_refund_that_was_taken_back_goes_to_another_address(world: World, ana: Caller, admin: Caller) -> None:
    case = await refunding(world, ana, admin)
    await requested(world, ana, case)
    for number in range(1, 3):
        await cancel_withdrawal(world.ports, ana, case.id)
        waiting = await now(world, case)
        assert (waiting.state, waiting.refunds) == (CaseState.WAITING, number)
        cancelled = await world.ports.store.get(Withdrawal, case.id)
        assert cancelled and cancelled.state is PayoutState.CANCELLED
        again = await requested(world, ana, case)
        assert (again.state, again.round) == (PayoutState.QUEUED, number)
        assert world.ports.vault.mac_fits(again.terms(), again.mac)
    assert balance(world, "suspense") == COINS


async def test_the_worker_believes_no_refund_that_its_case_does_not_tell_of(
    world: World, ana: Caller, admin: Caller
) -> None:
    case = await refunding(world, ana, admin)
    refund = await requested(world, ana, case)
    with pytest.raises(InvariantViolated):
        await is_refundable(world.ports, refund.model_copy(update={"coin_minor": COINS}))
    target = Target(Case.collection, case.id)
    for changed in ({"state": CaseState.CLOSED}, {"choice": CaseChoice.KEEP}, {"coin_minor": 10**8}, {"mac": "00"}):
        genuine = world.memory.documents[target]
        world.memory.documents[target] = {**genuine, **changed}
        with pytest.raises(InvariantViolated):
            await is_refundable(world.ports, refund)
        world.memory.documents[target] = genuine


async def test_a_case_that_was_credited_is_never_paid_out_whatever_the_database_says(
    world: World, ana: Caller, admin: Caller
) -> None:
    case = await refunding(world, ana, admin)
    refund = await requested(world, ana, case)
    paying = world.memory.documents[Target(Case.collection, case.id)]
    await cancel_withdrawal(world.ports, ana, case.id)
    await decide(world, admin, await now(world, case), CaseChoice.CREDIT)
    world.memory.documents[Target(Case.collection, case.id)] = paying
    with pytest.raises(InvariantViolated):
        await is_refundable(world.ports, refund)


@pytest.mark.parametrize("height", [None, 977])
async def test_what_a_reorganisation_may_take_is_not_sent_back_yet(
    world: World, ana: Caller, admin: Caller, height: int | None
) -> None:
    case = await refunding(world, ana, admin)
    refund = await requested(world, ana, case)
    aside = frozenset({PaymentState.CASE})
    await world.post(changes=(Move(Payment, case.payments[0], aside, PaymentState.CASE, {"height": height}),))
    assert not await is_refundable(world.ports, refund)
    running = frozenset({"running"})
    await world.post(changes=(Move(Rail, Asset.BTC, running, "running", {"seen_height": 1_001}),))
    assert await is_refundable(world.ports, refund) == (height is not None)


async def test_a_refund_that_could_not_be_paid_is_decided_anew(world: World, ana: Caller, admin: Caller) -> None:
    case = await refunding(world, ana, admin)
    refund = await requested(world, ana, case)
    end = await refund_end(world.ports, refund, CaseState.OPEN)
    queued = frozenset({PayoutState.QUEUED})
    returned = Move(Withdrawal, refund.id, queued, PayoutState.RETURNED)
    await world.post(changes=(returned, *end.changes), messages=end.messages)
    reopened = await now(world, case)
    assert (reopened.state, reopened.decisions) == (CaseState.OPEN, 2)
    assert told(world, admin.person, "case")[-1]["state"] == "open"
    with pytest.raises(AlreadyDone):
        await decide(world, admin, case, CaseChoice.KEEP)
    await decide(world, admin, reopened, CaseChoice.CREDIT)
    assert (await world.money(ana))[0] > 0


async def test_the_end_of_a_refund_happens_once(world: World, ana: Caller, admin: Caller) -> None:
    case = await refunding(world, ana, admin)
    assert await reason_of(world.post(changes=(refund_over(case.id, CaseState.CLOSED),))) is Reason.WRONG_STATE
    refund = await requested(world, ana, case)
    end = await refund_end(world.ports, refund, CaseState.CLOSED)
    await world.post(changes=end.changes, messages=end.messages)
    assert await reason_of(world.post(changes=end.changes)) is Reason.WRONG_STATE
    assert told(world, ana.person, "invoice")[-1]["step"] == "refunded"
