"""The card of a withdrawal in review: one for each admin who may decide, edited in place once it is decided."""

from __future__ import annotations

from typing import Any

from wallet_core.domain.ledger import Message
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Access, Caller, Person
from wallet_core.domain.policies import Decision
from wallet_core.domain.receipts import review_message
from wallet_core.ports import Ports
from wallet_core.use_cases.admins import admins_reaching


async def told_reviewers(ports: Ports, withdrawal: Withdrawal) -> tuple[Message, ...]:
    """That it waits for one of them."""
    return await _told(ports, withdrawal, {"state": PayoutState.REVIEW})


async def told_decided(
    ports: Ports, withdrawal: Withdrawal, by: Caller, after: PayoutState, *, why: str = ""
) -> tuple[Message, ...]:
    """Who decided what, in place of the buttons; ``by`` the person themselves when they took it back."""
    known = await ports.store.get(Person, by.person)
    facts = {"state": after, "decided_by": by.person, "decided_by_name": known.display_name if known else None}
    return await _told(ports, withdrawal, facts | ({"why": why} if why else {}))


async def _told(ports: Ports, withdrawal: Withdrawal, facts: dict[str, Any]) -> tuple[Message, ...]:
    reviewers = await admins_reaching(ports.store, ports.vault, Access.FINANCE)
    shown = review_message(withdrawal, Decision.model_validate(withdrawal.decision)).facts
    told = {**shown, "person": withdrawal.person, **facts}
    return tuple(
        Message(reviewer.id, "review_waiting", told, thread=f"review:{withdrawal.id}:{reviewer.id}")
        for reviewer in reviewers
    )
