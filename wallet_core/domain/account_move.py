"""The move of an account to another Telegram id: proved by a recovery code and a code, announced and waited for.

The account keeps its number, and with it everything that it has; only which Telegram id speaks for it changes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final

from wallet_core.domain.changes import Move
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.freeze import frozen_refusal, is_reset, own_name
from wallet_core.domain.guards import ChangeGuards, Guards, Mac
from wallet_core.domain.journal import milliseconds
from wallet_core.domain.ledger import Message
from wallet_core.domain.record import Document, Record, Target
from wallet_core.domain.waits import BeginWait, MoveWhenDue

#: How long a proved recovery code waits for the 6-digit code, and how many of those are looked at.
PROVING: Final = timedelta(minutes=15)
TRIES: Final = 3


class MoveState(StrEnum):
    """PROVING: a recovery code was right, the code is asked for; WAITING: both were, and the person is told."""

    PROVING = "proving"
    WAITING = "waiting"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


OPEN: Final = frozenset({MoveState.PROVING, MoveState.WAITING})


class TelegramIdentity(Record):
    """Which account a Telegram id speaks for. An id without one speaks for the account of its own number."""

    collection: ClassVar[str] = "telegram_identities"

    #: The numeric Telegram id.
    id: int
    person: int
    since: datetime
    #: HMAC of ``terms``.
    mac: str = ""

    def terms(self) -> bytes:
        """Who speaks for whom, and since when. No other terms begin like it."""
        return b"telegram identity " + json.dumps([self.id, self.person, milliseconds(self.since)]).encode()


class AccountMove(Record):
    """One attempt to move an account, and what came of it."""

    collection: ClassVar[str] = "account_moves"

    id: str
    #: The account, the Telegram id that it moves to, and the empty account that this id speaks for now.
    person: int
    telegram: int
    asker: int
    state: MoveState = MoveState.PROVING
    #: The number of the recovery code that was right.
    recovery_number: str
    tries: int = 0
    expires_at: datetime
    created_at: datetime | None = None
    due_at: datetime | None = None
    tell_at: datetime | None = None
    ended_at: datetime | None = None
    #: HMAC of ``proved_terms``, once both codes were right.
    mac: str = ""

    def proved_terms(self) -> bytes:
        """Which account may go where. No other terms begin like it."""
        return b"move proved " + json.dumps([self.id, self.person, self.telegram, self.asker]).encode()


@dataclass(frozen=True, slots=True)
class Identify:
    """From now on a Telegram id speaks for ``person``; it must still speak for ``before``."""

    telegram: int
    person: int
    before: int
    mac: Mac

    @property
    def target(self) -> Target:
        """The Telegram id's record."""
        return Target(TelegramIdentity.collection, self.telegram)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The record. Raises ``Refused(CHANGED_MEANWHILE)`` when the id speaks for somebody else by now."""
        if (document["person"] if document else self.telegram) != self.before:
            raise Refused(Reason.CHANGED_MEANWHILE, what=TelegramIdentity.collection)
        made = TelegramIdentity(id=self.telegram, person=self.person, since=now)
        return made.model_copy(update={"mac": self.mac(made.terms())}).document()


def move_begun(person: int, move: str, recovery_number: str) -> ChangeGuards:
    """Notes the move and uses the recovery code up. Raises ``Refused`` CODE_USED or UNDER_WAY."""

    def change(guards: Guards, _now: datetime) -> Document:
        if guards.move is not None:
            raise Refused(Reason.UNDER_WAY)
        return guards.with_(move=move, move_tries=0, recovery_hashes=_without(guards, recovery_number))

    return ChangeGuards(person, change)


def move_tried(person: int, recovery_number: str) -> ChangeGuards:
    """One more code is looked at, counted over all moves of the account: beginning anew gives no more tries.

    Raises ``Refused`` CODE_USED when the recovery code was used up meanwhile, and EXPIRED after the last try.
    """

    def change(guards: Guards, now: datetime) -> Document:
        _without(guards, recovery_number)
        if guards.move_tries >= TRIES:
            raise Refused(Reason.EXPIRED, expired_at=now)
        return guards.with_(move_tries=guards.move_tries + 1)

    return ChangeGuards(person, change)


def recovery_code_spent(person: int, recovery_number: str) -> ChangeGuards:
    """A recovery code is used up for nothing. Raises ``Refused(CODE_USED)`` when it was before."""
    return ChangeGuards(person, lambda g, _now: g.with_(move_tries=0, recovery_hashes=_without(g, recovery_number)))


def _without(guards: Guards, number: str) -> dict[str, str]:
    if number not in guards.recovery_hashes:
        raise Refused(Reason.CODE_USED)
    return {n: code for n, code in guards.recovery_hashes.items() if n != number}


def move_over(person: int, move: str) -> ChangeGuards:
    """The move is under way no more. Raises ``Refused(CHANGED_MEANWHILE)`` when another one is."""

    def change(guards: Guards, _now: datetime) -> Document:
        if guards.move != move:
            raise Refused(Reason.CHANGED_MEANWHILE, what="move")
        return guards.with_(move=None)

    return ChangeGuards(person, change)


def if_empty(person: int) -> ChangeGuards:
    """Refuses with HAS_WALLET where the account has a role, or has or ever had a second factor.

    Whatever is in it would be lost from sight; a second factor that was just reset is one that it had.
    """

    def check(guards: Guards, _now: datetime) -> Document:
        had_one = guards.enrolled_at is not None or guards.withdrawals_from is not None or guards.recovery_hashes
        if guards.enrolled or guards.role is not None or had_one:
            raise Refused(Reason.HAS_WALLET)
        return guards.document()

    return ChangeGuards(person, check)


def unless_frozen_by_admin(person: int) -> ChangeGuards:
    """Refuses with FROZEN an account that an admin froze, perhaps because a thief asked for the move.

    The person's own freeze ends a move; one of before, and a reset's, hold up nobody who has both codes.
    """

    def check(guards: Guards, now: datetime) -> Document:
        freeze = guards.freeze(now)
        if freeze is not None and freeze.by != own_name(person) and not is_reset(freeze):
            raise frozen_refusal(freeze)
        return guards.document()

    return ChangeGuards(person, check)


def proved(move: AccountMove, wait: timedelta, mac: Mac) -> BeginWait:
    """Both codes were right: the wait begins. Raises ``Refused`` EXPIRED or WRONG_STATE."""
    fields = {"mac": mac(move.proved_terms())}
    to = Move(AccountMove, move.id, frozenset({MoveState.PROVING}), MoveState.WAITING, fields, expires=True)
    return BeginWait(to, wait)


def ended(move: AccountMove, to: MoveState) -> Move:
    """The account stays where it is. Raises ``Refused(WRONG_STATE)`` when the move ended before."""
    return Move(AccountMove, move.id, OPEN, to, {"tell_at": None}, stamp="ended_at")


def completed(move: AccountMove) -> MoveWhenDue:
    """The wait is over. Raises ``Refused`` NOT_YET or WRONG_STATE."""
    fields = {"tell_at": None}
    to = Move(AccountMove, move.id, frozenset({MoveState.WAITING}), MoveState.DONE, fields, stamp="ended_at")
    return MoveWhenDue(to)


def move_message(move: AccountMove, person: int) -> Message:
    """What the account or the asker is told of it."""
    facts = {
        "id": move.id,
        "state": move.state,
        "account": move.person,
        "telegram": move.telegram,
        "due_at": move.due_at,
        "is_owner": person == move.person,
    }
    return Message(person, "account_move", facts)
