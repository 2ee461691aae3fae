"""What a kind of approval has to say of itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wallet_core.domain.approval import Approval, digest_of_what
from wallet_core.domain.errors import InvariantViolated
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports

Ending = Callable[[Ports, Caller, Approval], Awaitable[Posting]]


async def nothing_done(_ports: Ports, caller: Caller, approval: Approval) -> Posting:
    """Nothing comes of what was asked; it was refused, or taken back."""
    return Posting(
        f"approval_refused:{approval.id}",
        "approval_refused",
        caller.name,
        facts={
            "approval": approval.id,
            "about": approval.kind,
            "subject": approval.subject,
            "digest": approval.digest,
        },
    )


async def no_more_facts(_ports: Ports, _approval: Approval) -> Mapping[str, Any]:
    """The approval itself says everything."""
    return {}


async def nothing_beside(_ports: Ports, _approval: Approval) -> None:
    """What is to be done stands nowhere but in the approval, which has a seal of its own."""


async def ready_always(_ports: Ports, _caller: Caller, _approval: Approval) -> None:
    """The card has everything that there is to look at."""


@dataclass(frozen=True, slots=True)
class Carried:
    """How one kind of approval ends, and who may ask and who may answer.

    ``approved`` makes the posting that carries it out: it must refuse with CHANGED_MEANWHILE when anything of what was
    asked is not so any more, in its changes as well. Who asks, who answers and the answer are added to it.
    """

    asks: Access
    approves: Access
    approved: Ending
    #: What is undone when it is refused or taken back.
    refused: Ending = nothing_done
    #: What the admins are shown beside the approval itself.
    facts: Callable[[Ports, Approval], Awaitable[Mapping[str, Any]]] = no_more_facts
    #: Raises ``InvariantViolated`` when what those are read from was changed in the database.
    sealed: Callable[[Ports, Approval], Awaitable[None]] = nothing_beside
    #: Raises ``Refused(NOT_LOOKED)`` for who has not opened yet what the card has no room for.
    ready: Callable[[Ports, Caller, Approval], Awaitable[None]] = ready_always
    #: Whether whoever asked reads of it on a card of its own.
    has_card: bool = False
    #: Whether the server's command line may be the second pair of eyes.
    operator_may: bool = False


def said(approval: Approval) -> dict[str, Any]:
    """What is to be done, where the approval itself says it. Raises ``InvariantViolated`` when it was changed."""
    if digest_of_what(approval.kind, approval.subject, approval.what) != approval.digest:
        raise InvariantViolated(f"approval {approval.id} says something else than what was asked for")
    return approval.what
