"""What the whole wallet does now: everything, withdrawals alone, or nothing. Pure.

Every posting that begins something names it by ``WhileOpen``, so that no process, however slow, begins it after it was
switched off. It is the one guard that is read and not written back: a document that every movement wrote would be the
busiest of all, and whoever is in a hurry to switch would wait for all of them, or for one that hangs. What is committed
at the very moment of a switch is ordered before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final, Self

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.record import Document, Record, Target


class Mode(StrEnum):
    """The state of the whole wallet."""

    OPEN = "open"
    #: No sends and no purchases. What was bought before is credited when it is paid, and withdrawals go on.
    WITHDRAW_ONLY = "withdraw_only"
    #: Nothing begins and nothing is signed. Payments that arrive are booked, and what is out is followed.
    PAUSED = "paused"


class Doing(StrEnum):
    """What a posting begins."""

    SEND = "send"
    PURCHASE = "purchase"
    WITHDRAWAL = "withdrawal"
    #: The worker forms, signs or raises a batch.
    PAYING = "paying"


#: What the switchboard knows as the cause of a change of its own.
SWITCHED: Final = "switchboard"
_ALLOWS: Final = {
    Mode.OPEN: frozenset(Doing),
    Mode.WITHDRAW_ONLY: frozenset({Doing.WITHDRAWAL, Doing.PAYING}),
    Mode.PAUSED: frozenset[Doing](),
}
_REASONS: Final = {Mode.WITHDRAW_ONLY: Reason.WITHDRAW_ONLY, Mode.PAUSED: Reason.ALL_PAUSED}


class Switchboard(Record):
    """What is switched off; there is one."""

    collection: ClassVar[str] = "switchboards"

    id: str = "wallet"
    mode: Mode = Mode.OPEN
    #: Since when, by whom and why; None while nobody has ever switched.
    since: datetime | None = None
    by: int | None = None
    why: str = ""
    #: Rails that take no new requests; dollars: no purchases by card.
    shut: tuple[Asset, ...] = ()
    #: How often something was switched.
    switches: int = 0

    @classmethod
    def as_stored(cls, document: Document | None) -> Self:
        """The switchboard; where nobody has ever switched, everything is open."""
        return cls.of(document) if document else cls()

    def refuse(self, doing: Doing, asset: Asset | None) -> None:
        """Raises ``Refused`` WITHDRAW_ONLY or ALL_PAUSED with since when; RAIL_OFF for a rail that is shut, and for the
        worker, whose rails are all off then.
        """
        is_allowed = doing in _ALLOWS[self.mode]
        # What a shut rail has taken already is paid: see ``domain/rails``.
        if doing is Doing.PAYING:
            if not is_allowed:
                raise Refused(Reason.RAIL_OFF, waits_for="rail")
        elif not is_allowed:
            raise Refused(_REASONS[self.mode], doing=doing, since=self.since)
        elif asset in self.shut:
            raise Refused(Reason.RAIL_OFF, asset=asset, assets=())


_TARGET: Final = Target(Switchboard.collection, "wallet")


@dataclass(frozen=True, slots=True)
class WhileOpen:
    """Refuses what is switched off. Read in the posting's own transaction; ``decide`` writes nothing for it."""

    doing: Doing
    asset: Asset | None = None
    target: Target = field(default=_TARGET, init=False)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The switchboard as it is. Raises ``Refused``; see ``Switchboard.refuse``."""
        Switchboard.as_stored(document).refuse(self.doing, self.asset)
        return document or {}


@dataclass(frozen=True, slots=True)
class Switch:
    """Sets fields of the switchboard, unless something else was switched since ``before`` switches were read."""

    before: int
    fields: Mapping[str, Any]
    stamp: str | None = None
    target: Target = field(default=_TARGET, init=False)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The switchboard with the fields. Raises ``Refused(CHANGED_MEANWHILE)``."""
        board = Switchboard.as_stored(document).document()
        if board["switches"] != self.before:
            raise Refused(Reason.CHANGED_MEANWHILE, what=SWITCHED)
        stamped = {self.stamp: now} if self.stamp else {}
        return {**(document or {}), **board, **self.fields, **stamped, "switches": self.before + 1}


def switched_to(board: Switchboard, mode: Mode, by: int, why: str) -> Switch:
    """The whole wallet is in this mode from now on."""
    return Switch(board.switches, {"mode": mode, "by": by, "why": why}, "since")


def shutting(board: Switchboard, assets: Iterable[Asset], *, shut: bool) -> tuple[Switch, ...]:
    """These rails take no new requests from now on, or take them again; nothing where that is so already."""
    named = frozenset(assets)
    wanted = tuple(sorted(named | set(board.shut) if shut else set(board.shut) - named))
    return () if wanted == board.shut else (Switch(board.switches, {"shut": wanted}),)
