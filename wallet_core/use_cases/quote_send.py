"""Offer to send ITD to somebody: who, how much, and what would be left."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.domain.debt import refuse_owing
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.intent import Intent, IntentKind
from wallet_core.domain.kyc import Operation
from wallet_core.domain.mode import Doing
from wallet_core.domain.people import Access, Caller, Person
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import admit, use_case
from wallet_core.use_cases.intents import amount_of, check_covered, expiry, offer
from wallet_core.use_cases.limits import Remaining, limits_today
from wallet_core.use_cases.switchboard import refuse_shut


@dataclass(frozen=True, slots=True)
class SendQuote:
    """The offer, and what is left after it: the balance in ITD minor units and today's limit."""

    intent: Intent
    recipient: Person
    balance_after_minor: int
    remaining: Remaining


@use_case(Access.ENROLLED)
async def quote_send(ports: Ports, caller: Caller, amount_text: str, recipient_text: str) -> SendQuote:
    """Checks everything that can be checked before asking, and moves nothing.

    Raises ``Refused`` for what is switched off, the amount, the recipient, the limit or the balance, LEVELS_UNSOUND,
    and for who owes.
    """
    await refuse_shut(ports, Doing.SEND)
    amount_minor = amount_of(amount_text, ports.settings.itd("min_send"))
    recipient = await _recipient(ports, caller, recipient_text)
    fee_minor = ports.settings.itd("send_fee")
    limits = await limits_today(ports)
    guards = await admit(ports, caller, Access.ENROLLED)
    refuse_owing(guards)
    left = limits.check(guards, Operation.SEND, amount_minor)
    after_minor = await check_covered(ports, caller.person, amount_minor + fee_minor)
    intent = Intent(
        id=new_id(),
        person=caller.person,
        kind=IntentKind.SEND,
        created_at=limits.when.now,
        expires_at=expiry(ports, limits.when.now),
        amount_minor=amount_minor,
        fee_minor=fee_minor,
        recipient=recipient.id,
        recipient_name=recipient.display_name,
    )
    return SendQuote(await offer(ports, caller, intent), recipient, after_minor, left)


async def _recipient(ports: Ports, caller: Caller, text: str) -> Person:
    key = text.strip().removeprefix("@").lower()
    found = await ports.store.find(Person, {"username_key": key}, limit=2) if key else []
    if len(found) != 1:
        raise Refused(Reason.UNKNOWN_RECIPIENT, recipient=text.strip()[:64])
    person = found[0]
    if person.id == caller.person:
        raise Refused(Reason.RECIPIENT_IS_SELF)
    guards = await ports.store.get(Guards, person.id)
    if guards is None or not guards.enrolled:
        raise Refused(Reason.RECIPIENT_NOT_ENROLLED, recipient=person.display_name)
    return person
