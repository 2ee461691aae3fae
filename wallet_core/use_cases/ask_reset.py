"""Ask for a reset of the second factor, without device and without recovery code."""

from __future__ import annotations

from wallet_core.domain.access_reset import AccessReset, reset_begun, reset_message
from wallet_core.domain.accounts import available, held
from wallet_core.domain.changes import Insert
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.waits import TOLD_EVERY
from wallet_core.ports import Ports
from wallet_core.use_cases.access_changes import guards_of
from wallet_core.use_cases.admins import admins_reaching
from wallet_core.use_cases.balances import balance_minor
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import use_case

#: From this level on a person's documents were checked.
_WITH_DOCUMENTS = 2


@use_case(Access.ENROLLED)
async def ask_reset(ports: Ports, caller: Caller) -> AccessReset:
    """Nothing leaves from now on; two admins check who asks, then it waits ``RESET_WAIT_SECONDS``.

    Raises ``Refused``: UNDER_WAY, NOT_YET for a while after one was cancelled with a code, and NEEDS_DOCUMENTS where
    there is more money than may be reset by what support knows of the person alone.
    """
    guards = await guards_of(ports, caller.person)
    accounts = (available(caller.person), held(caller.person))
    balance = sum([await balance_minor(ports.store, account) for account in accounts])
    limit = ports.settings.itd("reset_without_documents_up_to")
    if guards.level < _WITH_DOCUMENTS and balance > limit:
        raise Refused(Reason.NEEDS_DOCUMENTS, limit_minor=limit)
    now = await ports.store.now()
    reset = AccessReset(
        id=new_id(), person=caller.person, level=guards.level, balance_minor=balance, tell_at=now + TOLD_EVERY
    )
    facts = {"id": reset.id, "person": reset.person, "level": reset.level, "balance_minor": balance}
    checkers = [
        admin for admin in await admins_reaching(ports.store, ports.vault, Access.FINANCE) if admin.id != caller.person
    ]
    posting = Posting(
        f"reset:{reset.id}",
        "reset_asked",
        caller.name,
        changes=(reset_begun(caller.person, reset.id), Insert(reset, stamp="created_at")),
        messages=(reset_message(reset), *(Message(admin.id, "reset_waiting", facts) for admin in checkers)),
        people=(caller.person,),
        facts={"reset": reset.id},
    )
    await ports.ledger.post(posting)
    return reset
