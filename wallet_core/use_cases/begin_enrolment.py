"""Begin two-factor authentication: a secret that waits for its first code."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller, Person
from wallet_core.domain.two_factor import begin
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id, secret_bound_to
from wallet_core.use_cases.gate import use_case


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the person's authenticator needs: the ``otpauth://`` address, and the bare secret for typing in."""

    uri: str
    secret: str


@use_case(Access.ANYONE)
async def begin_enrolment(ports: Ports, caller: Caller) -> Enrolment:
    """A new secret, or the pending one again until its first code. Raises ``Refused(ALREADY_ENROLLED)``."""
    guards = await ports.store.get(Guards, caller.person) or Guards(id=caller.person)
    if guards.enrolled:
        raise Refused(Reason.ALREADY_ENROLLED)
    sealed = guards.pending_secret
    if sealed is None:
        sealed = ports.vault.seal(ports.totp.new_secret().encode(), bound_to=secret_bound_to(caller.person))
        posting = Posting(
            f"enrolment:{new_id()}",
            "enrolment_begun",
            caller.name,
            changes=(begin(caller.person, sealed),),
            people=(caller.person,),
        )
        await ports.ledger.post(posting)
    return await enrolment_of(ports, caller, sealed)


async def enrolment_of(ports: Ports, caller: Caller, sealed_secret: bytes) -> Enrolment:
    """What to show of a sealed secret."""
    secret = ports.vault.open(sealed_secret, bound_to=secret_bound_to(caller.person)).decode()
    person = await ports.store.get(Person, caller.person)
    account = (person.username or person.display_name) if person else str(caller.person)
    return Enrolment(ports.totp.uri(secret, account), secret)
