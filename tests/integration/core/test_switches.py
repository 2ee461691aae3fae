"""Switching on the real MongoDB, while several processes post: what a switch was answered for is true."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from tests.support.wallet import ITD, Wallet, open_wallet
from wallet_core.domain.accounts import Account, available
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.ledger import Posting, credit, debit
from wallet_core.domain.mode import Doing, Mode, WhileOpen
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.purchase import RailState
from wallet_core.ports import Ports
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.quote_send import quote_send
from wallet_core.use_cases.set_mode import set_mode
from wallet_core.use_cases.set_rail import set_rail
from wallet_core.use_cases.show_statistics import show_statistics
from wallet_core.use_cases.switchboard import switchboard

#: Processes, how many post in each at once, and how often at most.
_PROCESSES, _AT_ONCE, _EACH = 3, 4, 5_000
#: Somebody switches after the first that many of each.
_SOON = 3


@pytest.fixture
async def processes(mongo_uri: str, database_name: str, wallet: Wallet) -> AsyncIterator[list[Ports]]:
    """The wallet, and other processes on its database."""
    async with AsyncExitStack() as stack:
        others = [await stack.enter_async_context(open_wallet(mongo_uri, database_name)) for _ in range(_PROCESSES - 1)]
        yield [wallet.ports, *(other.ports for other in others)]


async def _sends(ports: Ports, name: str, person: int, busy: asyncio.Event, switched: asyncio.Event) -> int:
    """Sends a little, again and again, until it is refused; how often that was begun after the switch and accepted."""
    late = 0
    for number in range(_EACH):
        if number == _SOON:
            busy.set()
        entries = debit(available(person), 1), credit(Account(Asset.ITD, "income:fees"), 1)
        posting = Posting(f"{name}:{number}", "sent", "test", entries=entries, changes=(WhileOpen(Doing.SEND),))
        began_after = switched.is_set()
        try:
            await ports.ledger.post(posting)
        except Refused as refused:
            assert refused.reason is Reason.WITHDRAW_ONLY
            return late
        late += began_after
    raise AssertionError("nobody switched")


async def _sent(wallet: Wallet) -> int:
    return await wallet.ports.store.count(JournalRecord, {"kind": "sent"})


async def test_once_a_switch_was_answered_no_process_begins_what_it_switches_off(
    wallet: Wallet, processes: list[Ports]
) -> None:
    owner = await wallet.person(role=Role.OWNER)
    people = [(await wallet.person(1)).person for _ in range(_PROCESSES * _AT_ONCE)]
    code, busy, switched = await wallet.code(owner), asyncio.Event(), asyncio.Event()
    runs = [
        asyncio.create_task(_sends(ports, f"{process}:{n}", people[process * _AT_ONCE + n], busy, switched))
        for process, ports in enumerate(processes)
        for n in range(_AT_ONCE)
    ]
    await busy.wait()
    await set_mode(processes[1], owner, Mode.WITHDRAW_ONLY, "a test", code)
    switched.set()
    answered = await _sent(wallet)
    assert await asyncio.gather(*runs) == [0] * len(runs)
    # What was being committed at that moment: no more than one for each who sends.
    assert await _sent(wallet) - answered <= len(runs)


async def test_a_switch_back_lets_what_was_offered_before_go_on(wallet: Wallet) -> None:
    owner, ana, ben = await wallet.person(role=Role.OWNER), await wallet.person(10), await wallet.person()
    offered = await quote_send(wallet.ports, ana, "1", f"@person{ben.person}")
    for mode in (Mode.PAUSED, Mode.OPEN):
        await set_mode(wallet.ports, owner, mode, "a test", await wallet.code(owner))
        code = await wallet.code(ana)
        if mode is Mode.PAUSED:
            with pytest.raises(Refused) as refused:
                await confirm_send(wallet.ports, ana, offered.intent.id, code)
            assert refused.value.reason is Reason.ALL_PAUSED
    await confirm_send(wallet.ports, ana, offered.intent.id, await wallet.code(ana))
    assert await wallet.balance(ben) == (ITD, 0)


async def test_two_admins_who_switch_at_once_do_not_undo_each_other(wallet: Wallet, processes: list[Ports]) -> None:
    admins = [await wallet.person(role=Role.OWNER) for _ in processes]
    codes = [await wallet.code(admin) for admin in admins]

    async def switch(ports: Ports, admin: Caller, code: str) -> bool:
        try:
            await set_rail(ports, admin, Asset.ETH, RailState.DRAINING, code, why=f"{admin.person}")
        except Refused as refused:
            assert refused.reason in (Reason.CHANGED_MEANWHILE, Reason.WRONG_STATE)
            return False
        return True

    done = await asyncio.gather(*map(switch, processes, admins, codes))
    assert any(done)
    board = await switchboard(wallet.ports)
    assert (board.shut, board.switches) == ((Asset.ETH,), 1)


async def test_the_figures_of_the_desk_come_from_the_database(wallet: Wallet) -> None:
    admin, ana, ben = await wallet.person(role=Role.SUPPORT), await wallet.person(10), await wallet.person()
    for amount in ("1", "2.5"):
        offered = await quote_send(wallet.ports, ana, amount, f"@person{ben.person}")
        await confirm_send(wallet.ports, ana, offered.intent.id, await wallet.code(ana))
    await quote_send(wallet.ports, ana, "3", f"@person{ben.person}")
    found = await show_statistics(wallet.ports, admin)
    assert (found.people, found.enrolled, found.active_day, found.active_week) == (3, 3, 3, 3)
    assert (found.day.sends.count, found.day.sends.amount_minor) == (2, 3_500_000)
    assert (found.week.purchases.count, found.week.withdrawals.count) == (0, 0)
    explained = await wallet.database.command(
        "explain", {"count": "guards", "query": {"secret": {"$gt": b""}}}, verbosity="queryPlanner"
    )
    assert "IXSCAN" in str(explained) or "COUNT_SCAN" in str(explained)
