"""What a person owes after a payment was taken back that they had spent: every credit repays it first. Pure.

Whoever credits money, on whatever rail, puts a ``repayment`` into the same posting::

    paid_back = repayment(guards, paid.credited.itd_minor)
    posting = tenure.posting_once(..., *paid_back.changes, entries=(*paid.entries(), *paid_back.entries))

Nothing leaves the wallet of somebody who owes, so a credit without it loses nothing: the worker's
``watchers/debts.py`` takes it up a moment later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import ChangeGuards, Guards
from wallet_core.domain.ledger import Entry
from wallet_core.domain.movements import receivable_repaid
from wallet_core.domain.record import Document


@dataclass(frozen=True, slots=True)
class Repayment:
    """So much ITD (minor units) goes from a credit to what the person owed when ``debt_minor`` was read."""

    person: int
    amount_minor: int
    debt_minor: int

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What it makes in the books; nothing where nothing is owed."""
        return receivable_repaid(self.person, self.amount_minor) if self.amount_minor else ()

    @property
    def changes(self) -> tuple[ChangeGuards, ...]:
        """The guard that lowers the debt. Refuses with CHANGED_MEANWHILE when it is another one by now."""
        return (ChangeGuards(self.person, self._lower),) if self.amount_minor else ()

    def _lower(self, guards: Guards, _now: datetime) -> Document:
        if guards.debt_minor != self.debt_minor:
            raise Refused(Reason.CHANGED_MEANWHILE, what="debt_minor")
        return guards.with_(debt_minor=self.debt_minor - self.amount_minor)


def repayment(guards: Guards, credited_minor: int) -> Repayment:
    """How much of a credit of so many ITD minor units repays what is owed: all of it, until nothing is owed."""
    return Repayment(guards.id, min(guards.debt_minor, credited_minor), guards.debt_minor)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Credited ITD that is taken back, in minor units: what is still there is ``covered``, the rest ``owed``."""

    person: int
    covered_minor: int
    owed_minor: int

    @property
    def changes(self) -> tuple[ChangeGuards, ...]:
        """The guard that raises the debt, where there is one."""
        return (owing(self.person, self.owed_minor),) if self.owed_minor else ()


def taken_back(person: int, available_minor: int, itd_minor: int) -> TakenBack:
    """Divides what is taken back by what the person may spend now.

    The posting debits ``covered_minor``: INSUFFICIENT_FUNDS means that it was spent in between, so decide again.
    """
    covered_minor = min(available_minor, itd_minor)
    return TakenBack(person, covered_minor, itd_minor - covered_minor)


def owing(person: int, amount_minor: int) -> ChangeGuards:
    """Raises what the person owes, in ITD minor units."""
    return ChangeGuards(person, lambda guards, _now: guards.with_(debt_minor=guards.debt_minor + amount_minor))


def unless_owing(person: int) -> ChangeGuards:
    """Refuses while the person owes (IN_DEBT), or while a card payment of theirs is disputed (DISPUTED)."""

    def check(guards: Guards, _now: datetime) -> Document:
        refuse_owing(guards)
        return guards.document()

    return ChangeGuards(person, check)


def refuse_owing(guards: Guards) -> None:
    """Raises ``Refused`` IN_DEBT with ``debt_minor``, or DISPUTED."""
    if guards.debt_minor:
        raise Refused(Reason.IN_DEBT, debt_minor=guards.debt_minor)
    if guards.disputes:
        raise Refused(Reason.DISPUTED)


def unless_disputed(person: int) -> ChangeGuards:
    """Refuses with DISPUTED while a card payment of theirs is disputed: no other one is taken until it is decided."""

    def check(guards: Guards, _now: datetime) -> Document:
        if guards.disputes:
            raise Refused(Reason.DISPUTED)
        return guards.document()

    return ChangeGuards(person, check)
