"""Movements of a hold: money is set aside first, and later settled, voided or expired."""

from __future__ import annotations

from wallet_core.domain.accounts import available, held
from wallet_core.domain.ledger import credit, debit
from wallet_core.domain.movements.transfers import Entries


def hold_opened(person: int, amount_minor: int) -> Entries:
    """ITD is set aside for something that will come."""
    return (debit(available(person), amount_minor), credit(held(person), amount_minor))


def hold_settled(person: int, recipient: int, amount_minor: int) -> Entries:
    """Of what was set aside, this much went where it was meant to go."""
    return (debit(held(person), amount_minor), credit(available(recipient), amount_minor))


def hold_released(person: int, amount_minor: int) -> Entries:
    """What is left of a hold goes back: it was voided, or it expired."""
    return (debit(held(person), amount_minor), credit(available(person), amount_minor))
