"""The reset of a second factor for somebody who has neither the device nor a recovery code.

Two admins check who asks, then it waits, and is announced all the time. Whoever still has the device ends it with a
code. Nothing leaves the wallet from the first moment on.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final

from wallet_core.domain.changes import Move
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.freeze import is_reset, reset_name
from wallet_core.domain.freezing import without_freeze
from wallet_core.domain.guards import ChangeGuards, Guards
from wallet_core.domain.ledger import Message
from wallet_core.domain.record import Document, Record
from wallet_core.domain.waits import BeginWait, MoveWhenDue

#: After a reset was cancelled with a code, nobody asks for one for so long: a thief of the account would go on and on.
PAUSE_AFTER_CANCELLING: Final = timedelta(days=7)


class ResetState(StrEnum):
    """ASKED until two admins have checked it, WAITING until it is due and the person pairs a new device."""

    ASKED = "asked"
    WAITING = "waiting"
    DONE = "done"
    CANCELLED = "cancelled"
    REFUSED = "refused"


OPEN: Final = frozenset({ResetState.ASKED, ResetState.WAITING})


class AccessReset(Record):
    """One request for a reset. The balance in ITD minor units, as it was when it was asked for."""

    collection: ClassVar[str] = "access_resets"

    id: str
    person: int
    state: ResetState = ResetState.ASKED
    level: int
    balance_minor: int
    #: Who asked for the second check, by which approval, and what they went by.
    checked_by: int | None = None
    checked_how: str = ""
    approval: str | None = None
    created_at: datetime | None = None
    due_at: datetime | None = None
    #: When the person is told again.
    tell_at: datetime | None = None
    ended_at: datetime | None = None


def reset_begun(person: int, reset: str) -> ChangeGuards:
    """Notes the reset and freezes the wallet with it.

    Raises ``Refused`` ENROL_FIRST, UNDER_WAY where there is one already, and NOT_YET soon after one was cancelled.
    """

    def change(guards: Guards, now: datetime) -> Document:
        if not guards.enrolled:
            raise Refused(Reason.ENROL_FIRST)
        if guards.reset is not None:
            raise Refused(Reason.UNDER_WAY)
        if guards.resets_from is not None and now < guards.resets_from:
            raise Refused(Reason.NOT_YET, due_at=guards.resets_from)
        if guards.freeze(now) is not None:
            return guards.with_(reset=reset)
        fields = {**without_freeze(guards), "frozen_at": now, "frozen_by": reset_name(reset)}
        return guards.with_(reset=reset, **fields)

    return ChangeGuards(person, change)


def reset_over(person: int, reset: str, *, pause: timedelta | None = None) -> ChangeGuards:
    """The reset came to nothing; the freeze that came with it ends. ``pause``: nobody asks for one for so long."""

    def change(guards: Guards, now: datetime) -> Document:
        _check_under_way(guards, reset)
        resets_from = now + pause if pause else guards.resets_from
        return guards.with_(reset=None, resets_from=resets_from, **_thawed(guards, now))

    return ChangeGuards(person, change)


def reset_done(person: int, reset: str, sealed_secret: bytes, wait: timedelta) -> ChangeGuards:
    """The old device and its recovery codes end, a new one may be paired, withdrawals wait."""

    def change(guards: Guards, now: datetime) -> Document:
        _check_under_way(guards, reset)
        fields: dict[str, object] = {
            "secret": None,
            "pending_secret": sealed_secret,
            "pending_until": None,
            "recovery_hashes": {},
            "withdrawals_from": now + wait,
            "reset": None,
            "last_step": 0,
            "failures": 0,
            "failures_in_all": 0,
            "locked_until": None,
            "code_at": None,
        }
        return guards.with_(**fields | _thawed(guards, now))

    return ChangeGuards(person, change)


def _check_under_way(guards: Guards, reset: str) -> None:
    if guards.reset != reset:
        raise Refused(Reason.CHANGED_MEANWHILE, what="reset")


def _thawed(guards: Guards, now: datetime) -> dict[str, object]:
    freeze = guards.freeze(now)
    after = guards.model_copy(update={"reset": None})
    return without_freeze(after) if freeze is not None and is_reset(freeze) else {}


def ended(reset: AccessReset, to: ResetState) -> Move:
    """The reset ends without a new device. Raises ``Refused(WRONG_STATE)`` when it ended before."""
    return Move(AccessReset, reset.id, OPEN, to, {"tell_at": None}, stamp="ended_at")


def waiting(reset: AccessReset, wait: timedelta) -> BeginWait:
    """Two admins have checked it: the wait begins."""
    expected = {"checked_by": reset.checked_by, "checked_how": reset.checked_how}
    move = Move(AccessReset, reset.id, frozenset({ResetState.ASKED}), ResetState.WAITING, {}, expected)
    return BeginWait(move, wait)


def completed(reset: AccessReset) -> MoveWhenDue:
    """The wait is over and the person pairs a new device. Raises ``Refused`` NOT_YET or WRONG_STATE."""
    fields = {"tell_at": None}
    move = Move(AccessReset, reset.id, frozenset({ResetState.WAITING}), ResetState.DONE, fields, stamp="ended_at")
    return MoveWhenDue(move)


def reset_message(reset: AccessReset, template: str = "reset") -> Message:
    """What the person is told of it, each time in a message of its own."""
    return Message(reset.person, template, {"id": reset.id, "state": reset.state, "due_at": reset.due_at})
