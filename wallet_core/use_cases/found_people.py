"""Whom an admin means: by id, @name, transaction, or the number of a withdrawal, a purchase or a payment."""

from __future__ import annotations

import re
from typing import Final

from wallet_core.domain.guards import Guards
from wallet_core.domain.payment import Payment
from wallet_core.domain.payout import Attempt, Batch, Withdrawal
from wallet_core.domain.people import Person
from wallet_core.domain.purchase import Invoice
from wallet_core.ports import Ports, Where

#: A batch pays many; so many of them are shown.
MOST: Final = 8
_ID: Final = re.compile(r"[0-9]{1,16}", re.ASCII)
_HASH: Final = re.compile(r"(?:0x)?([0-9a-f]{64})", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9A-Za-z:_]{8,128}", re.ASCII)


async def found_people(ports: Ports, text: str) -> list[int]:
    """Their numbers, eight at most; none where nobody is known by that."""
    asked = text.strip()
    if asked.startswith("@"):
        return [person.id for person in await ports.store.find(Person, {"username_key": asked[1:].lower()}, limit=MOST)]
    if _ID.fullmatch(asked):
        known = await ports.store.get(Person, int(asked)) or await ports.store.get(Guards, int(asked))
        return [int(asked)] if known else []
    if not _NUMBER.fullmatch(asked):
        return []
    found = [*await _by_number(ports, asked.lower()), *await _by_transaction(ports, asked)]
    return list(dict.fromkeys(found))[:MOST]


async def _by_number(ports: Ports, number: str) -> list[int]:
    withdrawal, invoice = await ports.store.get(Withdrawal, number), await ports.store.get(Invoice, number)
    payment = await ports.store.get(Payment, number)
    return [record.person for record in (withdrawal, invoice, payment) if record is not None]


async def _by_transaction(ports: Ports, asked: str) -> list[int]:
    is_hash = _HASH.fullmatch(asked.lower())
    where = {"txid": (is_hash.group(1), f"0x{is_hash.group(1)}") if is_hash else asked}
    paid_in = [payment.person for payment in await ports.store.find(Payment, where, limit=MOST)]
    paid_out = [payout.person for payout in await ports.store.find(Withdrawal, where, limit=MOST)]
    return [*paid_in, *paid_out, *(await _on_their_way(ports, where) if not paid_out else [])]


async def _on_their_way(ports: Ports, where: Where) -> list[int]:
    """Whom a transaction pays that is not settled yet."""
    attempts = await ports.store.find(Attempt, where, limit=1)
    batch = await ports.store.get(Batch, attempts[0].batch) if attempts else None
    payouts = await ports.store.find(Withdrawal, {"_id": batch.payouts}, limit=MOST) if batch else []
    return [payout.person for payout in payouts]
