"""Other keys than were registered: once an owner agrees, they are used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from wallet_core.domain.approval import Approval
from wallet_core.domain.changes import Insert
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.key_register import KeyRegister
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.approving.carried import Carried, said


def register_key(number: int) -> str:
    """The journal's key of a version: kept for ever, so that a register cannot vanish unseen."""
    return f"keys:{number}"


async def free_number(ports: Ports, number: int) -> int:
    """The first version from this on that there never was: a register may have been removed from the database."""
    while await ports.store.get(JournalRecord, register_key(number)):
        number += 1
    return number


def registering(ports: Ports, by: str, number: int, parts: Mapping[str, str], **facts: Any) -> Posting:
    """The posting that makes these the registered keys."""
    made = KeyRegister(id=number, parts=dict(parts))
    sealed = made.model_copy(update={"mac": ports.vault.mac(made.terms())})
    return Posting(
        register_key(number),
        "keys_registered",
        by,
        changes=(Insert(sealed),),
        facts={"number": number, "parts": sealed.parts, "seal": sealed.mac, **facts},
    )


async def _use(ports: Ports, caller: Caller, approval: Approval) -> Posting:
    wanted = said(approval)
    newest = await ports.store.find(KeyRegister, {}, order_by=("-_id",), limit=1)
    if await free_number(ports, (newest[0].id if newest else 0) + 1) != wanted["number"]:
        raise Refused(Reason.CHANGED_MEANWHILE, what=KeyRegister.collection)
    facts = {"changed": wanted["changed"], "approval": approval.id}
    return registering(ports, caller.name, wanted["number"], wanted["parts"], **facts)


#: Asked by the server alone.
KEYS: Final = Carried(asks=Access.OWNER, approves=Access.OWNER, approved=_use)
