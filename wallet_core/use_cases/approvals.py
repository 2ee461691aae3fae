"""What takes two admins: asking the others, and what each kind of approval carries out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from wallet_core.domain.approval import (
    Approval,
    ApprovalKind,
    approval_message,
    digest_of_what,
)
from wallet_core.domain.changes import Insert
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.people import OPERATOR, Caller, Person
from wallet_core.ports import Ports
from wallet_core.use_cases.admins import admins_reaching
from wallet_core.use_cases.approving.access_reset import ACCESS_RESET
from wallet_core.use_cases.approving.carried import Carried
from wallet_core.use_cases.approving.keys import KEYS
from wallet_core.use_cases.approving.level_table import LEVEL_TABLE
from wallet_core.use_cases.approving.mass_send import MASS_SEND
from wallet_core.use_cases.approving.policy_set import POLICY_SET
from wallet_core.use_cases.approving.role import ROLE
from wallet_core.use_cases.approving.withdrawal import WITHDRAWAL
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import if_allowed

#: What comes of each kind.
CARRIED: Final[Mapping[ApprovalKind, Carried]] = {
    ApprovalKind.KEYS: KEYS,
    ApprovalKind.MASS_SEND: MASS_SEND,
    ApprovalKind.ACCESS_RESET: ACCESS_RESET,
    ApprovalKind.LEVEL_TABLE: LEVEL_TABLE,
    ApprovalKind.POLICY_SET: POLICY_SET,
    ApprovalKind.ROLE: ROLE,
    ApprovalKind.WITHDRAWAL: WITHDRAWAL,
}


async def approval_of(ports: Ports, approval_id: str) -> Approval:
    """The approval. Raises ``Refused(NOT_FOUND)``."""
    approval = await ports.store.get(Approval, approval_id)
    if approval is None:
        raise Refused(Reason.NOT_FOUND, what=Approval.collection)
    return approval


def asked(ports: Ports, approval: Approval) -> Approval:
    """The question with its MAC."""
    return approval.model_copy(update={"mac": ports.vault.mac(approval.terms())})


def new_approval(
    ports: Ports, caller: Caller, kind: ApprovalKind, subject: str, *, digest: str, expires_at: datetime, **fields: Any
) -> Approval:
    """A question to the other admins, sealed; ``fields``: ``what``, ``amount_minor`` and ``above_minor``."""
    made = Approval(
        id=new_id(),
        kind=kind,
        subject=subject,
        digest=digest,
        asked_by=caller.person,
        expires_at=expires_at,
        **fields,
    )
    return asked(ports, made)


async def approval_saying(
    ports: Ports, caller: Caller, kind: ApprovalKind, subject: str, what: Mapping[str, Any]
) -> Approval:
    """A question that itself says what is to be done, in JSON's types. Good for ``APPROVAL_SECONDS``."""
    until = await ports.store.now() + timedelta(seconds=ports.settings.approval_seconds)
    digest = digest_of_what(kind, subject, what)
    return new_approval(ports, caller, kind, subject, digest=digest, expires_at=until, what=dict(what))


async def asking(ports: Ports, approval: Approval) -> Posting:
    """Asks the other admins; nothing is done before one of them says yes. Posted with the code of whoever asks."""
    by = Caller(approval.asked_by)
    own = () if by.person == OPERATOR else (if_allowed(ports, by.person, CARRIED[approval.kind].asks),)
    return Posting(
        f"approval_asked:{approval.id}",
        "approval_asked",
        by.name,
        changes=(*own, Insert(approval, stamp="created_at")),
        messages=await told_of(ports, approval),
        people=people_of(approval),
        facts={
            "approval": approval.id,
            "about": approval.kind,
            "subject": approval.subject,
            "digest": approval.digest,
            "what": approval.what,
        },
    )


def check_asked(ports: Ports, approval: Approval) -> None:
    """Raises ``InvariantViolated`` for a question that nobody asked, or that was changed since."""
    if not ports.vault.mac_fits(approval.terms(), approval.mac):
        raise InvariantViolated(f"approval {approval.id} was changed since it was asked for")


def people_of(approval: Approval) -> tuple[int, ...]:
    """Those in whose histories it stands: who asked, and who answered."""
    both = dict.fromkeys((approval.asked_by, approval.decided_by))
    return tuple(person for person in both if person is not None and person != OPERATOR)


async def told_of(ports: Ports, approval: Approval) -> tuple[Message, ...]:
    """What everybody who may decide, and whoever asked, reads of it now, each in a message of their own."""
    carried, facts = CARRIED[approval.kind], await facts_of(ports, approval)
    admins = await admins_reaching(ports.store, ports.vault, carried.approves)
    readers = dict.fromkeys(admin.id for admin in admins)
    if carried.has_card or approval.asked_by == OPERATOR:
        readers.pop(approval.asked_by, None)
    else:
        readers.setdefault(approval.asked_by)
    return tuple(approval_message(approval, reader, **facts) for reader in readers)


async def facts_of(ports: Ports, approval: Approval) -> dict[str, Any]:
    """What the admins are shown beside the approval itself."""
    names = {"asked_by_name": await _name(ports, approval.asked_by)}
    if approval.decided_by is not None:
        names["decided_by_name"] = await _name(ports, approval.decided_by)
    return {**names, **await CARRIED[approval.kind].facts(ports, approval)}


async def _name(ports: Ports, person: int) -> str | None:
    known = await ports.store.get(Person, person) if person != OPERATOR else None
    return known.display_name if known else None
