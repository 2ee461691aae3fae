"""What takes two admins: asking the others, and what each kind of approval carries out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wallet_core.domain.approval import Approval, ApprovalKind, ApprovalState, approval_message
from wallet_core.domain.changes import Move
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.mass_send import MassSend, MassState, mass_facts, mass_message
from wallet_core.domain.people import Caller, Person, Role
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.mass_sends import mass_send_of, starting, unchanged

_MOST_ADMINS: Final = 100


@dataclass(frozen=True, slots=True)
class Carried:
    """How one kind of approval ends: by what it was asked for, or by nothing. ``facts``: what the others are shown."""

    approved: Callable[[Ports, Caller, Approval], Awaitable[Posting]]
    refused: Callable[[Ports, Caller, Approval], Awaitable[Posting]]
    facts: Callable[[Ports, Approval], Awaitable[Mapping[str, Any]]]


def asked(ports: Ports, approval: Approval) -> Approval:
    """The question with its MAC."""
    return approval.model_copy(update={"mac": ports.vault.mac(approval.terms())})


def new_approval(
    ports: Ports, caller: Caller, kind: ApprovalKind, subject: str, *, digest: str, **fields: Any
) -> Approval:
    """A question to the other admins, sealed; ``fields``: ``amount_minor``, ``above_minor``, ``expires_at``."""
    made = Approval(id=new_id(), kind=kind, subject=subject, digest=digest, asked_by=caller.person, **fields)
    return asked(ports, made)


def check_asked(ports: Ports, approval: Approval) -> None:
    """Raises ``InvariantViolated`` for a question that nobody asked, or that was changed since."""
    if not ports.vault.mac_fits(approval.terms(), approval.mac):
        raise InvariantViolated(f"approval {approval.id} was changed since it was asked for")


async def told_to_others(ports: Ports, approval: Approval) -> tuple[Message, ...]:
    """What the other admins read of it now, each in a message of their own."""
    admins = await ports.store.find(Guards, {"role": (Role.FINANCE, Role.OWNER)}, limit=_MOST_ADMINS)
    facts = await CARRIED[approval.kind].facts(ports, approval)
    others = (admin.id for admin in admins if admin.id != approval.asked_by)
    return tuple(approval_message(approval, other, **facts) for other in others)


async def _subject(ports: Ports, approval: Approval) -> MassSend:
    """The mass send as it was asked about. Raises ``Refused(CHANGED_MEANWHILE)`` when it is another one by now."""
    send = await mass_send_of(ports, approval.subject)
    if (send.digest, send.approval, send.total_minor) != (approval.digest, approval.id, approval.amount_minor):
        raise Refused(Reason.CHANGED_MEANWHILE, what=MassSend.collection)
    return send


async def _start(ports: Ports, caller: Caller, approval: Approval) -> Posting:
    return await starting(ports, caller, await _subject(ports, approval), MassState.APPROVAL)


async def _drop(ports: Ports, caller: Caller, approval: Approval) -> Posting:
    send = await _subject(ports, approval)
    cancelled = send.model_copy(update={"state": MassState.CANCELLED})
    before = frozenset({MassState.APPROVAL})
    return Posting(
        f"approval_refused:{approval.id}",
        "approval_refused",
        caller.name,
        changes=(Move(MassSend, send.id, before, MassState.CANCELLED, {}, unchanged(send), stamp="ended_at"),),
        messages=(mass_message(cancelled),),
        people=(send.person, caller.person),
        facts={"approval": approval.id, "mass_send": send.id},
    )


async def _facts(ports: Ports, approval: Approval) -> Mapping[str, Any]:
    send = await mass_send_of(ports, approval.subject)
    names = {"asked_by_name": await _name(ports, approval.asked_by)}
    if approval.decided_by is not None:
        names["decided_by_name"] = await _name(ports, approval.decided_by)
    return {"mass_send": mass_facts(send), **names}


async def _name(ports: Ports, person: int) -> str:
    known = await ports.store.get(Person, person)
    return known.display_name if known else str(person)


#: What comes of each kind.
CARRIED: Final[Mapping[ApprovalKind, Carried]] = {ApprovalKind.MASS_SEND: Carried(_start, _drop, _facts)}

__all__ = ["CARRIED", "ApprovalState", "Carried", "asked", "check_asked", "new_approval", "told_to_others"]
