"""Freezes that are not a person's own wish: an admin's, with a reason and an end, and their ends by database time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.freeze import frozen_refusal, is_reset, own_name, reset_name
from wallet_core.domain.guards import UNFROZEN, ChangeGuards, Guards
from wallet_core.domain.people import Access, access_of
from wallet_core.domain.record import Document

REASON_LENGTH: Final = 200
_DAYS: Final = re.compile(r"(\d{1,3})([hd])", re.ASCII)
_LONGEST: Final = timedelta(days=366)


#: What ``Refused(CHANGED_MEANWHILE)`` names when the person's own freeze or a reset came beneath an admin's.
BENEATH: Final = "beneath"


class Beneath(StrEnum):
    """What keeps a wallet frozen when an admin's freeze ends: the person's own wish, or a reset that is under way."""

    OWN = "own"
    RESET = "reset"


def beneath(guards: Guards) -> Beneath | None:
    """What comes forth when the upper freeze ends; None where the wallet works again."""
    if guards.own_frozen_at is not None:
        return Beneath.OWN
    return Beneath.RESET if guards.reset is not None else None


def thawed_facts(stays: Beneath | None) -> Mapping[str, object]:
    """What the person is told of the end of a freeze."""
    return {"stays": stays} if stays else {}


def frozen_by_admin(person: int, by: str, reach: Access, *, reason: str, until: datetime | None = None) -> ChangeGuards:
    """Freezes somebody with a reason, until an end or until an admin ends it; a later freeze replaces an earlier one.

    ``reach`` is how far the admin's role goes. Raises ``Refused(NOT_ALLOWED)`` where the person's goes farther: one
    admin whose account was taken must not lock out those who could stop it.
    """

    def change(guards: Guards, now: datetime) -> Document:
        if guards.role is not None and access_of(guards.role) > reach:
            raise Refused(Reason.NOT_ALLOWED)
        freeze = guards.freeze(now)
        is_own = freeze is not None and (freeze.by == own_name(person) or is_reset(freeze))
        own_at = freeze.at if freeze is not None and is_own else guards.own_frozen_at
        return guards.with_(frozen_at=now, frozen_by=by, frozen_reason=reason, frozen_until=until, own_frozen_at=own_at)

    return ChangeGuards(person, change)


def thawed_by_admin(person: int, stays: Beneath | None) -> ChangeGuards:
    """Ends an admin's freeze. The person's own comes forth beneath it: that takes their code.

    Raises ``Refused`` NOT_FROZEN, FROZEN where nobody but the person can end it, and CHANGED_MEANWHILE where something
    else than ``stays`` comes forth: both sides are told of it.
    """

    def change(guards: Guards, now: datetime) -> Document:
        freeze = guards.freeze(now)
        if freeze is None:
            raise Refused(Reason.NOT_FROZEN)
        if freeze.by == own_name(person) or is_reset(freeze):
            raise frozen_refusal(freeze)
        if beneath(guards) is not stays:
            raise Refused(Reason.CHANGED_MEANWHILE, what=BENEATH)
        return guards.with_(**without_freeze(guards))

    return ChangeGuards(person, change)


def freeze_over(person: int, stays: Beneath | None) -> ChangeGuards:
    """Tidies a freeze up whose end has come, where ``stays`` comes forth; else ``Refused(CHANGED_MEANWHILE)``."""

    def change(guards: Guards, now: datetime) -> Document:
        if guards.frozen_until is None or now < guards.frozen_until:
            raise Refused(Reason.CHANGED_MEANWHILE, what="frozen_until")
        if beneath(guards) is not stays:
            raise Refused(Reason.CHANGED_MEANWHILE, what=BENEATH)
        return guards.with_(**without_freeze(guards))

    return ChangeGuards(person, change)


def end_of(text: str, now: datetime) -> datetime | None:
    """The end that an admin wrote: ``12h``, ``3d``, or a day such as ``2026-12-24`` (its beginning, UTC).

    None where the text is none of these. Raises ``Refused(BAD_END)`` for one that is over or more than a year away.
    """
    lasting = _DAYS.fullmatch(text)
    if lasting:
        hours = int(lasting.group(1)) * (24 if lasting.group(2) == "d" else 1)
        end = now + timedelta(hours=hours)
    else:
        try:
            end = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            return None
    if not now < end <= now + _LONGEST:
        raise Refused(Reason.BAD_END)
    return end


def without_freeze(guards: Guards) -> dict[str, object]:
    """What becomes of the fields when the upper freeze ends: the person's own comes forth, or that of a reset."""
    if guards.own_frozen_at:
        return UNFROZEN | {"frozen_at": guards.own_frozen_at, "frozen_by": own_name(guards.id)}
    if guards.reset:
        return UNFROZEN | {"frozen_at": guards.frozen_until or guards.frozen_at, "frozen_by": reset_name(guards.reset)}
    return UNFROZEN
