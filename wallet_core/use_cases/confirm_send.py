"""Send ITD to somebody, as it was offered; where they cannot have it now, it waits for them."""

from __future__ import annotations

from dataclasses import replace

from wallet_core.domain.card_lots import Leaving, divided, lots_given
from wallet_core.domain.claimable import ClaimableState, ClaimBy, public_message
from wallet_core.domain.debt import unless_owing
from wallet_core.domain.errors import AlreadyDone, InvariantViolated, Reason
from wallet_core.domain.guards import ChangeGuards, if_enrolled, unless_frozen
from wallet_core.domain.intent import Intent, IntentKind, IntentState, confirmed
from wallet_core.domain.kyc import Operation
from wallet_core.domain.ledger import Message, Posting, Receipt
from wallet_core.domain.mode import Doing, WhileOpen
from wallet_core.domain.movements import sent
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.two_factor import spend_without_code
from wallet_core.ports import Ports
from wallet_core.use_cases.balances import send_from
from wallet_core.use_cases.codes import accepted_code, post_anew, post_decided
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.intents import own_intent
from wallet_core.use_cases.limits import LimitsToday, limits_today
from wallet_core.use_cases.requests import requested
from wallet_core.use_cases.sending import Held, can_receive, holding, name_of, take_receive


@use_case(Access.ENROLLED)
async def confirm_send(ports: Ports, caller: Caller, intent_id: str, code: str | None = None) -> Receipt:
    """Moves the money and tells both people; or holds it, where the other one has not joined or has a full day.

    Raises ``AlreadyDone`` with the intent when it was confirmed before, and ``Refused``: CODE_NEEDED when this amount
    takes a code, what is wrong with the code, EXPIRED, FROZEN, a limit, LEVELS_UNSOUND, IN_DEBT, DISPUTED,
    INSUFFICIENT_FUNDS, WITHDRAW_ONLY or ALL_PAUSED. Nothing is debited then.
    """
    intent = await own_intent(ports, caller, intent_id, IntentKind.SEND)
    if intent.state is IntentState.CONFIRMED:
        raise AlreadyDone(intent)

    async def decide() -> Posting:
        limits = await limits_today(ports)
        if await _waits(ports, intent, limits):
            return await holding(ports, caller, _held(intent), limits)
        return await _posting(ports, caller, intent, limits)

    if code is not None:
        return await post_decided(ports, caller, await accepted_code(ports, caller, code), decide)
    codeless = spend_without_code(caller.person, intent.amount_minor, ports.settings.itd("send_totp_above"))
    return await post_anew(ports, codeless, decide)


async def _waits(ports: Ports, intent: Intent, limits: LimitsToday) -> bool:
    if intent.request is not None:
        # What is held may come back, and a request that was paid must not be unpaid again.
        return False
    if intent.recipient is None:
        return intent.claim_by is ClaimBy.LINK
    return not await can_receive(ports, intent.recipient, intent.amount_minor, limits)


def _held(intent: Intent) -> Held:
    return Held(
        intent.id,
        intent.claim_by or ClaimBy.PERSON,
        intent.amount_minor,
        intent.fee_minor,
        intent.recipient,
        intent.recipient_name,
        intent.note,
        intent.group,
        (confirmed(intent.id),),
    )


async def _posting(ports: Ports, caller: Caller, intent: Intent, limits: LimitsToday) -> Posting:
    if intent.recipient is None:
        raise InvariantViolated(f"send {intent.id} has no recipient")
    received = take_receive(ports, limits, intent.recipient, intent.amount_minor)
    asked = await requested(ports, caller, intent)
    took = await send_from(ports, caller.person, intent.total_minor)
    return Posting(
        f"send:{intent.id}",
        "sent",
        caller.name,
        entries=sent(caller.person, intent.recipient, intent.amount_minor, intent.fee_minor),
        changes=(
            confirmed(intent.id),
            WhileOpen(Doing.SEND),
            unless_frozen(caller.person),
            unless_owing(caller.person),
            *took.changes,
            *_young_given(intent.recipient, took, intent.amount_minor),
            if_enrolled(intent.recipient, Reason.RECIPIENT_NOT_ENROLLED),
            limits.take(caller.person, Operation.SEND, intent.amount_minor),
            replace(received, refusal=Reason.RECIPIENT_LIMIT),
            *asked.changes,
        ),
        messages=(*await _messages(ports, caller, intent, intent.recipient), *asked.messages),
        people=(caller.person, intent.recipient),
        facts={"intent": intent.id, "sender": caller.person, "recipient": intent.recipient},
    )


def _young_given(recipient: int, took: Leaving, amount_minor: int) -> tuple[ChangeGuards, ...]:
    """What was young is so for the recipient too, until its time; the fee is paid out of the rest."""
    lots, _ = divided(took.taken, amount_minor)
    return (lots_given(recipient, lots),) if lots else ()


async def _messages(ports: Ports, caller: Caller, intent: Intent, recipient: int) -> tuple[Message, ...]:
    amounts = {
        "amount_minor": intent.amount_minor, "fee_minor": intent.fee_minor, "id": intent.id, "note": intent.note
    }  # fmt: skip
    to = {**amounts, "other_id": recipient, "other_name": intent.recipient_name}
    sender_name = await name_of(ports, caller.person)
    origin = {**amounts, "other_id": caller.person, "other_name": sender_name}
    told = Message(caller.person, "sent", to), Message(recipient, "received", origin)
    return (*told, *_publicly(intent, sender_name)) if intent.group is not None else told


def _publicly(intent: Intent, sender_name: str) -> tuple[Message, ...]:
    """What the group is told in which it was sent."""
    facts = {
        "by": ClaimBy.PERSON, "state": ClaimableState.CLAIMED, "amount_minor": intent.amount_minor,
        "note": intent.note, "sender_name": sender_name, "recipient_name": intent.recipient_name,
    }  # fmt: skip
    return (public_message(intent.person, intent.id, intent.group, facts),)
