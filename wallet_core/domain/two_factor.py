"""Two-factor authentication: each code is one attempt, accepted once, and guessing is slowed down."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import ChangeGuards, Guards
from wallet_core.domain.record import Document

FREE_TRIES: Final = 5
TRIES_IN_ALL: Final = 100
_FIRST_DELAY_SECONDS: Final = 30
_LONGEST_DELAY_SECONDS: Final = 3600
#: For so long after a good code, small sends need no new one.
CODE_FRESH: Final = timedelta(minutes=15)
#: How long a new device waits for its first code while the old one still works.
PAIRING: Final = timedelta(minutes=15)


def delay_after(failures: int) -> timedelta:
    """How long no code is taken after so many wrong ones in a row: nothing for the first few, then doubling."""
    if failures < FREE_TRIES:
        return timedelta(0)
    return timedelta(seconds=min(_FIRST_DELAY_SECONDS * 2 ** (failures - FREE_TRIES), _LONGEST_DELAY_SECONDS))


def take_attempt(person: int, *, with_recovery_code: bool = False) -> ChangeGuards:
    """Counts an attempt before its code is looked at. Raises ``Refused`` CODE_LOCKED or REENROL.

    After ``TRIES_IN_ALL`` wrong codes only a recovery code helps: those are too long to be guessed. Before enrolment
    there is nothing to guess at, and only the pauses count.
    """

    def change(guards: Guards, now: datetime) -> Document:
        if guards.enrolled and guards.failures_in_all >= TRIES_IN_ALL and not with_recovery_code:
            raise Refused(Reason.REENROL)
        if guards.locked_until and now < guards.locked_until:
            raise Refused(Reason.CODE_LOCKED, until=guards.locked_until)
        failures = guards.failures + 1
        delay = delay_after(failures)
        return guards.with_(
            failures=failures,
            failures_in_all=guards.failures_in_all + 1,
            locked_until=now + delay if delay else None,
        )

    return ChangeGuards(person, change)


def consume_step(person: int, secret: bytes, step: int) -> ChangeGuards:
    """Accepts the code of a time step once and gives its attempt back. Raises ``Refused(CODE_USED)`` on a replay.

    ``secret`` is the sealed secret that the code fitted: it must still be the person's own.
    """

    def change(guards: Guards, now: datetime) -> Document:
        if guards.secret != secret:
            raise Refused(Reason.CHANGED_MEANWHILE, what="secret")
        if step <= guards.last_step:
            raise Refused(Reason.CODE_USED)
        return guards.with_(**_accepted(guards, step, now))

    return ChangeGuards(person, change)


def forgo_step(person: int, secret: bytes, step: int) -> ChangeGuards:
    """Uses up the code of a time step, and nothing is the easier for it. Raises ``Refused`` like ``consume_step``."""

    def change(guards: Guards, _now: datetime) -> Document:
        if guards.secret != secret:
            raise Refused(Reason.CHANGED_MEANWHILE, what="secret")
        if step <= guards.last_step:
            raise Refused(Reason.CODE_USED)
        return guards.with_(last_step=step)

    return ChangeGuards(person, change)


def _accepted(guards: Guards, step: int, now: datetime) -> dict[str, object]:
    return {
        "last_step": step,
        "failures": 0,
        "failures_in_all": max(0, guards.failures_in_all - 1),
        "locked_until": None,
        "code_at": now,
        "sent_since_code_minor": 0,
    }


def spend_without_code(person: int, amount_minor: int, ceiling_minor: int) -> ChangeGuards:
    """Lets small sends pass for a while after a good code; amounts in ITD minor units.

    Raises ``Refused(CODE_NEEDED)`` when that while is over or the ceiling is reached.
    """

    def change(guards: Guards, now: datetime) -> Document:
        if takes_code(guards, amount_minor, ceiling_minor, now):
            raise Refused(Reason.CODE_NEEDED)
        return guards.with_(sent_since_code_minor=guards.sent_since_code_minor + amount_minor)

    return ChangeGuards(person, change)


def takes_code(guards: Guards, amount_minor: int, ceiling_minor: int, now: datetime) -> bool:
    """Whether a send of so much takes a code; amounts in ITD minor units."""
    sent = guards.sent_since_code_minor + amount_minor
    return guards.code_at is None or now - guards.code_at > CODE_FRESH or sent > ceiling_minor


def begin(person: int, sealed_secret: bytes) -> ChangeGuards:
    """Remembers a new secret until its first code.

    Raises ``Refused`` when the person has enrolled, or when another secret is pending.
    """

    def change(guards: Guards, _now: datetime) -> Document:
        if guards.enrolled:
            raise Refused(Reason.ALREADY_ENROLLED)
        if guards.pending_secret is not None:
            raise Refused(Reason.CHANGED_MEANWHILE, what="pending_secret")
        return guards.with_(pending_secret=sealed_secret)

    return ChangeGuards(person, change)


def enable(person: int, pending: bytes, step: int, recovery_hashes: dict[str, str]) -> ChangeGuards:
    """Makes the pending secret the person's own, with its first code used up."""

    def change(guards: Guards, now: datetime) -> Document:
        if guards.pending_secret != pending:
            raise Refused(Reason.CHANGED_MEANWHILE, what="pending_secret")
        fields = _accepted(guards, step, now) | {"secret": pending, "pending_secret": None, "failures_in_all": 0}
        # Who recovers was here before, also when that was never noted.
        first = None if guards.withdrawals_from else now
        ages = {"enrolled_at": now, "member_since": guards.member_since or first}
        return guards.with_(**fields, **ages, recovery_hashes=recovery_hashes)

    return ChangeGuards(person, change)


