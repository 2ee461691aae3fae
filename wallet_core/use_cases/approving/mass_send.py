"""A mass send above the limit: once another admin agrees, it starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from wallet_core.domain.approval import Approval
from wallet_core.domain.changes import Move
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.ledger import Posting
from wallet_core.domain.mass_alone import alone_minor
from wallet_core.domain.mass_lines import look_key
from wallet_core.domain.mass_send import MassSend, MassState, mass_facts, mass_message
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.approving.carried import Carried
from wallet_core.use_cases.mass_sends import check_terms, mass_send_of, starting, unchanged


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
        facts={"approval": approval.id, "mass_send": send.id},
    )


async def _facts(ports: Ports, approval: Approval) -> Mapping[str, Any]:
    send = await mass_send_of(ports, approval.subject)
    if send.started_at is None:
        # As it is now: others may have been started since the preview.
        guards = await ports.store.get(Guards, send.person) or Guards(id=send.person)
        send = send.model_copy(update={"alone_minor": alone_minor(guards, await ports.store.now())})
    return {"mass_send": mass_facts(send)}


async def _sealed(ports: Ports, approval: Approval) -> None:
    check_terms(ports, await mass_send_of(ports, approval.subject))


async def _ready(ports: Ports, caller: Caller, approval: Approval) -> None:
    """Two pairs of eyes are no second pair where one of them never saw a recipient."""
    look = await ports.store.get(JournalRecord, look_key(approval.subject, caller.person))
    if look is None or look.facts.get("digest") != approval.digest:
        raise Refused(Reason.NOT_LOOKED, what=MassSend.collection)


MASS_SEND: Final = Carried(
    asks=Access.FINANCE,
    approves=Access.FINANCE,
    approved=_start,
    refused=_drop,
    facts=_facts,
    sealed=_sealed,
    ready=_ready,
    has_card=True,
)
