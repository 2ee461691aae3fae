"""Freezes, resets, moves and tallies on the real MongoDB: races have one outcome, and the books stay right."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.integration.core.test_two_factor import recovery_codes
from tests.support.roles import give_role
from tests.support.wallet import ELSEWHERE, ITD, Wallet, open_wallet
from wallet_core.domain.access_reset import AccessReset, ResetState
from wallet_core.domain.account_move import AccountMove, MoveState
from wallet_core.domain.changes import Move
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards, frozen
from wallet_core.domain.ledger import Posting
from wallet_core.domain.pace import Tally
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Caller, Role
from wallet_core.use_cases.approve import approve
from wallet_core.use_cases.ask_move import ask_move
from wallet_core.use_cases.ask_reset import ask_reset
from wallet_core.use_cases.begin_move import begin_move
from wallet_core.use_cases.cancel_move import cancel_move
from wallet_core.use_cases.cancel_reset import cancel_reset
from wallet_core.use_cases.change_role import change_role
from wallet_core.use_cases.check_reset import check_reset
from wallet_core.use_cases.codes import new_id, post_with_code
from wallet_core.use_cases.complete_move import complete_move
from wallet_core.use_cases.complete_reset import complete_reset
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.freeze import freeze
from wallet_core.use_cases.freeze_person import freeze_person
from wallet_core.use_cases.identities import caller_of, telegram_of
from wallet_core.use_cases.quote_send import quote_send
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.renew_recovery_codes import renew_recovery_codes
from wallet_core.use_cases.request_withdrawal import request_withdrawal
from wallet_core.use_cases.tend_waits import tend_waits


async def guards_of(wallet: Wallet, person: Caller) -> Guards:
    found = await wallet.ports.store.get(Guards, person.person)
    assert found is not None
    return found


async def waiting_reset(wallet: Wallet, anna: Caller) -> AccessReset:
    """A reset that two admins have checked, and that is due."""
    first, second = await wallet.person(role=Role.FINANCE), await wallet.person(role=Role.FINANCE)
    asked = await ask_reset(wallet.ports, anna)
    checked = await check_reset(wallet.ports, first, asked.id, "history", await wallet.code(first))
    await approve(wallet.ports, second, str(checked.approval), await wallet.code(second))
    await _due(wallet, AccessReset, asked.id, ResetState.WAITING)
    return asked


async def waiting_move(wallet: Wallet, anna: Caller, telegram: int) -> AccountMove:
    """A move that both codes were given for, and that is due."""
    await renew_recovery_codes(wallet.ports, anna, await wallet.code(anna))
    code = (await recovery_codes(wallet, anna))[0]
    begun = await begin_move(wallet.ports, Caller(telegram), telegram, anna.person, code)
    move = await ask_move(wallet.ports, Caller(telegram), begun.id, await wallet.code(anna))
    await _due(wallet, AccountMove, move.id, MoveState.WAITING)
    return move


async def _due(wallet: Wallet, kind: type[AccessReset] | type[AccountMove], record: str, state: str) -> None:
    """Its time has come, by the clock of a real database that cannot be turned."""
    past = await wallet.ports.store.now() - timedelta(seconds=1)
    moved = Move(kind, record, frozenset({state}), state, {"due_at": past, "tell_at": past})
    await wallet.ports.ledger.post(Posting(f"test:{new_id()}", "test", "test", changes=(moved,)))


async def test_a_window_is_counted_once_for_all_bots_and_begins_anew(
    wallet: Wallet, mongo_uri: str, database_name: str
) -> None:
    minute = timedelta(minutes=1)
    async with open_wallet(mongo_uri, database_name) as other:
        stores = [wallet.ports.store, other.ports.store] * 50
        tallies = await asyncio.gather(*(store.tally("7:looks", minute) for store in stores))
    assert sorted(tally.count for tally in tallies) == list(range(1, 101))
    assert len({tally.ends_at for tally in tallies}) == 1
    over = await wallet.ports.store.now() - timedelta(seconds=1)
    await wallet.ports.store.swap(Tally, "7:looks", {}, {"ends_at": over})
    assert (await wallet.ports.store.tally("7:looks", minute)).count == 1


async def test_tallies_are_dropped_by_the_database_itself(wallet: Wallet) -> None:
    indexes = await wallet.database[Tally.collection].index_information()
    assert indexes["ends_at_1"]["expireAfterSeconds"] == 60


async def test_ending_a_reset_and_carrying_it_out_at_once_have_one_outcome(wallet: Wallet) -> None:
    for _ in range(5):
        anna = await wallet.person(10)
        reset, code = await waiting_reset(wallet, anna), await wallet.code(anna)
        done, cancelled = await asyncio.gather(
            complete_reset(wallet.ports, anna), cancel_reset(wallet.ports, anna, code), return_exceptions=True
        )
        now = await wallet.ports.store.get(AccessReset, reset.id)
        assert now is not None and isinstance(done, Refused) != isinstance(cancelled, Refused)
        assert (now.state is ResetState.DONE) == isinstance(cancelled, Refused)
        assert (await guards_of(wallet, anna)).enrolled == isinstance(done, Refused)


async def test_ending_a_move_and_finishing_it_at_once_have_one_outcome(wallet: Wallet) -> None:
    for number in range(5):
        anna, telegram = await wallet.person(10), 900_000 + number
        move = await waiting_move(wallet, anna, telegram)
        done, cancelled = await asyncio.gather(
            complete_move(wallet.ports, Caller(telegram), move.id),
            cancel_move(wallet.ports, anna, move.id),
            return_exceptions=True,
        )
        assert isinstance(done, Refused) != isinstance(cancelled, Refused)
        spoken_for = await caller_of(wallet.ports, telegram)
        assert (spoken_for == anna) == isinstance(cancelled, Refused)


async def test_what_is_under_way_goes_along_and_the_books_stay_right(wallet: Wallet) -> None:
    anna, ben, telegram = await wallet.person(100), await wallet.person(), 900_100
    quote = await quote_withdrawal(wallet.ports, anna, "5", "ETH", ELSEWHERE)
    await request_withdrawal(wallet.ports, anna, quote.intent.id, await wallet.code(anna))
    move = await waiting_move(wallet, anna, telegram)
    await complete_move(wallet.ports, Caller(telegram), move.id)
    moved = await caller_of(wallet.ports, telegram)
    (payout,) = await wallet.ports.store.find(Withdrawal, {"person": moved.person})
    assert payout.state is PayoutState.QUEUED
    sent = await quote_send(wallet.ports, moved, "1", f"@person{ben.person}")
    await confirm_send(wallet.ports, moved, sent.intent.id, await wallet.code(anna))
    assert (await wallet.balance(ben))[0] == ITD
    # The fixture verifies the books, and with them the chain over the journal.
    assert await telegram_of(wallet.ports, moved.person) == telegram


async def test_both_reminders_of_two_bots_are_one(wallet: Wallet, mongo_uri: str, database_name: str) -> None:
    anna = await wallet.person(10)
    await waiting_move(wallet, anna, 900_200)
    async with open_wallet(mongo_uri, database_name) as other:
        done = await asyncio.gather(*(tend_waits(one.ports) for one in (wallet, other) for _ in range(3)))
    journal = wallet.database["journal"]
    assert sum(done) >= 1 and await journal.count_documents({"kind": "wait_told_again"}) == 1


async def test_of_two_owners_who_lay_it_down_at_once_one_stays(
    wallet: Wallet, mongo_uri: str, database_name: str
) -> None:
    async with open_wallet(mongo_uri, database_name) as other:
        for _ in range(4):
            pair = [await wallet.person(role=Role.OWNER) for _ in range(2)]
            codes = [await wallet.code(owner) for owner in pair]
            downs = (
                change_role(one.ports, owner, owner.person, None, code)
                for one, owner, code in zip((wallet, other), pair, codes, strict=True)
            )
            ended = await asyncio.gather(*downs, return_exceptions=True)
            (refused,) = [outcome for outcome in ended if outcome is not None]
            assert isinstance(refused, Refused) and refused.reason is Reason.LAST_OWNER
            (left,) = [owner for owner in pair if (await guards_of(wallet, owner)).role is Role.OWNER]
            await give_role(wallet.ports, left.person, None)


async def test_an_admins_freeze_and_a_withdrawal_at_once_never_both_happen(wallet: Wallet) -> None:
    support = await wallet.person(role=Role.SUPPORT)
    for _ in range(3):
        anna = await wallet.person(10)
        quote = await quote_withdrawal(wallet.ports, anna, "5", "ETH", ELSEWHERE)
        codes = await wallet.code(anna), await wallet.code(support)
        until = await wallet.ports.store.now() + timedelta(hours=1)
        stop = freeze_person(wallet.ports, support, anna.person, reason="stolen", until=until, code=codes[1])
        outcomes = await asyncio.gather(
            stop, request_withdrawal(wallet.ports, anna, quote.intent.id, codes[0]), return_exceptions=True
        )
        at = (await guards_of(wallet, anna)).frozen_at
        asked = outcomes[1]
        assert outcomes[0] is None and at is not None
        assert isinstance(asked, Refused) or (asked.created_at is not None and asked.created_at <= at)  # type: ignore[union-attr]  # a withdrawal


async def test_freezing_at_once_with_everything_else_always_freezes(wallet: Wallet) -> None:
    anna = await wallet.person(10)
    move = await waiting_move(wallet, anna, 900_300)
    await asyncio.gather(
        freeze(wallet.ports, anna),
        cancel_move(wallet.ports, anna, move.id),
        *(tend_waits(wallet.ports) for _ in range(3)),
        return_exceptions=True,
    )
    assert (await guards_of(wallet, anna)).frozen_by == anna.name


async def test_what_ends_by_itself_is_found_and_tidied_up(wallet: Wallet) -> None:
    anna = await wallet.person(10)
    posting = Posting(f"test:{new_id()}", "test", "test", changes=(frozen(anna.person, anna.name),))
    await post_with_code(wallet.ports, anna, await wallet.code(anna), posting)
    await wallet.database["guards"].update_one(
        {"_id": anna.person}, {"$set": {"frozen_until": await wallet.ports.store.now() - timedelta(seconds=1)}}
    )
    quote = await quote_withdrawal(wallet.ports, anna, "5", "ETH", ELSEWHERE)
    await request_withdrawal(wallet.ports, anna, quote.intent.id, await wallet.code(anna))
    assert await tend_waits(wallet.ports) == 1
    assert (await guards_of(wallet, anna)).frozen_at is None


async def test_a_move_to_an_id_that_begins_a_wallet_meanwhile_is_refused(wallet: Wallet) -> None:
    anna = await wallet.person(10)
    newcomer = await wallet.person()
    with pytest.raises(Refused) as refused:
        await waiting_move(wallet, anna, newcomer.person)
    assert refused.value.reason is Reason.HAS_WALLET
