"""Several processes decide about one case at the same moment, on the real MongoDB: one outcome, whoever it is."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from tests.support.cases import invoice_of, too_small
from tests.support.wallet import BTC_ELSEWHERE, Wallet, open_wallet
from wallet_core.domain.case import Case, CaseChoice, CaseState, completed
from wallet_core.domain.errors import AlreadyDone, Refused
from wallet_core.domain.ledger import Balance, Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.movements import payment_taken_up
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Caller, Role
from wallet_core.use_cases.cancel_withdrawal import cancel_withdrawal
from wallet_core.use_cases.cases import cases_awaiting_rest
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.decide_case import decide_case
from wallet_core.use_cases.quote_refund import quote_refund
from wallet_core.use_cases.request_refund import request_refund
from wallet_core.use_cases.verify_books import verify_books

COINS = 1_500
ROUNDS = 6


async def _suspense(wallet: Wallet) -> int:
    stripes = await wallet.ports.store.find(Balance, {"account": "BTC:suspense"})
    return sum(stripe.balance_minor for stripe in stripes)


async def _opened(wallet: Wallet, ana: Caller) -> Case:
    return await too_small(wallet.ports, invoice_of(ana.person, await wallet.ports.store.now(), id=new_id()), COINS)


async def _now(wallet: Wallet, case: Case) -> Case:
    found = await wallet.ports.store.get(Case, case.id)
    assert found is not None
    return found


async def _complete(wallet: Wallet, case: Case) -> None:
    """What the worker does when the rest came: it takes up what lies aside, with the case's own end."""
    waiting = await cases_awaiting_rest(wallet.ports, case.invoice)
    if not waiting:
        raise AlreadyDone(case)
    entries = payment_taken_up(Asset.BTC, COINS)
    posting = Posting(f"test:{new_id()}", "test", "test", entries=entries, changes=completed(waiting))
    await wallet.ports.ledger.post(posting)


async def _outcomes(*rivals: Coroutine[Any, Any, object]) -> list[object]:
    """Those that succeeded; each of the others was told that it came too late."""
    ended = await asyncio.gather(*rivals, return_exceptions=True)
    for outcome in ended:
        assert not isinstance(outcome, BaseException) or isinstance(outcome, AlreadyDone | Refused), outcome
    return [outcome for outcome in ended if not isinstance(outcome, BaseException)]


async def test_admins_and_the_rest_at_the_same_moment_are_one_outcome(mongo_uri: str, database_name: str) -> None:
    async with open_wallet(mongo_uri, database_name) as one, open_wallet(mongo_uri, database_name) as two:
        admins = [await one.person(role=Role.FINANCE), await one.person(role=Role.OWNER)]
        ana = await one.person()
        for _ in range(ROUNDS):
            case = await _opened(one, ana)
            codes = [await one.code(admin) for admin in admins]
            made = await _outcomes(
                decide_case(one.ports, admins[0], case.id, CaseChoice.CREDIT, seen=0, code=codes[0]),
                decide_case(two.ports, admins[1], case.id, CaseChoice.KEEP, seen=0, code=codes[1]),
                _complete(two, case),
            )
            assert len(made) == 1 and (await _now(one, case)).state is CaseState.CLOSED
            assert await _suspense(one) == 0
        assert (await verify_books(one.ports, {})).gaps == []


async def test_an_admin_and_the_person_at_the_same_moment_are_one_outcome(mongo_uri: str, database_name: str) -> None:
    async with open_wallet(mongo_uri, database_name) as one, open_wallet(mongo_uri, database_name) as two:
        await one.open_payouts(Asset.BTC)
        admin, ana, credited = await one.person(role=Role.FINANCE), await one.person(), 0
        for _ in range(ROUNDS):
            case = await _opened(one, ana)
            code = await one.code(admin)
            case = await decide_case(one.ports, admin, case.id, CaseChoice.REFUND, seen=0, code=code)
            quotes = [await quote_refund(one.ports, ana, case.id, BTC_ELSEWHERE) for _ in range(2)]
            codes = [await one.code(admin), await one.code(ana), await one.code(ana)]
            await _outcomes(
                decide_case(one.ports, admin, case.id, CaseChoice.CREDIT, seen=1, code=codes[0]),
                request_refund(two.ports, ana, quotes[0].intent.id, codes[1]),
                request_refund(one.ports, ana, quotes[1].intent.id, codes[2]),
            )
            after, refund = await _now(one, case), await one.ports.store.get(Withdrawal, case.id)
            assert (after.state is CaseState.CLOSED) == (refund is None)
            if refund is not None:
                assert (refund.state, after.state, after.refunds) == (PayoutState.QUEUED, CaseState.PAYING, 1)
                await cancel_withdrawal(one.ports, ana, case.id)
                code = await one.code(admin)
                await decide_case(one.ports, admin, case.id, CaseChoice.CREDIT, seen=1, code=code)
            credited += 900_000 * 100 // 101
            assert await one.balance(ana) == (credited, 0) and await _suspense(one) == 0
        assert (await verify_books(one.ports, {})).gaps == []
