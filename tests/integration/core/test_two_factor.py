"""Two-factor authentication on the real MongoDB: enrolment, replay, guessing, recovery."""

import asyncio
from typing import Any

import pyotp
import pytest
from pymongo import AsyncMongoClient

from tests.support.wallet import ELSEWHERE, ITD, SECRET, STEPS_AHEAD, Wallet
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.people import Caller
from wallet_core.domain.two_factor import FREE_TRIES
from wallet_core.use_cases.begin_enrolment import begin_enrolment
from wallet_core.use_cases.codes import outbox_bound_to
from wallet_core.use_cases.confirm_enrolment import confirm_enrolment
from wallet_core.use_cases.freeze import freeze
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.recover_access import recover_access
from wallet_core.use_cases.request_withdrawal import request_withdrawal
from wallet_core.use_cases.show_balance import show_balance
from wallet_core.use_cases.unfreeze import unfreeze

NEW = Caller(77)


async def enrolled_by_hand(wallet: Wallet, caller: Caller) -> tuple[str, list[str]]:
    """Goes the person's own way; returns the secret and the recovery codes as the message shows them."""
    enrolment = await begin_enrolment(wallet.ports, caller)
    await confirm_enrolment(wallet.ports, caller, pyotp.TOTP(enrolment.secret).now())
    return enrolment.secret, await recovery_codes(wallet, caller)


async def recovery_codes(wallet: Wallet, caller: Caller) -> list[str]:
    sent = await wallet.ports.store.find(
        OutboxMessage, {"person": caller.person, "template": "recovery_codes"}, order_by=("-at",)
    )
    assert sent[0].sealed is not None
    return wallet.ports.vault.open(sent[0].sealed, bound_to=outbox_bound_to(caller.person)).decode().split("\n")


async def test_enrolment_shows_the_same_secret_until_the_first_good_code(wallet: Wallet) -> None:
    first, again = await begin_enrolment(wallet.ports, NEW), await begin_enrolment(wallet.ports, NEW)
    assert first == again and first.uri.startswith("otpauth://totp/")
    with pytest.raises(Refused) as refused:
        await confirm_enrolment(wallet.ports, NEW, "000000")
    assert refused.value.reason is Reason.WRONG_CODE
    await confirm_enrolment(wallet.ports, NEW, pyotp.TOTP(first.secret).now())
    assert (await show_balance(wallet.ports, NEW)).available_minor == 0
    with pytest.raises(Refused) as refused:
        await begin_enrolment(wallet.ports, NEW)
    assert refused.value.reason is Reason.ALREADY_ENROLLED


async def test_a_database_dump_shows_no_secret(
    wallet: Wallet, mongo_client: AsyncMongoClient[dict[str, Any]], database_name: str
) -> None:
    secret, codes = await enrolled_by_hand(wallet, NEW)
    dump = ""
    database = mongo_client[database_name]
    for name in await database.list_collection_names():
        dump += repr(await database[name].find().to_list())
    assert secret not in dump
    assert not any(code in dump or code[2:] in dump for code in codes)


async def test_a_code_is_accepted_once(wallet: Wallet) -> None:
    anna = await wallet.person()
    code = await wallet.code(anna)
    await freeze(wallet.ports, anna)
    await unfreeze(wallet.ports, anna, code)
    await freeze(wallet.ports, anna)
    with pytest.raises(Refused) as refused:
        await unfreeze(wallet.ports, anna, code)
    assert refused.value.reason is Reason.CODE_USED


async def test_the_same_code_a_hundred_times_in_parallel_has_one_winner(wallet: Wallet) -> None:
    anna = await wallet.person(100)
    code = await wallet.code(anna)
    quotes = [await quote_withdrawal(wallet.ports, anna, "1", "ETH", ELSEWHERE) for _ in range(100)]
    outcomes = await asyncio.gather(
        *(request_withdrawal(wallet.ports, anna, quote.intent.id, code) for quote in quotes), return_exceptions=True
    )
    assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == 1
    assert all(isinstance(outcome, Refused) for outcome in outcomes if isinstance(outcome, BaseException))
    assert (await wallet.balance(anna))[1] == quotes[0].intent.total_minor


