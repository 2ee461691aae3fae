"""What a withdrawal and a refund go through alike, between the offer and the queue of payouts."""

from __future__ import annotations

from wallet_core.domain.changes import Move
from wallet_core.domain.errors import AlreadyDone, InvariantViolated
from wallet_core.domain.intent import Intent, IntentKind, IntentState
from wallet_core.domain.ledger import Posting
from wallet_core.domain.payout import Withdrawal
from wallet_core.domain.people import Caller
from wallet_core.domain.policies import Decision
from wallet_core.domain.record import Change
from wallet_core.ports import Ports
from wallet_core.use_cases.intents import own_intent


async def offered_payout(ports: Ports, caller: Caller, intent_id: str, kind: IntentKind) -> Intent:
    """The caller's own offer of this kind, with the terms that were shown.

    Raises ``AlreadyDone`` with the payout when it was requested before, and ``Refused`` NOT_FOUND or NOT_YOURS.
    """
    intent = await own_intent(ports, caller, intent_id, kind)
    if intent.state is IntentState.CONFIRMED:
        raise AlreadyDone(await ports.store.get(Withdrawal, intent.case or intent.id))
    # Between the card and the code somebody may have written into the database.
    if not ports.vault.mac_fits(intent.terms(), intent.mac):
        raise InvariantViolated(f"the terms of {kind} {intent.id} were changed after they were shown")
    return intent


def refusal(caller: Caller, intent: Intent, decision: Decision, *more: Change) -> Posting:
    """Ends an offer that the policies refuse; ``more`` keeps what they saw."""
    fields = {"decision": decision.model_dump()}
    return Posting(
        f"{intent.kind}_refused:{intent.id}",
        f"{intent.kind}_refused",
        caller.name,
        changes=(Move(Intent, intent.id, frozenset({IntentState.OPEN}), IntentState.REFUSED, fields), *more),
        people=(caller.person,),
        facts={"intent": intent.id, "verdict": decision.verdict},
    )
