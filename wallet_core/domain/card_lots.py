"""Young card money: ITD that was bought by card and may be taken back for a while. Pure.

It may be sent, but not withdrawn: whoever receives it has the lot with it, with the time at which it matures. So what
leaves is mature money first, and of a withdrawal all of it must be. Lots that have matured are dropped whenever the
guards are written next.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wallet_core.domain.accounts import available
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import CardLot, ChangeGuards, Guards
from wallet_core.domain.ledger import Balance, balance_id
from wallet_core.domain.record import Change, Document, Target

Lots = tuple[CardLot, ...]

#: What ``Refused(CHANGED_MEANWHILE)`` names when young money was decided about on what is not so any more.
CHANGED = "card_lots"


def young(guards: Guards, now: datetime) -> Lots:
    """The lots that have not matured, the one that matures first before the others."""
    return tuple(sorted((lot for lot in guards.card_lots if lot.matures_at > now), key=lambda lot: lot.matures_at))


def total_minor(lots: Sequence[CardLot]) -> int:
    """What the lots add up to, in ITD minor units."""
    return sum(lot.amount_minor for lot in lots)


def lot_added(person: int, invoice: str, amount_minor: int, mature: timedelta) -> ChangeGuards:
    """A card purchase was credited: so much of it is young for this long."""

    def change(guards: Guards, now: datetime) -> Document:
        lot = CardLot(invoice=invoice, amount_minor=amount_minor, matures_at=now + mature)
        return guards.with_(card_lots=(*young(guards, now), lot))

    return ChangeGuards(person, change)


def lots_of(guards: Guards, invoice: str, amount_minor: int, now: datetime) -> tuple[Lots, Lots]:
    """So much of one invoice's young money, as far as it is still here, and all that stays young beside it."""
    lots = young(guards, now)
    taken, left = divided(tuple(lot for lot in lots if lot.invoice == invoice), amount_minor)
    return taken, (*left, *(lot for lot in lots if lot.invoice != invoice))


def lots_left(person: int, read: Lots, left: Lots) -> ChangeGuards:
    """Leaves so much young, where the lots still are what was read. Refuses with CHANGED_MEANWHILE otherwise."""

    def change(guards: Guards, now: datetime) -> Document:
        if guards.card_lots != read:
            raise Refused(Reason.CHANGED_MEANWHILE, what=CHANGED)
        return guards.with_(card_lots=tuple(lot for lot in left if lot.matures_at > now))

    return ChangeGuards(person, change)


def lots_given(person: int, lots: Lots) -> ChangeGuards:
    """Young money came, with its times; what has matured on the way is no lot any more."""

    def change(guards: Guards, now: datetime) -> Document:
        return guards.with_(card_lots=_joined(lot for lot in (*young(guards, now), *lots) if lot.matures_at > now))

    return ChangeGuards(person, change)


def _joined(lots: Iterable[CardLot]) -> Lots:
    """Parts of one lot are one again: whoever gets it in a thousand parts has guards that are as short as before."""
    sums = dict[tuple[str, datetime], int]()
    for lot in lots:
        sums[lot.invoice, lot.matures_at] = sums.get((lot.invoice, lot.matures_at), 0) + lot.amount_minor
    return tuple(CardLot(invoice=i, amount_minor=minor, matures_at=at) for (i, at), minor in sums.items())


def divided(lots: Lots, amount_minor: int) -> tuple[Lots, Lots]:
    """So much of the lots from their beginning, and what is left of them."""
    taken, left, rest_minor = list[CardLot](), list[CardLot](), amount_minor
    for lot in lots:
        part_minor = min(lot.amount_minor, rest_minor)
        rest_minor -= part_minor
        for pile, minor in ((taken, part_minor), (left, lot.amount_minor - part_minor)):
            if minor:
                pile.append(lot.model_copy(update={"amount_minor": minor}))
    return tuple(taken), tuple(left)


@dataclass(frozen=True, slots=True)
class Leaving:
    """Money that is about to leave a person, decided on the lots and the balance that were read.

    ``read`` are the lots as they were stored; ``taken`` is the young part of what leaves, ``left`` what stays young.
    """

    person: int
    amount_minor: int
    read: Lots
    taken: Lots
    left: Lots

    @property
    def changes(self) -> tuple[Change, ...]:
        """The guards: CHANGED_MEANWHILE when lots or balance are not those any more, and it has to be decided again."""
        kept_minor = total_minor(self.left)
        kept = (KeepAvailable(self.person, self.amount_minor, kept_minor),) if kept_minor else ()
        return (lots_left(self.person, self.read, self.left), *kept)


def leaving(guards: Guards, available_minor: int, amount_minor: int, now: datetime) -> Leaving:
    """What a send of so many ITD minor units takes: mature money first, then the lots that mature first."""
    lots = young(guards, now)
    mature_minor = max(0, available_minor - total_minor(lots))
    taken, left = divided(lots, max(0, amount_minor - mature_minor))
    return Leaving(guards.id, amount_minor, guards.card_lots, taken, left)


def withdrawing(guards: Guards, available_minor: int, amount_minor: int, now: datetime) -> Leaving:
    """The same for a withdrawal, which takes mature money alone.

    Raises ``Refused(CARD_MONEY_YOUNG)`` with ``young_minor``, ``mature_minor`` and when enough will have matured.
    """
    took = leaving(guards, available_minor, amount_minor, now)
    # What is more than there is at all is refused by the balance, whatever its age.
    if took.taken and amount_minor <= available_minor:
        lots = young(guards, now)
        raise Refused(
            Reason.CARD_MONEY_YOUNG,
            young_minor=total_minor(lots),
            mature_minor=max(0, available_minor - total_minor(lots)),
            matures_at=took.taken[-1].matures_at,
        )
    return took


@dataclass(frozen=True, slots=True)
class KeepAvailable:
    """Refuses unless, after so much was spent, enough is left on the person's balance for their young money."""

    person: int
    spent_minor: int
    kept_minor: int

    @property
    def target(self) -> Target:
        """The balance that the same posting debits."""
        return Target(Balance.collection, balance_id(available(self.person)))

    def apply(self, document: Document | None, now: datetime) -> Document:
        """The balance unchanged. Raises ``Refused`` CHANGED_MEANWHILE, or INSUFFICIENT_FUNDS where there is none."""
        if document is None:
            raise Refused(Reason.INSUFFICIENT_FUNDS, available_minor=0, needed_minor=self.spent_minor)
        if document["balance_minor"] < self.spent_minor:
            raise Refused(
                Reason.INSUFFICIENT_FUNDS, available_minor=document["balance_minor"], needed_minor=self.spent_minor
            )
        if document["balance_minor"] - self.spent_minor < self.kept_minor:
            raise Refused(Reason.CHANGED_MEANWHILE, what=CHANGED)
        return document
