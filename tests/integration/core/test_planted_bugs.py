"""Bugs planted on purpose: each shows that the guard it removes is what keeps the promise."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import bson
import pytest

from tests.support.wallet import ELSEWHERE, ITD, VAULT, Wallet, open_wallet
from wallet_core.adapters.mongo import group_commit
from wallet_core.adapters.mongo.codec import encode
from wallet_core.adapters.mongo.group_commit import GroupCommit
from wallet_core.adapters.mongo.ledger import MongoLedger
from wallet_core.domain import two_factor
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.guards import Guards, unless_frozen
from wallet_core.domain.kyc import TakeLimit, day_of
from wallet_core.domain.ledger import Posting
from wallet_core.domain.movements import sent
from wallet_core.domain.people import Caller
from wallet_core.domain.record import Document, Target
from wallet_core.use_cases import codes
from wallet_core.use_cases.freeze import freeze
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.request_withdrawal import request_withdrawal
from wallet_core.use_cases.unfreeze import unfreeze
from wallet_core.use_cases.verify_books import verify_books


class InterruptedCommit(GroupCommit):
    """Between its first reading and its writing somebody else does something."""

    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def _read(self, session: Any, targets: Iterable[Target]) -> dict[Target, Document]:
        found = await super()._read(session, targets)
        if self.meanwhile:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
        return found


async def send_while_a_freeze_commits(wallet: Wallet, uri: str, name: str) -> tuple[Exception | None, Guards]:
    """Sends guarded by ``unless_frozen`` alone, with the freeze between reading and writing."""
    anna, ben = await wallet.person(10), await wallet.person()
    async with open_wallet(uri, name) as other:
        interrupted = MongoLedger(wallet.database, VAULT.mac)
        interrupted.groups = InterruptedCommit(wallet.database, VAULT.mac)
        interrupted.groups.meanwhile = lambda: freeze(other.ports, anna)
        entries = sent(anna.person, ben.person, ITD, 0)
        posting = Posting("race", "sent", "test", entries=entries, changes=(unless_frozen(anna.person),))
        try:
            await interrupted.post(posting)
            outcome = None
        except Refused as refused:
            outcome = refused
    guards = await wallet.ports.store.get(Guards, anna.person)
    assert guards is not None
    return outcome, guards


async def test_a_freeze_that_commits_first_stops_the_send(wallet: Wallet, mongo_uri: str, database_name: str) -> None:
    outcome, guards = await send_while_a_freeze_commits(wallet, mongo_uri, database_name)
    assert isinstance(outcome, Refused) and outcome.reason is Reason.FROZEN
    assert guards.frozen_at is not None


async def test_planted_a_guard_that_is_read_but_not_written_lets_the_send_through(
    wallet: Wallet, mongo_uri: str, database_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = GroupCommit._write

    async def only_what_changed(self: GroupCommit, session: Any, group: Any, before: dict[Target, Document]) -> None:
        group.changed = {t: d for t, d in group.changed.items() if _as_stored(d) != _as_stored(before.get(t))}
        await write(self, session, group, before)

    monkeypatch.setattr(InterruptedCommit, "_write", only_what_changed)
    outcome, guards = await send_while_a_freeze_commits(wallet, mongo_uri, database_name)
    assert outcome is None and guards.frozen_at is not None, "the planted bug should have let it through"


def _as_stored(document: Document | None) -> Document | None:
    """Without its version, and with the lists that tuples become."""
    return bson.decode(bson.encode({k: v for k, v in document.items() if k != "version"})) if document else None


async def test_planted_without_the_key_the_journals_id_still_stops_a_second_posting(
    wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, ben = await wallet.person(10), await wallet.person()
    posting = Posting("twice", "sent", "test", entries=sent(anna.person, ben.person, ITD, 0))
    await wallet.ports.ledger.post(posting)
    monkeypatch.setattr(
        group_commit._Group, "posted", property(lambda _: {}, lambda _self, _value: None), raising=False
    )
    with pytest.raises(InvariantViolated):
        await wallet.ports.ledger.post(posting)
    assert await wallet.balance(ben) == (ITD, 0)


async def test_planted_an_attempt_counted_after_the_comparison_lets_a_thousand_guesses_through(
    wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await wallet.person()
    await freeze(wallet.ports, anna)

    async def not_counted(*_: object, **__: object) -> None:
        return None

    monkeypatch.setattr(codes, "take_code_attempt", not_counted)
    guesses = (unfreeze(wallet.ports, anna, f"x{n}") for n in range(50))
    outcomes = await asyncio.gather(*guesses, return_exceptions=True)
    assert [o.reason for o in outcomes if isinstance(o, Refused)] == [Reason.WRONG_CODE] * 50


async def test_planted_a_code_whose_step_is_not_used_up_works_twice(
    wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await wallet.person(100)
    monkeypatch.setattr(two_factor, "_accepted", lambda *_: {"failures": 0})
    code = await wallet.code(anna)
    for _ in range(2):
        quote = await quote_withdrawal(wallet.ports, anna, "5", "ETH", ELSEWHERE)
        await request_withdrawal(wallet.ports, anna, quote.intent.id, code)
    assert (await wallet.balance(anna))[1] == 11 * ITD


async def test_planted_a_limit_that_is_not_taken_lets_more_pass(
    wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await wallet.person(100)
    monkeypatch.setattr(TakeLimit, "apply", lambda _self, document, _now: document)
    for _ in range(4):
        quote = await quote_withdrawal(wallet.ports, anna, "5", "ETH", ELSEWHERE)
        await request_withdrawal(wallet.ports, anna, quote.intent.id, await wallet.code(anna))
    assert (await wallet.balance(anna))[1] == 4 * (5 * ITD + ITD // 2)
    gaps = (await verify_books(wallet.ports, {})).gaps
    await _take_limit_by_hand(wallet, anna, count=4, amount_minor=20 * ITD)
    assert len(gaps) == 1 and "limit" in gaps[0], "what was not taken, verify misses"


async def test_planted_money_outside_the_posting_is_found_by_verify(
    wallet: Wallet, mongo_uri: str, database_name: str
) -> None:
    anna = await wallet.person(10)
    await _edit_balance(wallet, anna, 20 * ITD)
    gaps = (await verify_books(wallet.ports, {})).gaps
    await _edit_balance(wallet, anna, 10 * ITD)
    assert len(gaps) == 1 and "its entries make 10" in gaps[0]


async def _edit_balance(wallet: Wallet, caller: Caller, minor: int) -> None:
    new = encode({"balance_minor": minor})
    await wallet.database["accounts"].update_one({"_id": f"ITD:person:{caller.person}:available"}, {"$set": new})


async def _take_limit_by_hand(wallet: Wallet, caller: Caller, *, count: int, amount_minor: int) -> None:
    day = day_of(await wallet.ports.store.now())
    counter = encode({"count": count, "amount_minor": amount_minor})
    await wallet.database["guards"].update_one({"_id": caller.person}, {"$set": {f"limits.{day}.payout": counter}})
