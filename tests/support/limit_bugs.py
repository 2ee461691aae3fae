"""Planted bugs in how limits are taken, each as somebody might really write it."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from tests.support.wallet import Wallet
from wallet_core.domain import kyc
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards, unless_frozen
from wallet_core.domain.intent import Intent, IntentKind
from wallet_core.domain.kyc import Operation, TakeLimit, day_of, purchases_with
from wallet_core.use_cases import level_tables, request_withdrawal
from wallet_core.use_cases import limits as limits_module
from wallet_core.use_cases.limits import Today, limits_today

#: The limit is looked at before the posting, and only counted in it.
CHECKED_BEFORE: Final = "checked_before"
#: The counter stands beside, is read before the posting and raised by $inc after it.
COUNTED_BESIDE: Final = "counted_beside"
#: The day is that of the machine's own clock, and nobody compares it with the database's.
MACHINES_DAY: Final = "machines_day"
#: The table is read once, and held to be good for ever.
READ_ONCE: Final = "read_once"
#: The level is the one that the person had when it was first looked at.
LEVEL_REMEMBERED: Final = "level_remembered"
_COUNTERS: Final = "test_counters"


def plant(bug: str, wallet: Wallet, patch: pytest.MonkeyPatch) -> None:
    """Changes this process's program; nothing without a bug."""
    if bug:
        _PLANTED[bug](wallet, patch)


async def around(bug: str, wallet: Wallet, offer: Intent, confirming: Coroutine[Any, Any, str]) -> str:
    """What a program with this bug does before and after it confirms; what came of that."""
    checks = {CHECKED_BEFORE: _checked, COUNTED_BESIDE: _counted_beside}
    try:
        if bug in checks:
            await checks[bug](wallet, offer)
        outcome = await confirming
    finally:
        confirming.close()
    if bug == COUNTED_BESIDE:
        await _count(wallet, offer)
    return outcome


def limited(offer: Intent) -> tuple[tuple[int, Operation], ...]:
    """Whose limits it takes."""
    if offer.kind is IntentKind.SEND:
        return ((offer.person, Operation.SEND), (offer.recipient or 0, Operation.RECEIVE))
    if offer.kind is IntentKind.PURCHASE and offer.asset:
        return tuple((offer.person, operation) for operation in purchases_with(offer.asset))
    return ((offer.person, Operation.PAYOUT),)


async def _checked(wallet: Wallet, offer: Intent) -> None:
    limits = await limits_today(wallet.ports)
    for person, operation in limited(offer):
        guards = await wallet.ports.store.get(Guards, person)
        assert guards is not None
        limits.check(guards, operation, offer.amount_minor)


async def _counted_beside(wallet: Wallet, offer: Intent) -> None:
    limits = await limits_today(wallet.ports)
    for person, operation in limited(offer):
        guards = await wallet.ports.store.get(Guards, person)
        assert guards is not None
        key = f"{person}:{limits.when.day}:{operation}"
        counter = await wallet.database[_COUNTERS].find_one({"_id": key})
        if counter and counter["count"] >= limits.limit(guards, operation).count:
            raise Refused(Reason.LIMIT_COUNT)


async def _count(wallet: Wallet, offer: Intent) -> None:
    day = (await limits_today(wallet.ports)).when.day
    for person, operation in limited(offer):
        key = f"{person}:{day}:{operation}"
        await wallet.database[_COUNTERS].update_one({"_id": key}, {"$inc": {"count": 1}}, upsert=True)


def _only_counted(wallet: Wallet, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(kyc, "excess", lambda *_: None)
    _policies_alone(patch)


def _nothing_in_posting(wallet: Wallet, patch: pytest.MonkeyPatch) -> None:
    _only_counted(wallet, patch)
    # The package's own name of it is the rule.
    patch.setattr(sys.modules["wallet_core.domain.policies.daily_limit"], "excess", lambda *_: None)


def _policies_alone(patch: pytest.MonkeyPatch) -> None:
    """Or a withdrawal's policies would be asked anew whenever another one came in between."""
    patch.setattr(request_withdrawal, "request_counted", lambda person, _read, **_: unless_frozen(person))


def _machines_day(wallet: Wallet, patch: pytest.MonkeyPatch) -> None:
    async def by_the_machine(_ports: Any) -> Today:
        now = datetime.now(UTC)
        return Today(now, day_of(now), kyc.next_day_at(now))

    apply = TakeLimit.apply

    def undated(self: TakeLimit, document: Any, now: datetime) -> Any:
        noon = datetime.fromisoformat(f"{self.day}T12:00:00+00:00")
        return apply(dataclasses.replace(self, known=kyc.KnownLevels(self.known.versions)), document, noon)

    patch.setattr(limits_module, "today", by_the_machine)
    patch.setattr(TakeLimit, "apply", undated)


def _read_once(wallet: Wallet, patch: pytest.MonkeyPatch) -> None:
    known: list[kyc.KnownLevels] = []

    async def first_read(ports: Any, now: datetime) -> kyc.KnownLevels:
        if not known:
            known.append(kyc.KnownLevels((await level_tables.known_levels(ports, now)).versions))
        return known[0]

    patch.setattr(limits_module, "known_levels", first_read)


def _level_remembered(wallet: Wallet, patch: pytest.MonkeyPatch) -> None:
    levels: dict[int, int] = {}
    apply = TakeLimit.apply

    def remembered(self: TakeLimit, document: Any, now: datetime) -> Any:
        guards = Guards.required(document)
        level = levels.setdefault(self.person, guards.level)
        after = apply(self, guards.with_(level=level), now)
        return {**after, "level": guards.level}

    patch.setattr(TakeLimit, "apply", remembered)


_PLANTED: Final = {
    CHECKED_BEFORE: _only_counted,
    COUNTED_BESIDE: _nothing_in_posting,
    MACHINES_DAY: _machines_day,
    READ_ONCE: _read_once,
    LEVEL_REMEMBERED: _level_remembered,
}
