"""Offer to send something again and again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wallet_core.domain.changes import Insert
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Posting
from wallet_core.domain.note import note_of
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.recurrence import Every, Rule
from wallet_core.domain.recurring_send import RecurringSend, RecurringState
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.intents import amount_of, expiry
from wallet_core.use_cases.recurring import check_room
from wallet_core.use_cases.send_offers import Recipient, named

_DAYS: Final = {Every.DAY: range(1), Every.WEEK: range(7), Every.MONTH: range(1, 32)}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would be sent, to whom, and when first."""

    send: RecurringSend
    recipient: Recipient


@use_case(Access.ENROLLED)
async def propose_recurring(
    ports: Ports, caller: Caller, amount_text: str, to: str, rule: Rule, *, note: str = ""
) -> Proposal:
    """Checks everything that can be checked now, and sends nothing.

    Raises ``Refused`` for the amount, the recipient or the note; RECIPIENT_NOT_ENROLLED for somebody who has not
    joined; BAD_RULE for a rule of no calendar; TOO_MANY beyond twenty.
    """
    amount_minor = amount_of(amount_text, ports.settings.itd("min_send"))
    if rule.day not in _DAYS[rule.every] or not 0 <= rule.minute < 24 * 60:
        raise Refused(Reason.BAD_RULE)
    recipient = await named(ports, caller, to)
    if not recipient.joined:
        raise Refused(Reason.RECIPIENT_NOT_ENROLLED, recipient=recipient.name)
    await check_room(ports, caller.person)
    now = await ports.store.now()
    send = RecurringSend(
        id=new_id(),
        person=caller.person,
        recipient=recipient.id,
        recipient_name=recipient.name,
        amount_minor=amount_minor,
        note=note_of(note),
        rule=rule,
        state=RecurringState.PROPOSED,
        next_at=rule.next_after(now),
        expires_at=expiry(ports, now),
    )
    sealed = send.model_copy(update={"mac": ports.vault.mac(send.terms())})
    await ports.ledger.post(_proposed(caller, sealed))
    return Proposal(sealed, recipient)


def _proposed(caller: Caller, send: RecurringSend) -> Posting:
    return Posting(
        f"recurring_proposed:{send.id}",
        "recurring_proposed",
        caller.name,
        changes=(Insert(send, stamp="created_at"),),
        facts={"recurring": send.id},
    )