def begin_replacing(person: int, sealed_secret: bytes) -> ChangeGuards:
    """Remembers the secret of another device for a while; the one that there is stays good until its first code."""

    def change(guards: Guards, now: datetime) -> Document:
        if not guards.enrolled:
            raise Refused(Reason.ENROL_FIRST)
        return guards.with_(pending_secret=sealed_secret, pending_until=now + PAIRING)

    return ChangeGuards(person, change)


def replace(person: int, pending: bytes, step: int, recovery_hashes: dict[str, str]) -> ChangeGuards:
    """Makes the pending secret the person's own in place of the old one.

    Raises ``Refused`` ENROL_FIRST, CHANGED_MEANWHILE when another one is pending, and EXPIRED when it came too late.
    """

    def change(guards: Guards, now: datetime) -> Document:
        if not guards.enrolled:
            raise Refused(Reason.ENROL_FIRST)
        if guards.pending_secret != pending or guards.pending_until is None:
            raise Refused(Reason.CHANGED_MEANWHILE, what="pending_secret")
        if now > guards.pending_until:
            raise Refused(Reason.EXPIRED, expired_at=guards.pending_until)
        fields = {"secret": pending, "pending_secret": None, "pending_until": None, "enrolled_at": now}
        return guards.with_(**_accepted(guards, step, now) | fields, recovery_hashes=recovery_hashes)

    return ChangeGuards(person, change)


def renew_recovery_codes(person: int, recovery_hashes: dict[str, str]) -> ChangeGuards:
    """New recovery codes in place of all old ones."""
    return ChangeGuards(person, lambda guards, _now: guards.with_(recovery_hashes=recovery_hashes))


def use_recovery_code(person: int, number: str, sealed_secret: bytes, wait: timedelta) -> ChangeGuards:
    """Uses a recovery code up: the old device ends, a new one may enrol at once, withdrawals wait."""

    def change(guards: Guards, now: datetime) -> Document:
        if number not in guards.recovery_hashes:
            raise Refused(Reason.CODE_USED)
        left = {n: h for n, h in guards.recovery_hashes.items() if n != number}
        return guards.with_(
            secret=None,
            pending_secret=sealed_secret,
            pending_until=None,
            recovery_hashes=left,
            withdrawals_from=now + wait,
            # Steps were used with the old secret; the new device's first code may fall into the same one.
            last_step=0,
            failures=0,
            failures_in_all=0,
            locked_until=None,
            code_at=None,
        )

    return ChangeGuards(person, change)
