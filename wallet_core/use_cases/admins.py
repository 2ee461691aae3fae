"""Who the admins are: whose role was given by an owner or an operator, and is the last that they were given.

A role is sealed with the number of its change, and the journal's key of that change is kept for ever. So neither a role
that was written into the database counts, nor one that was taken away and put back with its old seal.
"""

from __future__ import annotations

from typing import Final

from wallet_core.domain.alert import NoteAlert, of_day
from wallet_core.domain.guards import Guards, sealed_role
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Role, roles_reaching
from wallet_core.domain.receipts import alarm_message
from wallet_core.ports import Ports, Store, Vault

_MOST_ADMINS: Final = 1_000


def role_key(person: int, number: int) -> str:
    """The journal's key of a person's change of role of this number."""
    return f"role:{person}:{number}"


async def role_of(ports: Ports, guards: Guards) -> Role | None:
    """The role that counts; the owners are told, once a day, of one that nobody gave."""
    role = sealed_role(guards, ports.vault.mac_fits)
    if role is not None and not await _is_outdated(ports.store, guards):
        return role
    if guards.role is not None:
        again = await ports.store.get(Guards, guards.id)
        if again and again.role_number != guards.role_number:
            # Looked at as closely: whoever has the database may write a third one in between.
            return await role_of(ports, again)
        await tell_owners(ports, "role_forged", f"{guards.id} {guards.role} {guards.role_number}", by="gate")
    return None


async def _is_outdated(store: Store, guards: Guards) -> bool:
    return await store.get(JournalRecord, role_key(guards.id, guards.role_number + 1)) is not None


async def admins_reaching(store: Store, vault: Vault, access: Access) -> list[Guards]:
    """Those whose sealed role reaches so far, enrolled or not."""
    found = await store.find(Guards, {"role": roles_reaching(access)}, limit=_MOST_ADMINS)
    sealed = [guards for guards in found if sealed_role(guards, vault.mac_fits)]
    return [guards for guards in sealed if not await _is_outdated(store, guards)]


async def tell_owners(ports: Ports, alarm: str, subject: str, *, by: str) -> None:
    """Posts an alarm about a subject once on each day (UTC): what was put right may be undone again."""
    subject = of_day(subject, await ports.store.now())
    owners = await admins_reaching(ports.store, ports.vault, Access.OWNER)
    await ports.ledger.post(
        Posting(
            f"alarm:{alarm}:{subject}",
            "alarm",
            by,
            changes=(NoteAlert(alarm, None, subject),),
            messages=tuple(alarm_message(owner.id, alarm, subject, frozen=False) for owner in owners),
            facts={"alarm": alarm, "subject": subject},
        )
    )
