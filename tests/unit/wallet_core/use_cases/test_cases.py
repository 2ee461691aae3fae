"""Cases: decided once, by somebody else, with a code; their coins are credited, kept or sent back, and never twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tests.support.cases import invoice_of, payment_of
from tests.unit.wallet_core.desk import COINS, WITHHELD, Slow, balance, decide, invoice_now, now, opened, told
from tests.unit.wallet_core.world import ITD, World, reason_of
from wallet_core.domain.case import CHOICES, Case, CaseChoice, CaseKind, CaseState, case_id, completed
from wallet_core.domain.changes import Insert
from wallet_core.domain.errors import AlreadyDone, InvariantViolated, Reason, Refused
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.ledger import Balance
from wallet_core.domain.money import Asset
from wallet_core.domain.payment import Payment, PaymentState
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.record import Target
from wallet_core.use_cases.cases import cases_awaiting_rest, opening
from wallet_core.use_cases.decide_case import decide_case
from wallet_core.use_cases.show_case import show_case
from wallet_core.use_cases.show_cases import show_cases


async def test_a_case_has_its_coins_aside_and_the_finance_admins_are_told_once(
    world: World, ana: Caller, admin: Caller
) -> None:
    await world.person(8, role=Role.SUPPORT)
    case = await opened(world, ana)
    assert (balance(world, "deposits"), balance(world, "suspense")) == (COINS, COINS)
    assert await world.money(ana) == (0, 0)
    (notice,) = told(world, admin.person, "case")
    assert (notice["id"], notice["coin_minor"], notice["person"]) == (case.id, COINS, ana.person)
    assert not told(world, 8, "case") and not told(world, ana.person, "case")
    again = await opened(world, ana)
    assert not again.told and len(told(world, admin.person, "case")) == 1


async def test_a_case_is_credited_at_todays_rate(world: World, ana: Caller, admin: Caller) -> None:
    case = await opened(world, ana)
    world.rates.itd_minor[Asset.BTC] = 30_000 * ITD
    made = await decide(world, admin, case, CaseChoice.CREDIT)
    assert (made.state, made.choice, made.decided_by, made.decisions) == (CaseState.CLOSED, "credit", 9, 1)
    credited = 450_000 * 100 // 101
    assert await world.money(ana) == (credited, 0)
    assert (balance(world, "deposits"), balance(world, "suspense")) == (COINS, 0)
    payment = await world.ports.store.get(Payment, case.payments[0])
    assert payment and (payment.state, payment.credited_minor) == (PaymentState.CREDITED, credited)
    invoice = await invoice_now(world, case)
    assert (invoice.received_minor, invoice.aside_minor, invoice.credited_minor) == (COINS, 0, credited)
    assert not any(world.sums().values())
    assert told(world, admin.person, "case")[-1]["choice"] == "credit"


async def test_what_the_days_limit_does_not_cover_is_held(world: World, ana: Caller, admin: Caller) -> None:
    case = await opened(world, ana, coin_minor=5_000_000, amount_minor=ITD, limit_returned=True)
    await decide(world, admin, case, CaseChoice.CREDIT)
    available, held = await world.money(ana)
    assert available == 0 and held == 3_000 * ITD * 100 // 101
    assert (await invoice_now(world, case)).held_minor == held and not any(world.sums().values())


async def test_what_is_owed_is_paid_first(world: World, ana: Caller, admin: Caller) -> None:
    case = await opened(world, ana)
    owing = ChangeGuards(ana.person, lambda guards, _: guards.with_(debt_minor=100_000))
    await world.post(changes=(owing,))
    await decide(world, admin, case, CaseChoice.CREDIT)
    assert await world.money(ana) == (900_000 * 100 // 101 - 100_000, 0)
    assert (await world.guards(ana)).debt_minor == 0


async def test_kept_money_becomes_the_houses(world: World, ana: Caller, admin: Caller) -> None:
    case = await opened(world, ana)
    await decide(world, admin, case, CaseChoice.KEEP)
    assert (balance(world, "deposits"), balance(world, "suspense"), balance(world, "equity")) == (COINS, 0, COINS)
    assert await world.money(ana) == (0, 0) and (await invoice_now(world, case)).aside_minor == COINS
    assert told(world, ana.person, "invoice")[-1]["step"] == "kept"


@pytest.mark.parametrize("second", list(CHOICES[CaseKind.TOO_SMALL]))
@pytest.mark.parametrize("first", [CaseChoice.CREDIT, CaseChoice.KEEP, CaseChoice.REFUND])
async def test_two_admins_decide_once(
    world: World, ana: Caller, admin: Caller, first: CaseChoice, second: CaseChoice
) -> None:
    case, other = await opened(world, ana), await world.person(10, role=Role.OWNER)
    await decide(world, admin, case, first)
    before = {target: d for target, d in world.memory.documents.items() if target.collection == Balance.collection}
    with pytest.raises(AlreadyDone) as done:
        await decide(world, other, case, second)
    assert done.value.result.decided_by == admin.person
    after = {target: d for target, d in world.memory.documents.items() if target.collection == Balance.collection}
    assert before == after


async def test_who_decides_at_the_very_same_moment_reads_who_was_faster(
    world: World, ana: Caller, admin: Caller
) -> None:
    case, other = await opened(world, ana), await world.person(10, role=Role.OWNER)
    codes = [(admin, await world.code(admin)), (other, await world.code(other))]
    outcomes = await asyncio.gather(
        *(
            decide_case(world.ports, who, case.id, choice, seen=0, code=code)
            for (who, code), choice in zip(codes, (CaseChoice.CREDIT, CaseChoice.KEEP), strict=True)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, Case) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, AlreadyDone) for outcome in outcomes) == 1
    assert balance(world, "suspense") == 0


async def test_a_decision_that_lost_the_race_uses_its_code_up(world: World, ana: Caller, admin: Caller) -> None:
    case, other = await opened(world, ana), await world.person(10, role=Role.OWNER)
    code = await world.code(other)

    async def faster() -> None:
        await decide(world, admin, case, CaseChoice.KEEP)

    ports = replace(world.ports, ledger=Slow(world, "purchase_credited", faster))
    with pytest.raises(AlreadyDone):
        await decide_case(ports, other, case.id, CaseChoice.CREDIT, seen=0, code=code)
    assert await world.money(ana) == (0, 0) and balance(world, "equity") == COINS
    assert await reason_of(
        decide_case(ports, other, (await opened(world, ana)).id, CaseChoice.KEEP, seen=0, code=code)
    ) is (Reason.CODE_USED)


async def test_who_saw_an_older_state_decides_nothing(world: World, ana: Caller, admin: Caller) -> None:
    case = await opened(world, ana)
    asked = await decide(world, admin, case, CaseChoice.ASK_REST)
    assert (asked.state, asked.decisions) == (CaseState.WAITING, 1)
    with pytest.raises(AlreadyDone):
        await decide(world, admin, case, CaseChoice.KEEP)
    assert (await decide(world, admin, asked, CaseChoice.KEEP)).state is CaseState.CLOSED


async def test_a_wrong_code_a_lower_role_and_ones_own_case_decide_nothing(
    world: World, ana: Caller, admin: Caller
) -> None:
    case = await opened(world, ana)
    wrong = decide_case(world.ports, admin, case.id, CaseChoice.KEEP, seen=0, code="000000")
    assert await reason_of(wrong) is Reason.WRONG_CODE
    support = await world.person(8, role=Role.SUPPORT)
    assert await reason_of(decide(world, support, case, CaseChoice.KEEP)) is Reason.NOT_ALLOWED
    own = await opened(world, admin)
    assert await reason_of(decide(world, admin, own, CaseChoice.CREDIT)) is Reason.NOT_ALLOWED
    assert (await now(world, case)) == case


async def test_what_a_kind_does_not_offer_is_refused(world: World, ana: Caller, admin: Caller) -> None:
    invoice = invoice_of(ana.person, world.clock())
    case = Case(
        id=case_id(CaseKind.OWED, "x"),
        kind=CaseKind.OWED,
        person=ana.person,
        invoice=invoice.id,
        asset=Asset.BTC,
        opened_at=world.clock(),
        facts={"owed_minor": ITD},
    )
    owed = await opening(world.ports, case)
    await world.post(changes=(Insert(invoice), *owed.changes))
    assert await reason_of(decide(world, admin, owed.case, CaseChoice.CREDIT)) is Reason.WRONG_STATE
    assert (await decide(world, admin, owed.case, CaseChoice.CLOSE)).state is CaseState.CLOSED


async def test_without_a_rate_nothing_is_credited_and_no_code_is_spent(
    world: World, ana: Caller, admin: Caller
) -> None:
    case = await opened(world, ana)
    code = await world.code(admin)

    class NoRates:
        async def rate(self, asset: Asset) -> Any:
            raise Refused(Reason.RATE_UNAVAILABLE)

    ports = replace(world.ports, rates=NoRates())
    call = decide_case(ports, admin, case.id, CaseChoice.CREDIT, seen=0, code=code)
    assert await reason_of(call) is Reason.RATE_UNAVAILABLE
    row = await show_case(ports, admin, case.id)
    assert row.choices == (CaseChoice.KEEP,) and row.worth_minor is None
    made = await decide_case(world.ports, admin, case.id, CaseChoice.CREDIT, seen=0, code=code)
    assert made.choice is CaseChoice.CREDIT


async def test_a_case_that_somebody_wrote_into_the_database_is_not_decided(
    world: World, ana: Caller, admin: Caller
) -> None:
    case = await opened(world, ana)
    target = Target(Case.collection, case.id)
    world.memory.documents[target] = {**world.memory.documents[target], "coin_minor": 10**8}
    with pytest.raises(InvariantViolated):
        await decide(world, admin, case, CaseChoice.CREDIT)
    with pytest.raises(InvariantViolated):
        await cases_awaiting_rest(world.ports, case.invoice)


async def test_the_rest_is_asked_for_with_what_is_missing(world: World, ana: Caller, admin: Caller) -> None:
    address = world.ports.addresses[Asset.BTC].deposit(3)
    case = await opened(world, ana, address=address)
    await decide(world, admin, case, CaseChoice.ASK_REST)
    card = told(world, ana.person, "invoice")[-1]
    assert (card["step"], card["rest_minor"]) == ("rest", 84_167 - COINS)
    assert card["payment_uri"] == f"bitcoin:{address}?amount=0.00082667"
    waiting = await cases_awaiting_rest(world.ports, case.invoice)
    assert [each.id for each in waiting] == [case.id]
    await world.post(changes=completed(waiting))
    assert (await now(world, case)).state is CaseState.CLOSED
    assert not await cases_awaiting_rest(world.ports, case.invoice)


async def test_of_an_order_that_is_over_only_what_makes_it_count_is_asked_for(
    world: World, ana: Caller, admin: Caller
) -> None:
    address = world.ports.addresses[Asset.BTC].deposit(4)
    case = await opened(world, ana, address=address, limit_returned=True)
    await decide(world, admin, case, CaseChoice.ASK_REST)
    # 1.01 ITD at 60,000 a coin, rounded up.
    assert told(world, ana.person, "invoice")[-1]["rest_minor"] == 1_684 - COINS


async def test_a_decision_and_the_rest_at_the_same_moment_are_one_outcome(
    world: World, ana: Caller, admin: Caller
) -> None:
    case = await opened(world, ana)
    waiting = await cases_awaiting_rest(world.ports, case.invoice)
    await decide(world, admin, case, CaseChoice.REFUND)
    assert await reason_of(world.post(changes=completed(waiting))) in (Reason.CHANGED_MEANWHILE, Reason.WRONG_STATE)
    assert not await cases_awaiting_rest(world.ports, case.invoice)


# The list


async def test_the_list_has_those_that_wait_for_a_decision_first(world: World, ana: Caller, admin: Caller) -> None:
    first = await opened(world, ana)
    await decide(world, admin, first, CaseChoice.REFUND)
    others = [await opened(world, ana) for _ in range(4)]
    page = await show_cases(world.ports, admin)
    assert {row.case.id for row in page.rows} == {case.id for case in others} and page.has_more
    last = await show_cases(world.ports, admin, 2)
    assert [row.case.id for row in last.rows] == [first.id] and not last.has_more
    row = page.rows[0]
    assert (row.worth_minor, row.refund_minor, row.name) == (900_000, COINS - WITHHELD, "User1")
    assert row.choices == CHOICES[CaseKind.TOO_SMALL] and row.payments[0].id == row.case.payments[0]


def test_every_kind_has_something_to_decide() -> None:
    assert CHOICES.keys() == set(CaseKind) and all(CHOICES.values())


def test_a_payment_and_its_generation_have_one_case() -> None:
    payment = payment_of(invoice_of(1, World().clock()), 5)
    ids = {case_id(kind, f"{payment.id}:{generation}") for kind in CaseKind for generation in range(3)}
    assert len(ids) == 3 * len(CaseKind)
