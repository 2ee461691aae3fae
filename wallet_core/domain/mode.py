"""What the whole wallet does now: everything, withdrawals alone, or nothing. Pure.

Every posting that begins something names it by ``WhileOpen``, so that no process, however slow, begins it after it was
switched off. One document that all of them wrote would be the busiest of all; so the switchboard is striped as the
platform's balances are. Each process reads and writes the stripe of its own, and whoever switches writes every stripe:
whatever was under way in any process is then decided anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final, Self

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.money import Asset
from wallet_core.domain.record import Document, Record, Target

#: Over how many documents the switchboard and each platform account are spread. Two processes rarely share one.
STRIPES: Final = 64


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
    """One stripe of what is switched off; all of them say the same."""

    collection: ClassVar[str] = "switchboards"

    #: The stripe's number.
    id: int
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
    def stripe(cls, number: int, document: Document | None) -> Self:
        """The stripe as it is; one that nobody has written yet is open."""
        return cls.of(document) if document else cls(id=number)

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


@dataclass(frozen=True, slots=True)
class WhileOpen:
    """Refuses what is switched off; written back, so that it conflicts with whoever switches."""

    doing: Doing
    asset: Asset | None = None
    stripe: int = 0

    @property
    def target(self) -> Target:
        """The stripe of the process that posts it."""
        return Target(Switchboard.collection, self.stripe)

    def on(self, stripe: int) -> WhileOpen:
        """The same on the stripe of a process."""
        return replace(self, stripe=stripe)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The stripe as it is. Raises ``Refused``; see ``Switchboard.refuse``."""
        board = Switchboard.stripe(self.stripe, document)
        board.refuse(self.doing, self.asset)
        return document or board.document()


@dataclass(frozen=True, slots=True)
class Switch:
    """Sets fields of one stripe, unless something else was switched since ``before`` switches were read."""

    stripe: int
    before: int
    fields: Mapping[str, Any]
    stamp: str | None = None

    @property
    def target(self) -> Target:
        """The stripe."""
        return Target(Switchboard.collection, self.stripe)

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The stripe with the fields. Raises ``Refused(CHANGED_MEANWHILE)``."""
        board = Switchboard.stripe(self.stripe, document).document()
        if board["switches"] != self.before:
            raise Refused(Reason.CHANGED_MEANWHILE, what=SWITCHED)
        stamped = {self.stamp: now} if self.stamp else {}
        return {**(document or {}), **board, **self.fields, **stamped, "switches": self.before + 1}


def switched_to(board: Switchboard, mode: Mode, by: int, why: str) -> tuple[Switch, ...]:
    """The whole wallet is in this mode from now on."""
    fields = {"mode": mode, "by": by, "why": why}
    return tuple(Switch(stripe, board.switches, fields, "since") for stripe in range(STRIPES))


def shutting(board: Switchboard, assets: Iterable[Asset], *, shut: bool) -> tuple[Switch, ...]:
    """These rails take no new requests from now on, or take them again; nothing where that is so already."""
    named = frozenset(assets)
    wanted = tuple(sorted(named | set(board.shut) if shut else set(board.shut) - named))
    if wanted == board.shut:
        return ()
    return tuple(Switch(stripe, board.switches, {"shut": wanted}) for stripe in range(STRIPES))
