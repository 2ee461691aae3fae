"""Offer to send ITD: to whom, how much, and what would be left."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.domain.claimable import ClaimBy
from wallet_core.domain.debt import refuse_owing
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.intent import Intent, IntentKind
from wallet_core.domain.kyc import Operation
from wallet_core.domain.note import note_of
from wallet_core.domain.people import Access, Caller, Person
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import admit, use_case
from wallet_core.use_cases.intents import amount_of, check_covered, expiry, offer
from wallet_core.use_cases.limits import Remaining, check_limit, today


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who shall have it, by the numeric id, as they are called at this moment."""

    id: int
    name: str
    username: str | None = None
    #: Whether they have an account here; else it waits for them.
    joined: bool = True


@dataclass(frozen=True, slots=True)
class Picked:
    """Somebody whom the sender chose from their contacts; Telegram tells the id, and perhaps a name."""

    id: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class ByLink:
    """Whoever shows the link, once the sender has said that it is the right one."""


@dataclass(frozen=True, slots=True)
class SendQuote:
    """The offer, and what is left after it: the balance in ITD minor units and today's limit.

    ``recipient`` is None for a send by link.
    """

    intent: Intent
    recipient: Recipient | None
    balance_after_minor: int
    remaining: Remaining


@use_case(Access.ENROLLED)
async def quote_send(
    ports: Ports, caller: Caller, amount_text: str, to: str | Picked | ByLink, note: str = ""
) -> SendQuote:
    """Checks everything that can be checked before asking, and moves nothing. ``to``: ``@name``, or who was picked.

    Raises ``Refused`` for the amount, the recipient, the note, the limit or the balance, and for who owes.
    """
    amount_minor = amount_of(amount_text, ports.settings.itd("min_send"))
    written = note_of(note)
    recipient = None if isinstance(to, ByLink) else await _recipient(ports, caller, to)
    fee_minor = ports.settings.itd("send_fee")
    when = await today(ports)
    guards = await admit(ports, caller, Access.ENROLLED)
    refuse_owing(guards)
    left = check_limit(guards, Operation.SEND, amount_minor, when)
    after_minor = await check_covered(ports, caller.person, amount_minor + fee_minor)
    intent = Intent(
        id=new_id(),
        person=caller.person,
        kind=IntentKind.SEND,
        created_at=when.now,
        expires_at=expiry(ports, when.now),
        amount_minor=amount_minor,
        fee_minor=fee_minor,
        recipient=recipient.id if recipient else None,
        recipient_name=recipient.name if recipient else None,
        claim_by=_claim_by(recipient),
        note=written,
    )
    return SendQuote(await offer(ports, caller, intent), recipient, after_minor, left)


def _claim_by(recipient: Recipient | None) -> ClaimBy | None:
    """How it is claimed, if it has to be. Whoever joins before it is confirmed has it at once."""
    if recipient is None:
        return ClaimBy.LINK
    return None if recipient.joined else ClaimBy.PERSON


async def _recipient(ports: Ports, caller: Caller, to: str | Picked) -> Recipient:
    found = await _picked(ports, to) if isinstance(to, Picked) else await _named(ports, to)
    if found.id == caller.person:
        raise Refused(Reason.RECIPIENT_IS_SELF)
    return found


async def _picked(ports: Ports, picked: Picked) -> Recipient:
    person = await ports.store.get(Person, picked.id)
    if person is None:
        return Recipient(picked.id, picked.name or str(picked.id), joined=False)
    return await _known(ports, person)


async def _named(ports: Ports, text: str) -> Recipient:
    key = text.strip().removeprefix("@").lower()
    found = await ports.store.find(Person, {"username_key": key}, limit=2) if key else []
    if len(found) != 1:
        raise Refused(Reason.UNKNOWN_RECIPIENT, recipient=text.strip()[:64])
    return await _known(ports, found[0])


async def _known(ports: Ports, person: Person) -> Recipient:
    guards = await ports.store.get(Guards, person.id)
    joined = guards is not None and guards.enrolled
    return Recipient(person.id, person.display_name, person.username, joined)
