"""The card of a send, whatever led to it: who would get how much, and what would be left."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.domain.claimable import ClaimBy
from wallet_core.domain.debt import refuse_owing
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.intent import Intent, IntentKind
from wallet_core.domain.kyc import Operation
from wallet_core.domain.people import Access, Caller, Person
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import admit
from wallet_core.use_cases.intents import check_covered, expiry, offer
from wallet_core.use_cases.limits import Remaining, limits_today
from wallet_core.use_cases.sent_before import Earlier, imitated


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who shall have it, by the numeric id, as they are called at this moment."""

    id: int
    name: str
    username: str | None = None
    #: Whether they have an account here; else it waits for them.
    joined: bool = True


@dataclass(frozen=True, slots=True)
class AskedIn:
    """A group in which a send was asked for, and the intent's id, which the message that asked decides."""

    group: int
    intent: str


@dataclass(frozen=True, slots=True)
class SendQuote:
    """The offer, and what is left after it: the balance in ITD minor units and today's limit.

    ``recipient`` is None for a send by link.
    """

    intent: Intent
    recipient: Recipient | None
    balance_after_minor: int
    remaining: Remaining
    #: Somebody else, to whom was sent before, with a name that looks like the recipient's.
    looks_like: Earlier | None = None


async def recipient_of(ports: Ports, caller: Caller, person: Person) -> Recipient:
    """Somebody whom the bot has met. Raises ``Refused(RECIPIENT_IS_SELF)``."""
    if person.id == caller.person:
        raise Refused(Reason.RECIPIENT_IS_SELF)
    guards = await ports.store.get(Guards, person.id)
    joined = guards is not None and guards.enrolled
    return Recipient(person.id, person.display_name, person.username, joined)


async def named(ports: Ports, caller: Caller, text: str) -> Recipient:
    """Somebody by their ``@name``. Raises ``Refused`` UNKNOWN_RECIPIENT or RECIPIENT_IS_SELF."""
    key = text.strip().removeprefix("@").lower()
    found = await ports.store.find(Person, {"username_key": key}, limit=2) if key else []
    if len(found) != 1:
        raise Refused(Reason.UNKNOWN_RECIPIENT, recipient=text.strip()[:64])
    return await recipient_of(ports, caller, found[0])


async def picked(ports: Ports, caller: Caller, person_id: int, name: str) -> Recipient:
    """Somebody by their id, whether the bot has met them or not. Raises ``Refused(RECIPIENT_IS_SELF)``."""
    person = await ports.store.get(Person, person_id)
    if person is not None:
        return await recipient_of(ports, caller, person)
    return Recipient(person_id, name or str(person_id), joined=False)


async def offer_send(
    ports: Ports,
    caller: Caller,
    amount_minor: int,
    to: Recipient | None,
    *,
    note: str,
    request: str | None = None,
    asked_in: AskedIn | None = None,
) -> SendQuote:
    """Checks what can be checked before asking, and moves nothing. ``to`` None: whoever shows the link.

    ``asked_in``: the group that is told of it, and the id that the offer has then.

    Raises ``Refused`` for the limit or the balance, and for who owes.
    """
    fee_minor = ports.settings.itd("send_fee")
    limits = await limits_today(ports)
    guards = await admit(ports, caller, Access.ENROLLED)
    refuse_owing(guards)
    left = limits.check(guards, Operation.SEND, amount_minor)
    after_minor = await check_covered(ports, caller.person, amount_minor + fee_minor)
    intent = Intent(
        id=asked_in.intent if asked_in else new_id(),
        person=caller.person,
        kind=IntentKind.SEND,
        created_at=limits.when.now,
        expires_at=expiry(ports, limits.when.now),
        amount_minor=amount_minor,
        fee_minor=fee_minor,
        recipient=to.id if to else None,
        recipient_name=to.name if to else None,
        claim_by=_claim_by(to),
        note=note,
        request=request,
        group=asked_in.group if asked_in else None,
    )
    alike = await imitated(ports, caller, to.id, to.name, to.username) if to else None
    return SendQuote(await offer(ports, caller, intent), to, after_minor, left, alike)


def _claim_by(to: Recipient | None) -> ClaimBy | None:
    """How it is claimed, if it has to be. Whoever joins before it is confirmed has it at once."""
    if to is None:
        return ClaimBy.LINK
    return None if to.joined else ClaimBy.PERSON