async def test_a_thousand_guesses_in_parallel_are_a_handful_of_attempts(wallet: Wallet) -> None:
    anna = await wallet.person()
    await freeze(wallet.ports, anna)
    now = int((await wallet.ports.store.now()).timestamp()) // 30
    right = {pyotp.TOTP(SECRET).generate_otp(now + step) for step in range(-2, STEPS_AHEAD + 3)}
    guesses = [f"{n:06d}" for n in range(1_000) if f"{n:06d}" not in right]
    outcomes = await asyncio.gather(*(unfreeze(wallet.ports, anna, guess) for guess in guesses), return_exceptions=True)
    reasons = [outcome.reason for outcome in outcomes if isinstance(outcome, Refused)]
    assert len(reasons) == len(guesses)
    assert reasons.count(Reason.WRONG_CODE) == FREE_TRIES
    assert set(reasons) == {Reason.WRONG_CODE, Reason.CODE_LOCKED}
    guards = await wallet.ports.store.get(Guards, anna.person)
    assert guards is not None and guards.failures == guards.failures_in_all == FREE_TRIES
    with pytest.raises(Refused) as refused:
        await unfreeze(wallet.ports, anna, await wallet.code(anna))
    assert refused.value.reason is Reason.CODE_LOCKED


async def test_a_recovery_code_enrols_a_new_device_at_once_and_withdrawals_wait(wallet: Wallet) -> None:
    secret, codes = await enrolled_by_hand(wallet, NEW)
    fresh = await recover_access(wallet.ports, NEW, codes[2].lower())
    assert fresh.secret != secret
    with pytest.raises(Refused) as refused:
        await show_balance(wallet.ports, NEW)
    assert refused.value.reason is Reason.ENROL_FIRST
    await confirm_enrolment(wallet.ports, NEW, pyotp.TOTP(fresh.secret).now())
    with pytest.raises(Refused) as refused:
        await quote_withdrawal(wallet.ports, NEW, "1", "ETH", ELSEWHERE)
    assert (refused.value.reason, refused.value.facts["policy"]) == (Reason.POLICY, "recovery_wait")


async def test_a_recovery_code_works_once_and_new_ones_replace_the_rest(wallet: Wallet) -> None:
    _, codes = await enrolled_by_hand(wallet, NEW)
    fresh = await recover_access(wallet.ports, NEW, codes[0])
    with pytest.raises(Refused) as refused:
        await recover_access(wallet.ports, NEW, codes[0])
    assert refused.value.reason is Reason.WRONG_RECOVERY_CODE
    await confirm_enrolment(wallet.ports, NEW, pyotp.TOTP(fresh.secret).now())
    assert not set(await recovery_codes(wallet, NEW)) & set(codes)


async def test_freezing_and_withdrawing_at_once_never_both_happen(wallet: Wallet) -> None:
    for _ in range(5):
        anna = await wallet.person(10)
        quote = await quote_withdrawal(wallet.ports, anna, "5", "ETH", ELSEWHERE)
        code = await wallet.code(anna)
        frozen, asked = await asyncio.gather(
            freeze(wallet.ports, anna),
            request_withdrawal(wallet.ports, anna, quote.intent.id, code),
            return_exceptions=True,
        )
        guards = await wallet.ports.store.get(Guards, anna.person)
        assert frozen is None and guards is not None and guards.frozen_at is not None
        held = (await wallet.balance(anna))[1]
        if isinstance(asked, BaseException):
            assert isinstance(asked, Refused) and held == 0
        else:
            assert asked.created_at is not None and asked.created_at <= guards.frozen_at
            assert held == 5 * ITD + ITD // 2


async def test_a_withdrawal_confirmed_twice_is_held_once(wallet: Wallet) -> None:
    anna = await wallet.person(100)
    quote = await quote_withdrawal(wallet.ports, anna, "5", "ETH", ELSEWHERE)
    first = await request_withdrawal(wallet.ports, anna, quote.intent.id, await wallet.code(anna))
    with pytest.raises(AlreadyDone) as done:
        await request_withdrawal(wallet.ports, anna, quote.intent.id, await wallet.code(anna))
    assert done.value.result == first
    assert (await wallet.balance(anna))[1] == quote.intent.total_minor
